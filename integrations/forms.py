"""The desk's forms about machines."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from events.catalogue import PUBLIC
from integrations.models import LONGEST_LIFE, Scope
from shops.models import Programme

LIVES = [("30", _("30 days")), ("90", _("90 days")), (str(LONGEST_LIFE.days), _("A year"))]


class OfProgramme(forms.Form):
    """Asks for the programme, but only when there is a choice."""

    def __init__(self, *args: Any, programmes: list[Programme], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._programmes = programmes
        if len(programmes) > 1:
            choice = forms.ModelChoiceField(
                label=_("Programme"), queryset=Programme.objects.filter(pk__in=[row.pk for row in programmes])
            )
            self.fields = {"programme": choice, **self.fields}

    @property
    def programme(self) -> Programme:
        chosen: Programme = self.cleaned_data.get("programme") or self._programmes[0]
        return chosen


class KeyForm(OfProgramme):
    """Who gets a key, for what, and for how long."""

    name = forms.CharField(label=_("Who uses it"), max_length=80, help_text=_("Such as “Web shop” or “Till 3”."))
    scopes = forms.MultipleChoiceField(label=_("It may"), choices=Scope.choices, widget=forms.CheckboxSelectMultiple)
    life = forms.ChoiceField(label=_("It works for"), choices=LIVES, initial=LIVES[-1][0], widget=forms.RadioSelect)

    @property
    def chosen_scopes(self) -> list[Scope]:
        return [Scope(scope) for scope in self.cleaned_data["scopes"]]

    @property
    def lives(self) -> timedelta:
        return timedelta(days=int(self.cleaned_data["life"]))


class EndpointForm(OfProgramme):
    """Which address is told what."""

    url = forms.URLField(
        label=_("Address"), max_length=500, assume_scheme="https", help_text=_("It gets a POST for each event.")
    )
    description = forms.CharField(label=_("Description"), max_length=120, required=False)
    event_types = forms.MultipleChoiceField(
        label=_("Events (none chosen: all of them)"),
        choices=[(name, name) for name in sorted(PUBLIC)],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
