"""What conditions may ask about the time, as the shop's clock shows it (else the programme's)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext_lazy as _

from conditions.operators import holds
from conditions.situation import ZONE, Situation
from conditions.tree import Group, Node, Test
from conditions.vocabulary import CLOCK, Field, FieldType

WEEKDAY_KEYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_A_WEEK = timedelta(days=7)


def declare() -> None:
    """Give the condition language its words of time; called while the app starts."""
    weekdays = tuple((key, WEEKDAYS[number]) for number, key in enumerate(WEEKDAY_KEYS))
    _word("clock.weekday", FieldType.TEXT, _("the day of the week"), _weekday, weekdays)
    _word("clock.time", FieldType.TIME, _("the time"), lambda asked: f"{asked.local:%H:%M}")
    _word("clock.date", FieldType.DATE, _("the date"), lambda asked: asked.local.date().isoformat())
    _word("clock.month", FieldType.NUMBER, _("the month"), lambda asked: asked.local.month)
    _word("clock.day", FieldType.NUMBER, _("the day of the month"), lambda asked: asked.local.day)
    _word("clock.week", FieldType.NUMBER, _("the week of the year"), lambda asked: asked.local.isocalendar().week)
    _word("clock.turn", FieldType.NUMBER, _("which such weekday of the month"), _turn)
    _word("clock.last_turn", FieldType.FLAG, _("it is the last such weekday of the month"), _is_last_turn)


def _word(
    name: str,
    kind: FieldType,
    label: Any,
    read: Callable[[Situation], Any],
    choices: tuple[tuple[str, Any], ...] = (),
) -> None:
    CLOCK.declare(Field(name, kind, label, read, asks=(ZONE,), choices=choices))


def _weekday(asked: Situation) -> str:
    return WEEKDAY_KEYS[asked.local.weekday()]


def _turn(asked: Situation) -> int:
    """The third Friday of a month is 3."""
    return (asked.local.day - 1) // 7 + 1


def _is_last_turn(asked: Situation) -> bool:
    day = asked.local.date()
    return (day + _A_WEEK).month != day.month


def is_possible(node: Node, asked: Situation) -> bool:
    """
    Whether a condition may hold at a moment, whatever else is so: the tests of time that it can't do without are met.
    """
    if isinstance(node, Group) and node.joint == "all":
        return all(is_possible(part, asked) for part in node.parts)
    if isinstance(node, Group) and node.joint == "any":
        return any(is_possible(part, asked) for part in node.parts)
    if isinstance(node, Test) and CLOCK.get(node.field.name):
        return holds(node.op, node.field.read(asked), node.value)
    return True
