"""The desk's forms of a conversion."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from kernel.amounts import format_minor, parse_minor
from ledger.models import ConversionTerms, Unit
from ledger.services import NewTerms


class TermsForm(forms.Form):
    """How much becomes how much, and who does it."""

    chunk = forms.CharField(label=_("Each"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"}))
    gives = forms.CharField(label=_("becomes"), max_length=20, widget=forms.TextInput({"inputmode": "decimal"}))
    is_offered = forms.BooleanField(label=_("Members may do it themselves"), required=False, initial=True)
    is_automatic = forms.BooleanField(label=_("Done for everybody each night, before anything expires"), required=False)

    def __init__(self, data: Mapping[str, Any] | None = None, *, conversion: ConversionTerms | None = None) -> None:
        super().__init__(data, initial=_initial(conversion))
        self._units = (conversion.source_unit, conversion.target_unit) if conversion else None
        if conversion:
            self.fields["chunk"].label = _("Each (%s)") % conversion.source_unit.name
            self.fields["gives"].label = _("becomes (%s)") % conversion.target_unit.name

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        units = self.units
        if units is not None:
            for name, unit in zip(("chunk", "gives"), units, strict=True):
                self._read(name, unit)
        return values

    def _read(self, name: str, unit: Unit) -> None:
        if name in self.errors:
            return
        try:
            amount = parse_minor(self.cleaned_data[name].strip().replace(",", "."), decimals=unit.decimals)
        except ValueError:
            said = _("Write a plain number with at most %(decimals)s decimals.") % {"decimals": unit.decimals}
            self.add_error(name, ValidationError(said))
            return
        if not 0 < amount <= 10**12:
            self.add_error(name, ValidationError(_("It has to be more than 0.")))
            return
        self.cleaned_data[name] = amount

    @property
    def units(self) -> tuple[Unit, Unit] | None:
        """From and to; None while they are not both known."""
        return self._units

    @property
    def terms(self) -> NewTerms:
        """What the valid form says."""
        values = self.cleaned_data
        return NewTerms(values["chunk"], values["gives"], values["is_offered"], values["is_automatic"])


class NewConversionForm(TermsForm):
    """Two units of one programme, and how one becomes the other."""

    source = forms.ChoiceField(label=_("From"))
    target = forms.ChoiceField(label=_("To"))

    field_order = ("source", "target", "chunk", "gives", "is_offered", "is_automatic")

    def __init__(self, data: Mapping[str, Any] | None = None, *, units: Sequence[Unit]) -> None:
        super().__init__(data)
        self._known = {str(unit.pk): unit for unit in units}
        several = len({unit.programme_id for unit in units}) > 1
        choices = [
            (key, f"{unit.programme}: {unit.name}" if several else unit.name) for key, unit in self._known.items()
        ]
        for name in ("source", "target"):
            self.fields[name] = forms.ChoiceField(label=self.fields[name].label, choices=choices)
        self.order_fields(self.field_order)

    @property
    def units(self) -> tuple[Unit, Unit] | None:
        source, target = (self._known.get(self.cleaned_data.get(name, "")) for name in ("source", "target"))
        return (source, target) if source and target else None

    def clean(self) -> dict[str, Any]:
        values = super().clean()
        if self.units is None:
            return values
        source, target = self.units
        if source == target:
            self.add_error("target", _("Choose another unit."))
        elif source.programme_id != target.programme_id:
            self.add_error("target", _("Choose a unit of the same programme."))
        elif source.klass == Unit.Klass.QUALIFYING:
            self.add_error("source", _("Qualifying points only count towards something; they can't be exchanged."))
        elif ConversionTerms.objects.filter(source_unit=source, target_unit=target).exists():
            self.add_error("target", _("There is a conversion between these two already."))
        return values


def _initial(conversion: ConversionTerms | None) -> dict[str, Any]:
    if conversion is None:
        return {}
    return {
        "chunk": format_minor(conversion.chunk, decimals=conversion.source_unit.decimals),
        "gives": format_minor(conversion.gives, decimals=conversion.target_unit.decimals),
        "is_offered": conversion.is_offered,
        "is_automatic": conversion.is_automatic,
    }
