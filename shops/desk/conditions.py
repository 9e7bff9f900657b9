"""A condition in a form of the desk: built from words, never typed as code."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conditions.describing import words_of
from conditions.errors import ConditionInvalid
from conditions.sentences import PIECE_DECIMALS
from conditions.tree import parse
from conditions.vocabulary import Vocabulary

LONGEST = 100_000


class ConditionBuilder(forms.HiddenInput):
    """Rows of words, comparisons and values; the JSON of the tree stands in a hidden input."""

    template_name = "desk/conditions.html"

    def __init__(self, words: Vocabulary, *, money_decimals: int, without: frozenset[str] = frozenset()) -> None:
        super().__init__()
        self.words, self.money_decimals, self.without = words, money_decimals, without
        self.pointer = ""

    @property
    def is_hidden(self) -> bool:
        # What is hidden is the input; people see the rows.
        return False

    def get_context(self, name: str, value: Any, attrs: Mapping[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, dict(attrs or {}))
        described = words_of(self.words)
        described["fields"] = [field for field in described["fields"] if field["name"] not in self.without]
        context["builder"] = {
            "words": json.dumps(described),
            "texts": json.dumps(texts()),
            "money": self.money_decimals,
            "pieces": PIECE_DECIMALS,
            "pointer": self.pointer,
        }
        return context

    def render(self, name: str, value: Any, attrs: Mapping[str, Any] | None = None, renderer: Any = None) -> SafeString:
        # A template of ours: the renderer of forms knows Django's own only.
        return render_to_string(self.template_name, self.get_context(name, value, attrs))

    def id_for_label(self, id_: str | None, index: str | None = None) -> str:
        # The rows name their controls themselves.
        return ""

    def use_required_attribute(self, initial: Any) -> bool:
        return False


class ConditionField(forms.Field):
    """A condition tree in the words of a vocabulary; `{"all": []}` holds for everybody."""

    widget: ConditionBuilder

    def __init__(
        self, words: Vocabulary, *, money_decimals: int, without: frozenset[str] = frozenset(), **options: Any
    ) -> None:
        self.words = words
        builder = ConditionBuilder(words, money_decimals=money_decimals, without=without)
        super().__init__(widget=builder, required=False, **options)

    def prepare_value(self, value: Any) -> str:
        return value if isinstance(value, str) else json.dumps(value or {"all": []})

    def clean(self, value: Any) -> Any:
        try:
            tree = json.loads(value or '{"all": []}') if len(value or "") <= LONGEST else None
            parse(tree, self.words)
        except (ValueError, RecursionError) as error:
            raise ValidationError(_("This condition can't be read. Build it again.")) from error
        except ConditionInvalid as refusal:
            raise ValidationError(self.blame(refusal)) from refusal
        return tree

    def blame(self, refusal: ConditionInvalid) -> str:
        """Mark the row that a refusal is about, and say what is wrong with it."""
        self.widget.pointer = str(refusal.facts["pointer"])
        if self.widget.pointer.endswith("/field") and refusal.facts["problem"]:
            # The builder offers nothing else, so it was there once.
            return _("What the marked condition asks about is retired. Choose something else.")
        return _("Complete the marked condition: %(expected)s.") % {"expected": _expected(refusal.facts["expected"])}


def _expected(expected: Any) -> str:
    return ", ".join(map(str, expected)) if isinstance(expected, list) else str(expected)


def texts() -> dict[str, Any]:
    """What the builder says, in the reader's language."""
    return {name: {key: str(text) for key, text in group.items()} for name, group in _TEXTS.items()}


_TEXTS: dict[str, dict[str, Any]] = {
    "joints": {
        "all": gettext_lazy("All of these hold"),
        "any": gettext_lazy("At least one of these holds"),
        "none": gettext_lazy("None of these holds"),
    },
    "ops": {
        "eq": gettext_lazy("is"),
        "ne": gettext_lazy("is not"),
        "gt": gettext_lazy("is more than"),
        "gte": gettext_lazy("is at least"),
        "lt": gettext_lazy("is below"),
        "lte": gettext_lazy("is at most"),
        "in": gettext_lazy("is one of"),
        "not_in": gettext_lazy("is none of"),
        "has_any": gettext_lazy("include one of"),
        "has_all": gettext_lazy("include all of"),
        "has_none": gettext_lazy("include none of"),
    },
    "which": {
        "any": gettext_lazy("on some"),
        "every": gettext_lazy("on every"),
        "none": gettext_lazy("on no"),
        "cheapest": gettext_lazy("on the cheapest"),
        "dearest": gettext_lazy("on the dearest"),
    },
    "measures": {
        "sum": gettext_lazy("the sum of"),
        "count": gettext_lazy("the number of"),
        "average": gettext_lazy("the average of"),
        "last": gettext_lazy("the days since the last of"),
        "distinct_days": gettext_lazy("the days with"),
    },
    "reaches": {
        "ever": gettext_lazy("ever"),
        "last": gettext_lazy("in the last"),
        "current": gettext_lazy("in the same"),
        "previous": gettext_lazy("in the one before:"),
    },
    "units": {
        "day": gettext_lazy("days"),
        "week": gettext_lazy("weeks"),
        "month": gettext_lazy("months"),
        "year": gettext_lazy("years"),
    },
    "periods": {
        "day": gettext_lazy("day"),
        "week": gettext_lazy("week"),
        "month": gettext_lazy("month"),
        "quarter": gettext_lazy("quarter"),
        "year": gettext_lazy("year"),
    },
    "said": {
        "group": gettext_lazy("Group of conditions"),
        "condition": gettext_lazy("Condition"),
        "joint": gettext_lazy("How these conditions go together"),
        "about": gettext_lazy("What it is about"),
        "op": gettext_lazy("Comparison"),
        "value": gettext_lazy("Value"),
        "values": gettext_lazy("Values, separated by commas"),
        "which": gettext_lazy("Which of them"),
        "measure": gettext_lazy("What is counted"),
        "of": gettext_lazy("Of what"),
        "within": gettext_lazy("When"),
        "number": gettext_lazy("How many"),
        "unit": gettext_lazy("Unit of time"),
        "add": gettext_lazy("Add a condition"),
        "add_group": gettext_lazy("Add a group"),
        "remove": gettext_lazy("Remove"),
        "removed": gettext_lazy("Removed."),
        "only_where": gettext_lazy("Only where"),
        "narrow": gettext_lazy("Count only some of them"),
        "everybody": gettext_lazy("No condition: it always holds."),
        "yes": gettext_lazy("yes"),
        "no": gettext_lazy("no"),
        "fields": gettext_lazy("What is known"),
        "things": gettext_lazy("Among several"),
        "past": gettext_lazy("What happened before"),
        "some": gettext_lazy("some of the"),
        "sum": gettext_lazy("how much of the"),
        "count": gettext_lazy("their number"),
        "currency": gettext_lazy("amount of money"),
    },
}
