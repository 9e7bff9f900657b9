"""Balances that rules wait for: events happen at these marks only."""

from conditions.operators import Op
from conditions.tree import Group, Node, Test

MARK = "event.mark"


def marks_of(condition: Node) -> frozenset[int]:
    """The balances, in a unit's minor units, that a condition names as reached."""
    if isinstance(condition, Group):
        found = [marks_of(part) for part in condition.parts] if condition.joint != "none" else []
        return frozenset().union(*found)
    if not isinstance(condition, Test) or condition.field.name != MARK:
        return frozenset()
    if condition.op is Op.EQ:
        return frozenset({condition.value})
    return frozenset(condition.value) if condition.op is Op.IN else frozenset()
