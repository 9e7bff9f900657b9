"""
Occasions that Laurel notices itself: types of events of the reserved source `laurel`, which take the same road as those
that a shop reports.
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import FieldType
from orders.events.types import Attribute, DeclaredType

OURS = "laurel"

ENROLLED = "member.enrolled"
CONFIRMED = "member.confirmed"
BIRTHDAY = "member.birthday"
ANNIVERSARY = "member.anniversary"
TIER_CHANGED = "tier.changed"
SEGMENT_ENTERED = "segment.entered"
SEGMENT_LEFT = "segment.left"
BALANCE_REACHED = "balance.reached"
SCHEDULE = "schedule.daily"
ORDER_RETURNED = "order.returned"
REFERRAL_CONVERTED = "referral.converted"


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

BUILT_IN: dict[str, DeclaredType] = {declared.key: declared for declared in _TYPES}
# Their first words belong to Laurel, so that a type that it learns later is nobody's yet.
RESERVED = frozenset(key.partition(".")[0] for key in BUILT_IN)
