"""What the occasions that Laurel notices itself are called and carry."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import EVENT, Field, FieldType
from orders.events.builtin import (
    ANNIVERSARY,
    BALANCE_REACHED,
    BIRTHDAY,
    BUILT_IN,
    CONFIRMED,
    ENROLLED,
    ORDER_RETURNED,
    REFERRAL_CONVERTED,
    SCHEDULE,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    TIER_CHANGED,
)
from orders.events.types import Attribute, DeclaredType


def _attribute(key: str, kind: FieldType, label: Any) -> Attribute:
    return Attribute(key, kind, label)


_TYPES = (
    DeclaredType(ENROLLED, _("joining")),
    DeclaredType(CONFIRMED, _("confirming the address")),
    DeclaredType(BIRTHDAY, _("a birthday")),
    DeclaredType(
        ANNIVERSARY,
        _("a membership's anniversary"),
        (_attribute("years", FieldType.NUMBER, _("the years of membership")),),
    ),
    DeclaredType(
        TIER_CHANGED,
        _("another tier"),
        (
            _attribute("ladder", FieldType.TEXT, _("the ladder")),
            _attribute("from", FieldType.TEXT, _("the tier before")),
            _attribute("to", FieldType.TEXT, _("the tier since")),
        ),
    ),
    DeclaredType(
        SEGMENT_ENTERED,
        _("entering a segment"),
        (_attribute("segment", FieldType.TEXT, _("the segment")),),
    ),
    DeclaredType(SEGMENT_LEFT, _("leaving a segment"), (_attribute("segment", FieldType.TEXT, _("the segment")),)),
    DeclaredType(
        BALANCE_REACHED,
        _("a balance reached"),
        (
            _attribute("unit", FieldType.TEXT, _("the unit")),
            _attribute("mark", FieldType.NUMBER, _("the balance reached")),
        ),
    ),
    DeclaredType(SCHEDULE, _("a new day")),
    DeclaredType(
        ORDER_RETURNED,
        _("a return"),
        (_attribute("amount", FieldType.MONEY, _("the worth of what came back")),),
    ),
    DeclaredType(
        REFERRAL_CONVERTED,
        _("a successful referral"),
        (_attribute("friend", FieldType.TEXT, _("the friend's number")),),
    ),
)


def declare() -> None:
    """Make the types known, and the words that every event has; called while the app starts."""
    BUILT_IN.update((declared.key, declared) for declared in _TYPES)
    EVENT.declare(Field("event.shop", FieldType.TEXT, _("the shop"), lambda asked: asked.subject.shop_code or None))
