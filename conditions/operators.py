"""How values are compared: which operators a type knows, what they expect beside them, and when they hold."""

import operator
import re
from collections.abc import Callable, Set
from datetime import date
from enum import StrEnum
from typing import Any

from conditions.vocabulary import FieldType


class Op(StrEnum):
    """
    How a field is compared with a value, or with a list of them (`in`, `not_in` and all that begin with `has`). Fields
    of several texts are only asked what they have.
    """

    EQ = "eq"
    NE = "ne"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    IN = "in"
    NOT_IN = "not_in"
    HAS_ANY = "has_any"
    HAS_ALL = "has_all"
    HAS_NONE = "has_none"


_COMPARE: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GT: operator.gt,
    Op.GTE: operator.ge,
    Op.LT: operator.lt,
    Op.LTE: operator.le,
    Op.IN: lambda value, choices: value in choices,
    Op.NOT_IN: lambda value, choices: value not in choices,
    Op.HAS_ANY: lambda values, wanted: not wanted.isdisjoint(values),
    Op.HAS_ALL: lambda values, wanted: wanted.issubset(values),
    Op.HAS_NONE: lambda values, wanted: wanted.isdisjoint(values),
}
LISTED = frozenset({Op.IN, Op.NOT_IN, Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE})
# What is not there is not anything, and holds nothing.
_HOLD_FOR_NOTHING = frozenset({Op.NE, Op.NOT_IN, Op.HAS_NONE})

_SAME = (Op.EQ, Op.NE, Op.IN, Op.NOT_IN)
_ORDERED = (Op.EQ, Op.NE, Op.GT, Op.GTE, Op.LT, Op.LTE, Op.IN, Op.NOT_IN)
OPERATORS: dict[FieldType, tuple[Op, ...]] = {
    FieldType.MONEY: _ORDERED,
    FieldType.NUMBER: _ORDERED,
    FieldType.QUANTITY: _ORDERED,
    FieldType.TEXT: _SAME,
    FieldType.TEXTS: (Op.HAS_ANY, Op.HAS_ALL, Op.HAS_NONE),
    FieldType.DATE: _ORDERED,
    FieldType.TIME: _ORDERED,
    FieldType.FLAG: (Op.EQ,),
}
_PLAIN: dict[FieldType, tuple[type, str]] = {
    FieldType.MONEY: (int, "a whole number"),
    FieldType.NUMBER: (int, "a whole number"),
    FieldType.QUANTITY: (int, "a whole number"),
    FieldType.TEXT: (str, "text"),
    FieldType.TEXTS: (str, "text"),
    FieldType.DATE: (str, "a date such as 2026-12-24"),
    FieldType.TIME: (str, "a time such as 16:00"),
    FieldType.FLAG: (bool, "true or false"),
}
_A_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def read_value(given: Any, kind: FieldType, op: Op) -> Any:
    """
    What stands in JSON beside an operator, ready to be compared with.

    :raises ValueError: with what was expected
    """
    _, name = _PLAIN[kind]
    if op in LISTED:
        if not isinstance(given, list) or not given or not all(_is_written(value, kind) for value in given):
            raise ValueError(f"a list, each {name}")
        return frozenset(given)
    if not _is_written(given, kind):
        raise ValueError(name)
    return given


def _is_written(value: object, kind: FieldType) -> bool:
    # JSON has true and 1; a set would take one for the other, so the exact type is asked for.
    wanted, _ = _PLAIN[kind]
    if type(value) is not wanted:
        return False
    if kind is FieldType.DATE:
        return _is_date(str(value))
    if kind in {FieldType.TEXT, FieldType.TEXTS}:
        # An empty text is none at all, and no column holds the character zero.
        return value != "" and "\0" not in str(value)
    return kind is not FieldType.TIME or _A_TIME.fullmatch(str(value)) is not None


def _is_date(value: str) -> bool:
    # Python reads other forms too; dates are compared as they are written.
    try:
        return date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def holds(op: Op, observed: Any, required: Any) -> bool:
    """Whether what was observed (None: nothing) is as required."""
    if observed is None:
        return op in _HOLD_FOR_NOTHING
    return _COMPARE[op](observed, required)


def plain(value: Any) -> Any:
    """A value as JSON has it, lists in their order."""
    return sorted(value) if isinstance(value, Set) else value
