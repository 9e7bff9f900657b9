"""What the desk asks about refunds of purchases."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.purchases import Purchase
from ledger.queries import Unit
from shops.desk.forms import AmountField


class RefundForm(forms.Form):
    """How much money was given back now; points go back as a whole, so nothing is asked about them."""

    is_given = forms.BooleanField(
        label=_("The money was given back"), error_messages={"required": _("Give the money back first.")}
    )
    field_order = ("money", "is_given")

    def __init__(self, data: Any = None, *, purchase: Purchase) -> None:
        super().__init__(data)
        self._left = purchase.captured - purchase.refunded
        if purchase.unit.klass == Unit.Klass.STORED_VALUE:
            decimals = purchase.unit.programme.currency_decimals
            self.fields["money"] = AmountField(
                label=_("So much of it, in %(currency)s") % {"currency": purchase.currency},
                decimals=decimals,
                initial=format_minor(self._left, decimals=decimals),
            )
        self.order_fields(self.field_order)

    def clean_money(self) -> int:
        money: int = self.cleaned_data["money"]
        if money > self._left:
            raise forms.ValidationError(_("Not more than was paid and not given back yet."))
        return money

    @property
    def amount(self) -> int:
        """What the valid form says, in minor units of the currency."""
        return int(self.cleaned_data.get("money", self._left))
