"""The desk's form of the terms on which members send each other a unit."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.models import Unit
from ledger.sending import TransferRules
from shops.desk.forms import AmountField

_NUMERIC = {"inputmode": "numeric", "autocomplete": "off"}


class TransferTermsForm(forms.Form):
    """Whether members may send a unit, how much, how often, for what fee, and whether the receiver has to accept."""

    is_offered = forms.BooleanField(label=_("Members may send it to each other"), required=False)
    made_daily = forms.IntegerField(
        label=_("Transfers a member may begin in a day"),
        required=False,
        validators=[MinValueValidator(1), MaxValueValidator(1000)],
        widget=forms.TextInput(attrs=_NUMERIC),
        help_text=_("Empty: no limit. Also what was withdrawn counts."),
    )
    fee_percent = forms.CharField(
        label=_("Fee, percent of the amount"),
        max_length=6,
        required=False,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
        help_text=_("With at most one decimal; rounded up."),
    )
    needs_acceptance = forms.TypedChoiceField(
        label=_("The receiver"),
        choices=[("1", _("has to accept")), ("0", _("has it at once"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    days_to_accept = forms.IntegerField(
        label=_("Days to accept"),
        validators=[MinValueValidator(1), MaxValueValidator(90)],
        widget=forms.TextInput(attrs=_NUMERIC),
        help_text=_("Whole days. An offer ends earlier if what it offers expires earlier."),
    )

    field_order = (
        *("is_offered", "minimum", "maximum", "step", "sent_monthly", "made_daily", "received_monthly"),
        *("fee_fixed", "fee_percent", "needs_acceptance", "days_to_accept"),
    )

    def __init__(self, data: Any = None, *, unit: Unit, stored: tuple[TransferRules, bool] | None) -> None:
        self._unit = unit
        super().__init__(data, initial=self._initial(stored))
        unlimited = _("Empty: no limit.")
        self.fields["minimum"] = self._units(_("At least, in one transfer"))
        self.fields["maximum"] = self._units(_("At most, in one transfer"), required=False, help_text=unlimited)
        self.fields["step"] = self._units(_("In steps of"))
        self.fields["sent_monthly"] = self._units(
            _("Sent by a member in a month, at most"), required=False, help_text=unlimited
        )
        self.fields["received_monthly"] = self._units(
            _("Received by a member in a month, at most"), required=False, help_text=unlimited
        )
        self.fields["fee_fixed"] = self._units(_("Fixed fee"), required=False, help_text=_("Empty: none."))
        self.order_fields(self.field_order)

    def clean_fee_percent(self) -> int:
        """Per mille."""
        text = self.cleaned_data["fee_percent"].strip().replace(",", ".") or "0"
        whole, _point, tenths = text.partition(".")
        if not (whole.isascii() and whole.isdigit() and len(tenths) <= 1 and (tenths or "0").isdigit()):
            raise forms.ValidationError(_("Write a number such as 2 or 2.5."))
        permille = int(whole) * 10 + int(tenths or 0)
        if permille > 1000:
            raise forms.ValidationError(_("At most 100 percent."))
        return permille

    def clean(self) -> dict[str, Any]:
        minimum, maximum = self.cleaned_data.get("minimum"), self.cleaned_data.get("maximum")
        if minimum is not None and maximum is not None and maximum < minimum:
            self.add_error("maximum", _("Not less than the least."))
        return self.cleaned_data

    @property
    def rules(self) -> TransferRules:
        """What the valid form says."""
        values = self.cleaned_data
        return TransferRules(
            minimum=values["minimum"],
            maximum=values["maximum"],
            step=values["step"],
            sent_monthly=values["sent_monthly"],
            made_daily=values["made_daily"],
            received_monthly=values["received_monthly"],
            fee_fixed=values["fee_fixed"] or 0,
            fee_permille=values["fee_percent"],
            needs_acceptance=values["needs_acceptance"],
            days_to_accept=values["days_to_accept"],
        )

    def _units(self, label: Any, **options: Any) -> AmountField:
        return AmountField(label=label, decimals=self._unit.decimals, **options)

    def _initial(self, stored: tuple[TransferRules, bool] | None) -> dict[str, Any]:
        one = 10**self._unit.decimals
        rules, is_offered = stored or (TransferRules(minimum=one, step=one), True)
        amounts = ("minimum", "maximum", "step", "sent_monthly", "received_monthly")
        return {
            "is_offered": is_offered,
            **{name: self._text(getattr(rules, name)) for name in amounts},
            "made_daily": rules.made_daily,
            "fee_fixed": self._text(rules.fee_fixed or None),
            "fee_percent": format_minor(rules.fee_permille, decimals=1) if rules.fee_permille else "",
            "needs_acceptance": "1" if rules.needs_acceptance else "0",
            "days_to_accept": rules.days_to_accept,
        }

    def _text(self, amount: int | None) -> str:
        return "" if amount is None else format_minor(amount, decimals=self._unit.decimals)
