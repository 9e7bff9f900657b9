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


def with_discounts(purchase: Purchase, off: Mapping[int, int]) -> Purchase:
    """A purchase at the prices that its offers leave: what is taken `off` by line number, and no more is wanted."""
    lines = [
        msgspec.structs.replace(line, discount=line.discount + off[line.no]) if off.get(line.no) else line
        for line in purchase.lines
    ]
    return msgspec.structs.replace(purchase, lines=tuple(lines), wants_offers=False)


def without_returned(purchase: Purchase, returned: Mapping[int, int]) -> Purchase:
    """
    What is left of a purchase when `returned` thousandths by line number came back.

    Every line stays and knows what of it came back in total, so many small returns leave exactly what one big return
    leaves.
    """
    lines = [msgspec.structs.replace(line, returned=returned.get(line.no, 0)) for line in purchase.lines]
    return msgspec.structs.replace(purchase, lines=tuple(lines))
