"""The money that earns: goods after discounts, without tax, without what points or credit paid."""

from kernel.amounts import allocate
from orders.allocation import GOODS
from orders.facts import Line, Purchase, Tender, TenderKind

EARNS_NOTHING = frozenset({TenderKind.POINTS, TenderKind.CREDIT})


def earning_base(purchase: Purchase) -> dict[int, int]:
    """
    The earning base by line number, in minor units.

    Every line's base is that of the sale, and what came back takes its part of it along, rounded down. A part of the
    order that points or promotional credit paid is taken off every line in proportion to its price (largest
    remainder). Tax shrinks with the line's discount, rounded down, so the base is never understated by rounding.
    """
    unpaid = sum(tender.amount for tender in purchase.tenders if not _earns(tender))
    if not unpaid:
        return {line.no: line.left_of(_net(line)) for line in purchase.lines if line.kind in GOODS}
    prices = [max(0, _price(line)) for line in purchase.lines]
    shares = allocate(min(unpaid, sum(prices)), prices)
    return {
        line.no: line.left_of(_earning_part(line, share))
        for line, share in zip(purchase.lines, shares, strict=True)
        if line.kind in GOODS
    }


def _earns(tender: Tender) -> bool:
    return tender.kind not in EARNS_NOTHING if tender.earns is None else tender.earns


def _price(line: Line) -> int:
    """What the whole line was sold for, whether or not some of it came back."""
    return line.amount - line.discount


def _net(line: Line) -> int:
    price = _price(line)
    return price - line.tax * price // line.amount if line.tax else price


def _earning_part(line: Line, unpaid: int) -> int:
    price = _price(line)
    return _net(line) * (price - unpaid) // price if price else 0
