"""What staff type at the counter."""

from typing import Any

from django import forms
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from ledger.queries import Unit
from shops import attempts
from shops.attempts import Door
from shops.desk.forms import AmountField
from shops.errors import TooManyAttempts
from shops.models import Device, Programme, Shop, User


class SignInForm(forms.Form):
    """
    Address and password, tries limited exactly.

    An enrolled device counts for itself, so that nobody far away can lock a cashier out of the till.
    """

    email = forms.EmailField(
        label=_("E-mail address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )

    def __init__(self, request: HttpRequest, device: Device | None, *args: Any) -> None:
        super().__init__(*args)
        # After a refusal it is the password that is typed again.
        first = "password" if self.is_bound else "email"
        self.fields[first].widget.attrs["autofocus"] = True
        self._request = request
        self._device = device
        self.user: User | None = None

    def clean(self) -> dict[str, Any]:
        address, password = self.cleaned_data.get("email"), self.cleaned_data.get("password")
        if not address or not password:
            return self.cleaned_data
        subject = f"{address} at device {self._device.pk}" if self._device else address
        self._take_a_try(subject)
        user = authenticate(self._request, username=address, password=password)
        if user is None:
            raise ValidationError(_("The address or the password is wrong."), code="wrong")
        attempts.forget(door=Door.COUNTER, subject=subject)
        self.user = user
        return self.cleaned_data

    def _take_a_try(self, subject: str) -> None:
        try:
            attempts.take(door=Door.COUNTER, subject=subject, at=timezone.now())
        except TooManyAttempts as refusal:
            raise ValidationError(
                _("Too many tries with this address. You can try again at %(until)s."),
                code=refusal.code,
                params={"until": date_format(timezone.localtime(refusal.facts["until"]), "H:i e")},  # type: ignore[arg-type]
            ) from refusal


class EnrolForm(forms.Form):
    """Which shop this device is used in, and what it is called in lists."""

    name = forms.CharField(
        label=_("Name of this device"),
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Till 1, Eva's phone")}),
    )

    def __init__(self, shops: QuerySet[Shop], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shop"] = forms.ModelChoiceField(
            label=_("Shop"), queryset=shops, initial=shops.first(), empty_label=None, widget=forms.RadioSelect
        )


class ScanForm(forms.Form):
    """What was scanned or typed; `nonce` names this scan, so that sending it twice is one scan."""

    code = forms.CharField(max_length=200)
    nonce = forms.UUIDField()


class ReserveForm(forms.Form):
    """The chosen reward, and whose points are to pay it; `key` names this press of the button."""

    reward = forms.SlugField(max_length=40)
    household = forms.BooleanField(required=False)
    key = forms.UUIDField()


class BillForm(forms.Form):
    """What the customer is to pay."""

    def __init__(self, data: Any, *, programme: Programme) -> None:
        super().__init__(data)
        self.fields["total"] = AmountField(
            label=_("Total of the bill in %(currency)s") % {"currency": programme.currency},
            decimals=programme.currency_decimals,
        )


class SellForm(forms.Form):
    """How much of a unit the customer buys; `key` names this press of the button."""

    key = forms.UUIDField()

    def __init__(self, data: Any, *, unit: Unit) -> None:
        super().__init__(data)
        self.fields["amount"] = AmountField(decimals=unit.decimals)


class ReceiptForm(forms.Form):
    """The number on the till's receipt, which names the payment."""

    receipt = forms.RegexField(
        r"^[A-Za-z0-9][A-Za-z0-9 ./_-]*$",
        label=_("Number of the receipt"),
        max_length=40,
        error_messages={"invalid": _("Letters, digits, and . / - _ between them.")},
    )


class PaymentForm(BillForm):
    """
    How much of a unit pays the bill, the customer's own or their household's; `key` names this press of the button.
    """

    key = forms.UUIDField()
    household = forms.BooleanField(required=False)

    def __init__(self, data: Any, *, programme: Programme, unit: Unit) -> None:
        super().__init__(data, programme=programme)
        self.fields["amount"] = AmountField(decimals=unit.decimals)
