"""The desk's form of what a unit is worth at the checkout."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.models import Unit
from ledger.paying import Terms
from shops.desk.forms import AmountField


class PaymentForm(forms.Form):
    """
    Whether a unit pays at the checkout, and on which terms.

    Amounts are decimal numbers of the unit or of the currency. Stored value is money, so its worth is not asked.
    """

    is_accepted = forms.BooleanField(label=_("Accepted: customers can pay with it"), required=False)
    share_percent = forms.IntegerField(
        label=_("Of an order, at most (percent)"),
        validators=[MinValueValidator(1), MaxValueValidator(100)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    earns = forms.TypedChoiceField(
        label=_("What is paid with it"),
        choices=[("0", _("earns nothing")), ("1", _("earns points, like money"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )

    field_order = ("is_accepted", "units", "money", "minimum", "maximum", "step", "share_percent", "earns")

    def __init__(self, data: Any = None, *, unit: Unit, stored: tuple[Terms, bool] | None) -> None:
        self._unit = unit
        self._currency_decimals = unit.programme.currency_decimals
        super().__init__(data, initial=self._initial(stored))
        if not self._is_money:
            self.fields["units"] = self._units(_("So many %(unit)s") % {"unit": unit.name})
            self.fields["money"] = AmountField(
                label=_("are worth, in %(currency)s") % {"currency": unit.programme.currency},
                decimals=self._currency_decimals,
            )
        self.fields["minimum"] = self._units(_("At least, for one order"))
        self.fields["maximum"] = self._units(
            _("At most, for one order"), required=False, help_text=_("Empty: no limit.")
        )
        self.fields["step"] = self._units(_("In steps of"))
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        minimum, maximum = self.cleaned_data.get("minimum"), self.cleaned_data.get("maximum")
        if minimum is not None and maximum is not None and maximum < minimum:
            self.add_error("maximum", _("Not less than the least."))
        return self.cleaned_data

    @property
    def terms(self) -> Terms:
        """What the valid form says."""
        values = self.cleaned_data
        units, money = 10**self._unit.decimals, 10**self._currency_decimals
        return Terms(
            units=values.get("units", units),
            money=values.get("money", money),
            minimum=values["minimum"],
            maximum=values["maximum"],
            step=values["step"],
            share_percent=values["share_percent"],
            earns=values["earns"],
        )

    @property
    def _is_money(self) -> bool:
        return self._unit.klass == Unit.Klass.STORED_VALUE

    def _units(self, label: Any, **options: Any) -> AmountField:
        return AmountField(label=label, decimals=self._unit.decimals, **options)

    def _initial(self, stored: tuple[Terms, bool] | None) -> dict[str, Any]:
        one = 10**self._unit.decimals
        terms, is_accepted = stored or (
            Terms(100 * one, 10**self._currency_decimals, minimum=one, step=one, earns=self._is_money),
            True,
        )
        most = terms.maximum
        return {
            "is_accepted": is_accepted,
            "units": format_minor(terms.units, decimals=self._unit.decimals),
            "money": format_minor(terms.money, decimals=self._currency_decimals),
            "minimum": format_minor(terms.minimum, decimals=self._unit.decimals),
            "maximum": "" if most is None else format_minor(most, decimals=self._unit.decimals),
            "step": format_minor(terms.step, decimals=self._unit.decimals),
            "share_percent": terms.share_percent,
            "earns": "1" if terms.earns else "0",
        }
