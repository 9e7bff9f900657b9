"""The desk's forms of a type of events."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import FieldType
from orders.events.errors import EventTypeInvalid
from orders.events.types import KINDS, Attribute, read_written
from shops.models import Programme

KIND_NAMES = {
    FieldType.TEXT: _("Text"),
    FieldType.NUMBER: _("Whole number"),
    FieldType.MONEY: _("Money"),
    FieldType.QUANTITY: _("Quantity"),
    FieldType.DATE: _("Day"),
    FieldType.FLAG: _("Yes or no"),
    FieldType.TEXTS: _("Several texts"),
}
_FIELDS = {"key": "key", "name": "name", "type": "kind", "label": "label", "default": "default", "required": "required"}


class NewTypeForm(forms.Form):
    """A type that is to be: it gets its key, and its programme where there is a choice."""

    name = forms.CharField(label=_("Name"), max_length=80, help_text=_("Stands in sentences: points “for a check-in”."))
    key = forms.CharField(
        label=_("Key"),
        max_length=60,
        help_text=_("Names it in the API, such as checkin or review.created. It can't be changed later."),
    )

    def __init__(self, data: Any = None, *, programmes: list[Programme]) -> None:
        super().__init__(data)
        self._programmes = programmes
        if len(programmes) > 1:
            self.fields["programme"] = forms.ModelChoiceField(
                label=_("Programme"), queryset=Programme.objects.filter(pk__in=[row.pk for row in programmes])
            )
            self.order_fields(["programme", "name", "key"])

    @property
    def programme(self) -> Programme:
        chosen: Programme = self.cleaned_data.get("programme") or self._programmes[0]
        return chosen


class AttributeForm(forms.Form):
    """One thing more that events of a type may carry."""

    label = forms.CharField(
        label=_("What it is"), max_length=120, help_text=_("Stands in conditions: “the rating is at least 4”.")
    )
    key = forms.CharField(
        label=_("Key"), max_length=40, help_text=_("Names it in the API, such as rating. It can't be changed later.")
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, KIND_NAMES[kind]) for kind in KINDS],
        help_text=_("It can't be changed later."),
    )
    default = forms.CharField(
        label=_("Where it is missing, it counts as"),
        max_length=100,
        required=False,
        help_text=_("Empty: as nothing. For yes or no write “yes” or “no”, for a day 2026-12-24."),
    )

    def __init__(self, data: Any = None, *, decimals: int, may_be_required: bool) -> None:
        super().__init__(data)
        self._decimals = decimals
        if may_be_required:
            self.fields["required"] = forms.BooleanField(label=_("Every event has to carry it"), required=False)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        written = (values.get("default") or "").strip()
        values["default"] = None
        if written and "kind" in values:
            try:
                values["default"] = read_written(FieldType(values["kind"]), written, decimals=self._decimals)
            except ValueError as error:
                self.add_error("default", ValidationError(_("Expected %(what)s."), params={"what": str(error)}))
        return values

    @property
    def attribute(self) -> Attribute:
        """What the valid form says."""
        values = self.cleaned_data
        return Attribute(
            key=values["key"].strip(),
            type=FieldType(values["kind"]),
            label=values["label"].strip(),
            required=values.get("required", False),
            default=values["default"],
        )


def refuse(form: forms.Form, refusal: EventTypeInvalid) -> None:
    """Tell a refusal at the field that it points to."""
    name = _FIELDS.get(str(refusal.facts["pointer"]).rpartition("/")[2])
    said = _("Expected %(what)s.") % {"what": refusal.facts["expected"]}
    form.add_error(name if name in form.fields else None, said)
