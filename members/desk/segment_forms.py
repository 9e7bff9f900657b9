"""The desk's forms of segments."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.segments.queries import SEGMENTS, words
from shops.desk.conditions import ConditionField
from shops.models import Programme


class SegmentForm(forms.Form):
    """What a segment is called and for whom its condition holds."""

    name = forms.CharField(label=_("Name"), max_length=80)

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        programme: Programme,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=dict(initial or {}))
        self.fields["condition"] = ConditionField(
            words(programme.pk),
            money_decimals=programme.currency_decimals,
            without=frozenset({SEGMENTS}),
            label=_("Who belongs to it"),
        )

    @property
    def condition(self) -> Any:
        """The condition as it stands; None while it can't be understood."""
        if not self.is_bound:
            return self.initial.get("condition") or {"all": []}
        self.is_valid()
        return self.cleaned_data.get("condition")


class NewSegmentForm(SegmentForm):
    """A segment with the key by which rules name it."""

    key = forms.RegexField(
        r"^[a-z][a-z0-9_-]*$",
        label=_("Key"),
        max_length=40,
        help_text=_("Rules name it by this; it never changes."),
        error_messages={"invalid": _("Small letters, digits, - and _, beginning with a letter.")},
    )
    programme = forms.CharField(widget=forms.HiddenInput)
    field_order = ("name", "key", "condition")

    def __init__(self, data: Mapping[str, Any] | None = None, *, programme: Programme) -> None:
        super().__init__(data, programme=programme, initial={"programme": programme.pk})
        self.order_fields(self.field_order)
