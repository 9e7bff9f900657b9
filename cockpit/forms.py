"""What members are asked."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor
from ledger.purchases import PurchaseQuote
from ledger.queries import Unit
from shops.desk.forms import AmountField


class NameForm(forms.Form):
    """The name on the card."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )


class ExchangeForm(forms.Form):
    """How much is converted. `key` is the page's own, so that a second tap is the first one again."""

    chunks = forms.IntegerField(label=_("How much?"), min_value=1, max_value=10**12)
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(
        self, asked: Mapping[str, str] | None = None, *, choices: Sequence[tuple[int, str]] = (), key: str = ""
    ) -> None:
        super().__init__(asked, initial={"key": key}, auto_id=f"exchange_{key}_%s")
        self.fields["chunks"].widget = forms.Select(choices=choices)


class BuyForm(forms.Form):
    """
    How much is bought, and the price that was seen. `key` is the page's own, so that a second tap is the first one
    again.
    """

    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, str] | None = None, *, quote: PurchaseQuote, key: str = "") -> None:
        unit = quote.unit
        seen = format_minor(quote.price.total, decimals=unit.programme.currency_decimals)
        super().__init__(asked, initial={"key": key, "total": seen}, auto_id=f"buy_{unit.code}_%s")
        self.fields["amount"] = AmountField(decimals=unit.decimals)
        self.fields["total"] = AmountField(decimals=unit.programme.currency_decimals)
        self.fields["total"].widget = forms.HiddenInput()

    @staticmethod
    def amount_in(asked: Mapping[str, str], unit: Unit) -> int | None:
        """The amount that was asked for; None if it can't be read."""
        try:
            amount: int = AmountField(decimals=unit.decimals).clean(asked.get("amount", ""))
        except forms.ValidationError:
            return None
        return amount
