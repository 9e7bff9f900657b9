"""In which order the fields of a rule's form are shown, and for which kinds each."""

from collections.abc import Iterator
from dataclasses import dataclass

from django import forms
from django.forms import BoundField

from campaigns.admin.rule_parts import ATTRIBUTES, EARNING, STRUCTS

NUMBERS = (
    "units",
    "per",
    "pieces",
    "of_money",
    "of_number",
    "factor",
    "buy",
    "get",
    "which",
    "count",
    "price",
    "percent",
    "amount",
    "most",
    "unit",
    "times",
    "by",
)
CHOICES = ("mode", "of_rules")
FILTERS = ("lines", "get_lines")
DETAILS = ("base", "rounding", "scope", "off_base", "lane")
# What these say is what most rules say: their part stays closed until something else is said.
USUAL = {"base": [], "rounding": "down", "scope": "order", "off_base": "running", "lane": 1}


@dataclass(frozen=True, slots=True)
class Shown:
    """A field and the classes of the kinds that have it."""

    bound: BoundField
    classes: str


class RuleLayout(forms.Form):
    """A form of fields that belong to kinds of effects."""

    @property
    def numbers(self) -> list[Shown]:
        return list(self._shown(NUMBERS))

    @property
    def choices(self) -> list[Shown]:
        return list(self._shown(CHOICES))

    @property
    def filters(self) -> list[Shown]:
        return list(self._shown(FILTERS))

    @property
    def details(self) -> list[Shown]:
        return list(self._shown(DETAILS))

    @property
    def details_classes(self) -> str:
        return " ".join(sorted({name for shown in self.details for name in shown.classes.split()}))

    @property
    def details_open(self) -> bool:
        said = (shown.bound for shown in self.details)
        return any(bound.errors or str(bound.value() or USUAL[bound.name]) != str(USUAL[bound.name]) for bound in said)

    def _shown(self, names: tuple[str, ...]) -> Iterator[Shown]:
        for name in names:
            field = self.fields.get(name)
            if field is None or (name == "of_rules" and not getattr(field, "choices", None)):
                continue
            kinds = [f"is-{tag}" for tag, kind in STRUCTS.items() if name in ATTRIBUTES[kind].values()]
            if name == "unit":
                kinds = [f"is-{tag}" for tag, _label in EARNING]
            yield Shown(self[name], " ".join(kinds))
