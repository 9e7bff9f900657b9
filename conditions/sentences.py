"""Conditions in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from conditions.deciding import Failure, type_of
from conditions.past_sentences import measured_text
from conditions.vocabulary import Collection, Field, FieldType, Vocabulary
from kernel.wording import day_text, number_text

Tree = Mapping[str, Any]
PIECE_DECIMALS = 3
_OPPOSITES = {
    "eq": "ne",
    "gt": "lte",
    "gte": "lt",
    "in": "not_in",
    "has_any": "has_none",
    "any": "none",
}
OPPOSITES = _OPPOSITES | {opposite: op for op, opposite in _OPPOSITES.items()}


class Reader(msgspec.Struct, frozen=True):
    """Who conditions are told to: the words they know, and how money (minor units) is shown to them."""

    words: Vocabulary
    money: Callable[[int], str]

    def condition(self, tree: Tree) -> str:
        """A condition in words; a group inside a group stands in brackets."""
        if "field" in tree:
            field = self.words.get(tree["field"])
            label = str(field.label) if field else str(tree["field"])
            return self._test(field, label, tree["op"], tree["value"])
        if "which" in tree:
            return self._among(tree, tree["which"])
        if "history" in tree:
            return self._history(tree, tree["op"], tree["value"])
        if "of" in tree:
            return self._sum(tree, tree["op"], tree["value"])
        ((joint, parts),) = tree.items()
        between = _(" and ") if joint == "all" else _(" or ")
        show = self._part if len(parts) > 1 else self.condition
        text = between.join(show(part) for part in parts)
        return _("not (%(parts)s)") % {"parts": text} if joint == "none" else text

    def required(self, failure: Failure) -> str:
        """What a condition asked for that was not met."""
        op = OPPOSITES.get(failure.op.removeprefix("not_"), failure.op) if _is_turned(failure.op) else failure.op
        if failure.test is None:
            field = self.words.get(failure.field)
            label = str(field.label) if field else failure.field
            return self._test(field, label, op, failure.required)
        if "which" in failure.test:
            return self._among(failure.test, op)
        if "history" in failure.test:
            return self._history(failure.test, op, failure.required)
        return self._sum(failure.test, op, failure.required)

    def observed(self, failure: Failure) -> str:
        """What was there instead: of some things, on how many of them it was so."""
        if failure.test and "which" in failure.test:
            return self._met(failure)
        field = None if failure.test else self.words.get(failure.field)
        return self.value(type_of(failure, self.words), failure.observed, field.choices if field else ())

    def _test(self, field: Field | None, label: str, op: str, value: Any) -> str:
        if field and field.type is FieldType.FLAG:
            return label if value is (op == "eq") else _("not: %(condition)s") % {"condition": label}
        return _compared(label, op, self.value(field.type if field else None, value, field.choices if field else ()))

    def _met(self, failure: Failure) -> str:
        if failure.test["which"] in {"cheapest", "dearest"}:
            return _("otherwise")
        collection, _inside = self._inside(failure.field)
        facts = {
            "count": failure.observed,
            "item": str(collection.label) if collection else failure.field,
            "items": str(collection.plural) if collection else failure.field,
        }
        words = [_("on no %(item)s"), _("on one %(item)s"), _("on %(count)s %(items)s")]
        return words[min(int(failure.observed), 2)] % facts

    def value(self, kind: FieldType | None, value: Any, choices: Sequence[tuple[str, Any]] = ()) -> str:
        """A value, or a list of them, as people read it; one of `choices` by its label."""
        if value is None or value in ([], ()):
            return _("nothing")
        if isinstance(value, list):
            return ", ".join(self.value(kind, item, choices) for item in value)
        if choices:
            return str(dict(choices).get(value, value))
        return self.money(value) if kind is FieldType.MONEY else _shown(kind, value)

    def _part(self, tree: Tree) -> str:
        text = self.condition(tree)
        is_joined = any(len(tree.get(joint, ())) > 1 for joint in ("all", "any"))
        return f"({text})" if is_joined else text

    def _inside(self, name: str) -> tuple[Collection | None, "Reader"]:
        collection = self.words.collection(name)
        return collection, Reader(collection.items if collection else self.words, self.money)

    def _among(self, tree: Tree, which: str) -> str:
        collection, inside = self._inside(tree["of"])
        words = {
            "any": _("on some %(item)s %(where)s"),
            "every": _("on every %(item)s %(where)s"),
            "not_every": _("not on every %(item)s %(where)s"),
            "none": _("on no %(item)s %(where)s"),
            "cheapest": _("on the cheapest %(item)s %(where)s"),
            "not_cheapest": _("not on the cheapest %(item)s %(where)s"),
            "dearest": _("on the dearest %(item)s %(where)s"),
            "not_dearest": _("not on the dearest %(item)s %(where)s"),
        }
        item = str(collection.label) if collection else str(tree["of"])
        return words[which] % {"item": item, "where": inside.condition(tree["where"])}

    def _sum(self, tree: Tree, op: str, value: Any) -> str:
        collection, inside = self._inside(tree["of"])
        field = inside.words.get(tree["sum"]) if tree["sum"] else None
        facts = {
            "items": str(collection.plural) if collection else str(tree["of"]),
            "field": str(field.label) if field else str(tree["sum"]),
            "where": inside.condition(tree["where"]) if _says_something(tree.get("where")) else "",
        }
        if tree["sum"] is None:
            text = _("the number of %(items)s on which %(where)s") if facts["where"] else _("the number of %(items)s")
        else:
            text = (
                _("%(field)s of all %(items)s on which %(where)s")
                if facts["where"]
                else _("%(field)s of all %(items)s together")
            )
        kind = field.type if field else FieldType.NUMBER if tree["sum"] is None else None
        return _compared(text % facts, op, self.value(kind, value))

    def _history(self, tree: Tree, op: str, value: Any) -> str:
        past = self.words.past(tree["history"])
        inside = Reader(past.items if past else self.words, self.money)
        field = inside.words.get(tree["of"]) if tree.get("of") else None
        text = measured_text(
            tree,
            item=str(past.label if past else tree["history"]),
            items=str(past.plural if past else tree["history"]),
            field=str(field.label if field else tree.get("of", "")),
            where=inside.condition(tree["where"]) if _says_something(tree.get("where")) else "",
        )
        return _compared(text, op, self.value(field.type if field else FieldType.NUMBER, value))


def _shown(kind: FieldType | None, value: Any) -> str:
    language = get_language() or "en"
    if kind is FieldType.FLAG:
        return _("yes") if value else _("no")
    if kind is FieldType.DATE:
        return day_text(date.fromisoformat(value), language=language)
    if kind is FieldType.QUANTITY:
        return number_text(value, decimals=PIECE_DECIMALS, language=language)
    return str(value)


def _is_turned(op: str) -> bool:
    return op.startswith("not_") and op.removeprefix("not_") in OPPOSITES


def _says_something(tree: Any) -> bool:
    return tree is not None and tree != {"all": []}


def _compared(label: str, op: str, value: str) -> str:
    words = {
        "eq": _("%(field)s is %(value)s"),
        "ne": _("%(field)s is not %(value)s"),
        "gt": _("%(field)s is more than %(value)s"),
        "gte": _("%(field)s is at least %(value)s"),
        "lt": _("%(field)s is below %(value)s"),
        "lte": _("%(field)s is at most %(value)s"),
        "in": _("%(field)s is one of %(value)s"),
        "not_in": _("%(field)s is none of %(value)s"),
        "has_any": _("%(field)s include one of %(value)s"),
        "has_all": _("%(field)s include all of %(value)s"),
        "not_has_all": _("%(field)s do not include all of %(value)s"),
        "has_none": _("%(field)s include none of %(value)s"),
    }
    return words[op] % {"field": label, "value": value}
