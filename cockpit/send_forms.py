"""What a member is asked who sends something to another."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kernel.amounts import parse_minor
from ledger.queries import Unit
from members.transferring import LONGEST_MESSAGE, tidied

_LARGEST = 10**15


class SendForm(forms.Form):
    """To whom, how much, with which words. With one unit to send there is no choice of units."""

    number = forms.CharField(
        label=_("Their member number"),
        max_length=30,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "placeholder": "0000 0000 0000"}),
        help_text=_("Twelve digits, below the code on their card."),
    )
    unit = forms.ChoiceField(label=_("What"))
    amount = forms.CharField(
        label=_("How much"), max_length=20, widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off"})
    )
    message = forms.CharField(
        label=_("A few words (optional)"),
        max_length=LONGEST_MESSAGE,
        required=False,
        widget=forms.Textarea({"rows": 2, "maxlength": LONGEST_MESSAGE}),
    )

    def __init__(
        self,
        asked: Mapping[str, str] | None = None,
        *,
        units: Sequence[Unit],
        hint: Any = "",
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(asked, initial=dict(initial or {}))
        self._units = {unit.code: unit for unit in units}
        choices = [(unit.code, unit.name) for unit in units]
        widget = forms.Select() if len(units) > 1 else forms.HiddenInput()
        self.fields["unit"] = forms.ChoiceField(label=_("What"), choices=choices, widget=widget)
        if units:
            self.fields["unit"].initial = units[0].code
        self.fields["amount"].help_text = hint
        self.order_fields(["number", "unit", "amount", "message"])

    @property
    def has_choice_of_units(self) -> bool:
        return len(self._units) > 1

    def clean_message(self) -> str:
        return tidied(self.cleaned_data["message"])

    def clean_unit(self) -> Unit:
        return self._units[self.cleaned_data["unit"]]

    def clean(self) -> dict[str, Any]:
        unit = self.cleaned_data.get("unit")
        if unit is not None and "amount" in self.cleaned_data:
            self._read_amount(unit)
        return self.cleaned_data

    def _read_amount(self, unit: Unit) -> None:
        text = "".join(self.cleaned_data["amount"].split()).replace(",", ".")
        try:
            amount = parse_minor(text, decimals=unit.decimals)
        except ValueError:
            amount = 0
        if 0 < amount <= _LARGEST:
            self.cleaned_data["amount"] = amount
        elif unit.decimals:
            said = _("Write a plain number with at most %(decimals)s decimals.")
            self.add_error("amount", forms.ValidationError(said, params={"decimals": unit.decimals}))
        else:
            self.add_error("amount", _("Write a plain number such as 100."))
