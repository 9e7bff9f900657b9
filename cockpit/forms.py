"""What members are asked."""

from collections.abc import Mapping, Sequence

from django import forms
from django.utils.dates import MONTHS
from django.utils.translation import gettext_lazy as _


class NameForm(forms.Form):
    """The name on the card."""

    name = forms.CharField(
        label=_("Your name"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name", "autofocus": True}),
    )


class BirthdayForm(forms.Form):
    """A day of the year."""

    day = forms.TypedChoiceField(label=_("Day"), choices=[(day, str(day)) for day in range(1, 32)], coerce=int)
    month = forms.TypedChoiceField(label=_("Month"), choices=MONTHS.items(), coerce=int)


class ExchangeForm(forms.Form):
    """How much is converted. `key` is the page's own, so that a second tap is the first one again."""

    chunks = forms.IntegerField(label=_("How much?"), min_value=1, max_value=10**12)
    key = forms.RegexField(r"^[0-9a-f]{32}$", widget=forms.HiddenInput)

    def __init__(
        self, asked: Mapping[str, str] | None = None, *, choices: Sequence[tuple[int, str]] = (), key: str = ""
    ) -> None:
        super().__init__(asked, initial={"key": key}, auto_id=f"exchange_{key}_%s")
        self.fields["chunks"].widget = forms.Select(choices=choices)
