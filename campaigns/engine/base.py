"""The money that earns: goods after discounts, without tax, without what points or credit paid."""

from kernel.amounts import allocate
from orders.allocation import GOODS
from orders.facts import Line, Purchase, TenderKind

EARNS_NOTHING = frozenset({TenderKind.POINTS, TenderKind.CREDIT})


def earning_base(purchase: Purchase) -> dict[int, int]:
    """
    The earning base by line number, in minor units.

    A part of the order that points or promotional credit paid is taken off every line in proportion to its price
    (largest remainder). Tax shrinks with the line's discount, rounded down, so the base is never understated by
    rounding.
    """
    lines = [line for line in purchase.lines if line.kind in GOODS]
    unpaid = sum(tender.amount for tender in purchase.tenders if tender.kind in EARNS_NOTHING)
    if not unpaid:
        return {line.no: _net(line) for line in lines}
    prices = [max(0, line.amount - line.discount) for line in purchase.lines]
    shares = allocate(min(unpaid, sum(prices)), prices)
    share_of = {line.no: share for line, share in zip(purchase.lines, shares, strict=True)}
    return {line.no: _earning_part(line, share_of[line.no]) for line in lines}


def _net(line: Line) -> int:
    if not line.tax:
        return line.amount - line.discount
    price = line.amount - line.discount
    return price - line.tax * price // line.amount


def _earning_part(line: Line, unpaid: int) -> int:
    price = line.amount - line.discount
    return _net(line) * (price - unpaid) // price if price else 0
