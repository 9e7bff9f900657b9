"""The desk's form of what a unit costs."""

from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.buying import Offer, price_of
from ledger.models import PurchaseTerms, Unit
from ledger.purchases import offer_of
from shops.desk.forms import AmountField

MOST = 10**12


class _FeeField(AmountField):
    """An amount that may be nothing."""

    def clean(self, value: Any) -> Any:
        text = str(value or "").strip()
        return 0 if not text.strip("0.,") else super().clean(value)


class PurchaseTermsForm(forms.Form):
    """
    Whether members can buy a unit, and what it costs.

    Amounts are decimal numbers of the unit or of the currency. Stored value is money, so its price is not asked.
    """

    is_offered = forms.BooleanField(label=_("For sale: members can buy it"), required=False)
    withdrawal_days = forms.IntegerField(
        label=_("Days to withdraw, as long as nothing was used"),
        help_text=_("0: no such right. Many countries ask for 14."),
        validators=[MinValueValidator(0), MaxValueValidator(366)],
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )

    field_order = ("is_offered", "step", "price", "fee", "minimum", "maximum", "max_per_year", "withdrawal_days")

    def __init__(self, data: Any = None, *, unit: Unit, stored: PurchaseTerms | None) -> None:
        self._unit = unit
        self._currency_decimals = unit.programme.currency_decimals
        super().__init__(data, initial=self._initial(stored))
        currency = {"currency": unit.programme.currency}
        self.fields["step"] = self._units(_("In steps of (%(unit)s)") % {"unit": unit.name})
        if not self._is_money:
            self.fields["price"] = self._money(_("Price of a step, in %(currency)s") % currency)
        self.fields["fee"] = _FeeField(
            label=_("Fee of each purchase, in %(currency)s") % currency,
            decimals=self._currency_decimals,
            required=False,
        )
        self.fields["minimum"] = self._units(_("At least, at once"))
        self.fields["maximum"] = self._units(_("At most, at once"))
        self.fields["max_per_year"] = self._units(
            _("At most, for a member in a calendar year"), required=False, help_text=_("Empty: no limit.")
        )
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        values = self.cleaned_data
        step = values.get("step")
        if step is not None:
            self._check_steps(step)
        least, most, limit = (values.get(name) for name in ("minimum", "maximum", "max_per_year"))
        if least is not None and most is not None and most < least:
            self.add_error("maximum", _("Not less than the least."))
        if least is not None and limit is not None and limit < least:
            self.add_error("max_per_year", _("Not less than the least."))
        if not self.errors and max(self.offer.maximum, price_of(self.offer, self.offer.maximum).total) > MOST:
            self.add_error("maximum", _("So much is not sold at once."))
        return values

    @property
    def offer(self) -> Offer:
        """What the valid form says."""
        values = self.cleaned_data
        return Offer(
            step=values["step"],
            price=self._worth(values["step"]) if self._is_money else values["price"],
            fee=values["fee"] or 0,
            minimum=values["minimum"],
            maximum=values["maximum"],
            max_per_year=values["max_per_year"],
            withdrawal_days=values["withdrawal_days"],
        )

    @property
    def _is_money(self) -> bool:
        return self._unit.klass == Unit.Klass.STORED_VALUE

    def _worth(self, amount: int) -> int:
        """An amount of stored value as money."""
        return int(amount * 10**self._currency_decimals // 10**self._unit.decimals)

    def _check_steps(self, step: int) -> None:
        if self._is_money and self._worth(step) * 10**self._unit.decimals != step * 10**self._currency_decimals:
            self.add_error("step", _("A step has to be an amount of money that can be paid."))
        for name in ("minimum", "maximum"):
            amount = self.cleaned_data.get(name)
            if amount is not None and amount % step:
                self.add_error(name, _("It has to be whole steps."))

    def _units(self, label: Any, **options: Any) -> AmountField:
        return AmountField(label=label, decimals=self._unit.decimals, **options)

    def _money(self, label: Any) -> AmountField:
        return AmountField(label=label, decimals=self._currency_decimals)

    def _initial(self, stored: PurchaseTerms | None) -> dict[str, Any]:
        one, coin = 10**self._unit.decimals, 10**self._currency_decimals
        usual = (
            Offer(5 * one, 5 * coin, 0, 5 * one, 200 * one, None, 14)
            if self._is_money
            else Offer(1000 * one, 15 * coin, 0, 1000 * one, 100_000 * one, None, 14)
        )
        offer = offer_of(stored) if stored else usual

        def units(amount: int) -> str:
            return format_minor(amount, decimals=self._unit.decimals)

        return {
            "is_offered": stored.is_offered if stored else True,
            "step": units(offer.step),
            "price": format_minor(offer.price, decimals=self._currency_decimals),
            "fee": format_minor(offer.fee, decimals=self._currency_decimals),
            "minimum": units(offer.minimum),
            "maximum": units(offer.maximum),
            "max_per_year": "" if offer.max_per_year is None else units(offer.max_per_year),
            "withdrawal_days": offer.withdrawal_days,
        }
