"""
Which earlier sale a returned article came from, when the return names none.

Newest first: of the customer's purchases of the same article before the return, the last one that has something
left, then the one before it. What no purchase explains stays unmatched.
"""

from collections import defaultdict
from collections.abc import Iterable

import msgspec

from orders.facts import ReturnedPart

Returned = defaultdict[int, defaultdict[int, int]]
"""Thousandths of a piece that came back, by order and line."""


def nothing_returned() -> Returned:
    """A count that begins at zero for every order and line."""
    return defaultdict(lambda: defaultdict(int))


class Sold(msgspec.Struct, frozen=True):
    """A line that was sold: `quantity` thousandths of a piece."""

    order_id: int
    line_no: int
    quantity: int


def match(sold: Iterable[Sold], quantity: int, returned: Returned) -> tuple[list[ReturnedPart], int]:
    """
    Find `quantity` among `sold` (newest first) and count it in `returned`.

    Returns the parts found and what is left unmatched.
    """
    parts: list[ReturnedPart] = []
    for line in sold:
        if quantity == 0:
            break
        of_order = returned[line.order_id]
        taken = min(quantity, line.quantity - of_order[line.line_no])
        if taken > 0:
            parts.append(ReturnedPart(line.order_id, line.line_no, taken))
            of_order[line.line_no] += taken
            quantity -= taken
    return parts, quantity
