"""
Occasions that Laurel notices itself: types of events of the reserved source `laurel`, which take the same road as those
that a shop reports.
"""

from orders.events.types import DeclaredType

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

# By key; `orders.events.occasions` fills it while the app starts.
BUILT_IN: dict[str, DeclaredType] = {}
# The first words of their keys belong to Laurel, so that a type that it learns later is nobody's yet.
RESERVED = frozenset({"member", "tier", "segment", "balance", "schedule", "order", "referral"})
