"""The money that earns: by default goods behind discounts, without tax, without what points or credit paid."""

from campaigns.definitions import Base
from kernel.amounts import allocate
from orders.allocation import GOODS
from orders.facts import Line, LineKind, Purchase, Tender, TenderKind

_PLAIN = Base()


def earning_base(purchase: Purchase, counted: Base = _PLAIN) -> dict[int, int]:
    """
    The earning base by line number, in minor units; `counted` says what else counts.

    Every line's base is that of the sale, and what came back takes its part of it along, rounded down. A part of the
    order that points or promotional credit paid is taken off every line in proportion to its price (largest
    remainder). Tax shrinks with the line's discount, rounded down, so the base is never understated by rounding.
    """
    kinds = GOODS | {LineKind.SHIPPING} if counted.shipping else GOODS
    unpaid = sum(tender.amount for tender in purchase.tenders if not _earns(tender, counted))
    lines = purchase.lines
    shares = [0] * len(lines)
    if unpaid:
        prices = [max(0, line.amount - line.discount) for line in lines]
        shares = allocate(min(unpaid, sum(prices)), prices)
    return {
        line.no: line.left_of(_earning_part(line, share, counted))
        for line, share in zip(lines, shares, strict=True)
        if line.kind in kinds
    }


def _earns(tender: Tender, counted: Base) -> bool:
    if tender.earns is not None:
        return tender.earns
    if tender.kind is TenderKind.POINTS:
        return counted.points
    return tender.kind is not TenderKind.CREDIT or counted.credit


def _earning_part(line: Line, unpaid: int, counted: Base) -> int:
    """What of the whole line, whether or not some of it came back, counts and was paid with what earns."""
    price = line.amount if counted.discounts else line.amount - line.discount
    net = price if counted.tax or not line.tax else price - line.tax * price // line.amount
    if not unpaid:
        return net
    paid = line.amount - line.discount
    return net * (paid - unpaid) // paid
