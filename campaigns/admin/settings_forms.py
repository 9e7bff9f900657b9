"""The desk's forms of a campaign as a whole: a new one, and what holds for all its rules together."""

from collections.abc import Mapping
from typing import Any

import msgspec
from django import forms
from django.utils.translation import gettext_lazy as _

from campaigns.admin.limit_forms import LimitRows, plain
from campaigns.definitions import Combine, Count, Definition, Multipliers
from campaigns.definitions.effects import FACTOR_ONE
from campaigns.errors import DefinitionInvalid
from campaigns.sentences import decimals_of_all
from members.desk.household_forms import ProgrammeForm
from shops.desk.forms import AmountField
from shops.models import Programme

COMBINE = [
    (Combine.LARGEST.value, _("The largest counts")),
    (Combine.PRODUCT.value, _("They are multiplied with each other")),
]


class SettingsForm(forms.Form):
    """How the rules of a campaign come together, and up to which limits."""

    combine = forms.ChoiceField(
        label=_("Where several multipliers meet"), choices=COMBINE, widget=forms.RadioSelect, required=False
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        definition: Definition,
        programme: Programme,
        decimals: Mapping[str, int],
    ) -> None:
        most = definition.multipliers.most
        initial = {"combine": definition.multipliers.combine.value, "most": plain(most, 3) if most else ""}
        super().__init__(data, initial=initial)
        self.fields["most"] = AmountField(
            label=_("Together at most … times"),
            decimals=3,
            required=False,
            help_text=_("Empty: as much as it comes to."),
        )
        self._definition = definition
        places, money = decimals_of_all(definition, decimals), programme.currency_decimals
        counted = {Count.UNITS: places, Count.BALANCE: places, Count.DISCOUNT: money, Count.ORDER_VALUE: money}
        self.limits = LimitRows(data, limits=definition.limits, decimals=counted)
        self.refused: list[Any] = []

    def clean_most(self) -> Any:
        most = self.cleaned_data["most"]
        if most is not None and most < FACTOR_ONE:
            raise forms.ValidationError(_("At least 1."))
        return most

    def is_valid(self) -> bool:
        # Every part is asked, so that every wrong field is told at once.
        return all([super().is_valid(), self.limits.is_valid()])

    @property
    def edited(self) -> Definition:
        """The definition as the valid form says."""
        values = self.cleaned_data
        multipliers = Multipliers(Combine(values["combine"] or Combine.LARGEST), values["most"])
        return msgspec.structs.replace(self._definition, multipliers=multipliers, limits=self.limits.edited)

    def refuse(self, refusal: DefinitionInvalid) -> None:
        """Tell a refusal at the field that it points to, or above the form."""
        first, *path = str(refusal.facts["pointer"]).strip("/").split("/")
        if first == "limits":
            self.limits.refuse(path)
        elif first == "multipliers":
            self.add_error("most", _("That is too much: at most 100."))
        else:
            rule = self._definition.rules[int(path[0])].key
            self.refused.append(_("The rule “%(rule)s” can't stay as it is: change it first.") % {"rule": rule})


class NewCampaignForm(ProgrammeForm):
    """A campaign to be; its first rule is written on the next page."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("As colleagues read it, such as Cake weeks."))
    key = forms.SlugField(
        label=_("Key"), max_length=40, help_text=_("Its name in the API and in files; it never changes.")
    )
