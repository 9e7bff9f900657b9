"""Pure arithmetic on the lines of an order."""

from collections.abc import Mapping, Sequence

import msgspec

from kernel.amounts import allocate
from orders.facts import Line, LineKind, Purchase

GOODS = frozenset({LineKind.PRODUCT, LineKind.SERVICE})


def spread_discount(lines: Sequence[Line], discount: int) -> tuple[Line, ...]:
    """
    Give each line of goods its share of an order-level discount: pro rata, exact, largest remainder, ties to the
    first.
    """
    if discount == 0:
        return tuple(lines)
    weights = [line.amount if line.kind in GOODS else 0 for line in lines]
    shares = allocate(discount, weights)
    return tuple(
        msgspec.structs.replace(line, discount=share) if share else line
        for line, share in zip(lines, shares, strict=True)
    )


def without_returned(purchase: Purchase, returned: Mapping[int, int]) -> Purchase:
    """
    What is left of a purchase when `returned` thousandths by line number came back.

    Each line's amounts shrink in proportion to what is left of it, rounded down; they depend on the total returned
    only, so many small returns leave exactly what one big return leaves.
    """
    return msgspec.structs.replace(
        purchase,
        lines=tuple(left for line in purchase.lines if (left := _left_of(line, returned.get(line.no, 0))) is not None),
    )


def _left_of(line: Line, returned: int) -> Line | None:
    if returned == 0:
        return line
    left = line.quantity - returned
    if left <= 0:
        return None
    return msgspec.structs.replace(
        line,
        quantity=left,
        amount=line.amount * left // line.quantity,
        tax=line.tax * left // line.quantity,
        discount=line.discount * left // line.quantity,
    )
