"""The desk's forms about staff."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _

from shops.models import Programme, Shop, StaffRole, User
from shops.policy import Role

SHOP_FLOOR = {Role.CASHIER, Role.SHOP_MANAGER}


def _zones(*, empty: Any = None) -> list[tuple[str, Any]]:
    names = [(name, name.replace("_", " ")) for name in sorted(available_timezones()) if "/" in name or name == "UTC"]
    return names if empty is None else [("", empty), *names]


class ProgrammeForm(forms.Form):
    """What of a programme can be changed."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Customers read it."))
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=_zones, help_text=_("Points expire at the end of its days.")
    )
    colour = forms.RegexField(
        r"^#[0-9a-f]{6}$",
        label=_("Brand colour"),
        widget=forms.TextInput(attrs={"type": "color"}),
        help_text=_("Of the customers' pages. Text on it stays readable whatever you choose."),
    )
    refund_order = forms.ChoiceField(
        label=_("When goods come back that were paid with points and money, give back"),
        choices=Programme.RefundOrder.choices,
        widget=forms.RadioSelect,
        help_text=_("For orders from now on: earlier ones are refunded as it was when they were placed."),
    )


class ShopForm(forms.Form):
    """What of a shop can be changed."""

    name = forms.CharField(label=_("Name"), max_length=80)
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: _zones(empty=_("The programme's")), required=False
    )
    is_open = forms.BooleanField(label=_("Open: staff can serve customers here"), required=False)


class NewShopForm(forms.Form):
    """A shop that is to be."""

    name = forms.CharField(label=_("Name"), max_length=80)
    code = forms.SlugField(
        label=_("Code"), max_length=40, help_text=_("How orders name it, such as harbour. It can't be changed later.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=lambda: _zones(empty=_("The programme's")), required=False
    )
    field_order = ("programme", "name", "code", "time_zone")

    def __init__(self, *args: Any, programmes: list[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programmes = programmes
        if len(programmes) > 1:
            self.fields["programme"] = _programme_choice(programmes)
            self.order_fields(self.field_order)

    @property
    def programme(self) -> Programme:
        chosen: Programme = self.cleaned_data.get("programme") or self._programmes[0]
        return chosen

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if (
            "programme" not in self.errors
            and Shop.objects.filter(programme=self.programme, code=values.get("code")).exists()
        ):
            self.add_error("code", _("Another shop has this code."))
        return values


class SignInForm(forms.Form):
    """What of a sign-in can be changed; the switch is missing on one's own."""

    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    is_active = forms.BooleanField(label=_("May sign in"), required=False)

    def __init__(self, *args: Any, may_switch: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_switch:
            del self.fields["is_active"]


def _programme_choice(programmes: list[Programme]) -> "forms.ModelChoiceField[Programme]":
    rows = Programme.objects.filter(pk__in=[row.pk for row in programmes]).order_by("name", "pk")
    return forms.ModelChoiceField(label=_("Programme"), queryset=rows)


class HireForm(forms.Form):
    """Who gets which role where. `programmes` are those in which the person at the desk may give roles."""

    email = forms.EmailField(label=_("E-mail address"), help_text=_("They sign in with it."))
    name = forms.CharField(label=_("Name"), max_length=120, required=False)
    role = forms.ChoiceField(label=_("Role"), choices=StaffRole.Role.choices)
    shop = forms.ModelChoiceField(
        label=_("Shop"),
        queryset=Shop.objects.none(),
        required=False,
        help_text=_("For cashiers and shop managers: where they work. Other roles are for the whole programme."),
    )
    password = forms.CharField(
        label=_("First password"),
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("For people who are new here. Who has a sign-in already keeps theirs."),
    )

    def __init__(self, *args: Any, programmes: list[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programmes = programmes
        shops: Any = self.fields["shop"]
        shops.queryset = Shop.objects.filter(programme__in=programmes).order_by("name", "pk")
        if len(programmes) > 1:
            self.fields = {"programme": _programme_choice(programmes), **self.fields}

    @property
    def programme(self) -> Programme:
        chosen: Programme = self.cleaned_data.get("programme") or self._programmes[0]
        return chosen

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        if "role" in values and "shop" in values and "programme" not in self.errors:
            self._clean_place(values["role"], values["shop"])
        if values.get("email"):
            self._clean_password(values["email"], values.get("password", ""))
        return values

    def _clean_place(self, role: str, shop: Shop | None) -> None:
        if role in SHOP_FLOOR and shop is None:
            self.add_error("shop", _("Say in which shop they work."))
        if role not in SHOP_FLOOR and shop is not None:
            self.add_error("shop", _("This role is for the whole programme: leave the shop empty."))
        if shop is not None and shop.programme_id != self.programme.pk:
            self.add_error("shop", _("This shop belongs to another programme."))

    def _clean_password(self, email: str, password: str) -> None:
        if User.objects.filter(email__iexact=email).exists():
            return
        try:
            password_validation.validate_password(password, User(email=email))
        except forms.ValidationError as refusal:
            self.add_error("password", refusal)


class PasswordForm(forms.Form):
    """A new password for somebody else."""

    password = forms.CharField(
        label=_("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least 12 characters. Tell it to them in person: they can change it after signing in."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        password_validation.validate_password(password, self._user)
        return password
