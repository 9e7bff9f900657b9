"""What members are asked about their household."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.queries import Unit
from members.households.models import HouseholdMember

Role = HouseholdMember.Role
ROLES = (
    (Role.ADULT, _("Adult: gives and spends")),
    (Role.CONTRIBUTOR, _("Contributor: gives and sees, such as a child")),
)


class FoundForm(forms.Form):
    """What the household is called."""

    name = forms.CharField(
        label=_("What is your household called?"),
        max_length=60,
        widget=forms.TextInput(attrs={"placeholder": _("The Lovelaces"), "autocomplete": "off"}),
    )


class InviteForm(forms.Form):
    """Who is to join, and as what."""

    number = forms.CharField(
        label=_("Their member number"),
        max_length=20,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "placeholder": "0000 0000 0000"}),
    )
    role = forms.ChoiceField(label=_("They come as"), choices=ROLES)

    def clean_number(self) -> str:
        return "".join(self.cleaned_data["number"].split())


class RoleForm(forms.Form):
    """Another role for somebody."""

    number = forms.RegexField(r"^\d{12}$", widget=forms.HiddenInput)
    role = forms.ChoiceField(choices=(*ROLES, (Role.HEAD, _("Head, instead of you"))))


class ShareForm(forms.Form):
    """How much of what is earned goes to the household by itself."""

    percent = forms.IntegerField(
        label=_("Share of what you earn from now on"),
        min_value=0,
        max_value=100,
        widget=forms.NumberInput({"type": "range", "step": 5, "min": 0, "max": 100}),
    )


class GiveForm(forms.Form):
    """How much of what. `key` is the page's own, so that a second tap is the first one again."""

    unit = forms.ChoiceField(label=_("Of"))
    amount = forms.DecimalField(label=_("How much?"), min_value=Decimal("0.0001"), max_digits=15, decimal_places=4)
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(self, asked: Mapping[str, Any] | None = None, *, units: Sequence[Unit], key: str = "") -> None:
        super().__init__(asked, initial={"key": key}, auto_id="give_%s")
        self._units = {unit.code: unit for unit in units}
        self.fields["unit"] = forms.ChoiceField(label=_("Of"), choices=[(unit.code, unit.name) for unit in units])
        if len(units) == 1:
            self.fields["unit"].initial = units[0].code
            self.fields["unit"].widget = forms.HiddenInput()
        decimals = max((unit.decimals for unit in units), default=0)
        attributes = {"inputmode": "decimal" if decimals else "numeric", "step": str(Decimal(1).scaleb(-decimals))}
        self.fields["amount"].widget.attrs.update(attributes | {"min": attributes["step"]})

    def clean_unit(self) -> Unit:
        return self._units[self.cleaned_data["unit"]]

    def clean(self) -> dict[str, Any]:
        unit, amount = self.cleaned_data.get("unit"), self.cleaned_data.get("amount")
        if unit is not None and amount is not None:
            minor = amount.scaleb(unit.decimals)
            if minor != minor.to_integral_value():
                self.add_error("amount", _("That is more precise than %(unit)s are.") % {"unit": unit.name})
            self.cleaned_data["minor"] = int(minor)
        return self.cleaned_data
