"""The desk's forms of households."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.queries import Unit, units_of
from members.households.models import HouseholdTerms
from members.households.services import NewTerms
from shops.models import Programme


class HouseholdTermsForm(forms.Form):
    """Whether households are offered, and how."""

    is_offered = forms.BooleanField(label=_("Members may form households"), required=False, initial=True)
    max_members = forms.IntegerField(label=_("Members at most"), min_value=2, max_value=20, initial=6)
    rest_days = forms.IntegerField(
        label=_("Days between two households"),
        min_value=0,
        max_value=365,
        initial=30,
        help_text=_("Who left one waits so long before joining or forming another."),
    )
    units = forms.MultipleChoiceField(label=_("What is pooled"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, data: Mapping[str, Any] | None = None, *, terms: HouseholdTerms) -> None:
        super().__init__(data, initial=_initial(terms) if terms.pk else None)
        self._units = {str(unit.pk): unit for unit in _poolable(terms.programme_id)}
        self.fields["units"] = forms.MultipleChoiceField(
            label=_("What is pooled"),
            choices=[(key, unit.name) for key, unit in self._units.items()],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("Points that only count towards a tier stay with who earned them."),
        )

    @property
    def terms(self) -> NewTerms:
        """What the valid form says."""
        values = self.cleaned_data
        units = tuple(self._units[key] for key in values["units"])
        return NewTerms(values["is_offered"], values["max_members"], values["rest_days"], units)


class ProgrammeForm(forms.Form):
    """Of which programme."""

    def __init__(self, data: Mapping[str, Any] | None = None, *, programmes: Sequence[Programme]) -> None:
        super().__init__(data)
        self._programmes = {str(programme.pk): programme for programme in programmes}
        self.fields["programme"] = forms.ChoiceField(
            label=_("Programme"), choices=[(key, programme.name) for key, programme in self._programmes.items()]
        )

    @property
    def programme(self) -> Programme:
        return self._programmes[self.cleaned_data["programme"]]


def _poolable(programme_id: int) -> list[Unit]:
    return [unit for unit in units_of(programme_id) if unit.klass != Unit.Klass.QUALIFYING]


def _initial(terms: HouseholdTerms) -> dict[str, Any]:
    return {
        "is_offered": terms.is_offered,
        "max_members": terms.max_members,
        "rest_days": terms.rest_days,
        "units": [str(pk) for pk in terms.units.values_list("pk", flat=True)],
    }
