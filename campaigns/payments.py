"""Payments with points as a sale keeps them, and how what comes back is split over everything that paid."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

import msgspec
from django.db import connection

from kernel.amounts import allocate
from orders.allocation import without_returned
from orders.facts import Purchase, Tender, TenderKind
from shops.models import Programme

RefundOrder = Programme.RefundOrder

KIND_OF_CLASS = {
    "POINTS": TenderKind.POINTS,
    "CREDIT": TenderKind.CREDIT,
    "STORED_VALUE": TenderKind.STORED_VALUE,
}
# Where points come from that a machine or a till keeps for a checkout.
CHECKOUT = "checkout"


class Paid(msgspec.Struct, frozen=True):
    """
    Points that paid the tender at `place`. `points` are minor units of the unit, `value` those of the order's currency.
    """

    payment_id: int
    place: int
    posting_id: int
    unit: str
    unit_decimals: int
    points: int
    value: int
    earns: bool
    refund_order: str


def payments_of(order_ids: Collection[int]) -> dict[int, tuple[Paid, ...]]:
    """What points paid of orders, by order id, in the sequence of the tenders."""
    found: dict[int, list[Paid]] = defaultdict(list)
    if not order_ids:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT payment.order_id, payment.id, payment.place, payment.posting_id, unit.code, unit.decimals,
                   payment.points, payment.value, payment.earns, payment.refund_order
              FROM campaigns_payment payment JOIN ledger_unit unit ON unit.id = payment.unit_id
             WHERE payment.order_id = ANY(%s) ORDER BY payment.order_id, payment.place
            """,
            [list(order_ids)],
        )
        for order_id, *fields in cursor.fetchall():
            found[order_id].append(Paid(*fields))
    return {order_id: tuple(paid) for order_id, paid in found.items()}


def with_terms(purchase: Purchase, earning: Iterable[tuple[int, bool]]) -> Purchase:
    """The purchase with its tenders saying whether they earn, where a payment's terms say so: `(place, earns)`."""
    terms = dict(earning)
    tenders = tuple(
        msgspec.structs.replace(tender, earns=terms[place]) if place in terms else tender
        for place, tender in enumerate(purchase.tenders)
    )
    return msgspec.structs.replace(purchase, tenders=tenders)


def came_back(purchase: Purchase, returned: dict[int, int]) -> int:
    """What the goods that came back in total had cost, behind all discounts, at most what was paid."""
    left = without_returned(purchase, returned)
    prices = (
        max(0, line.amount - line.discount) - max(0, remaining.price)
        for line, remaining in zip(purchase.lines, left.lines, strict=True)
    )
    return min(sum(prices), sum(tender.amount for tender in purchase.tenders))


def split_refund(amount: int, tenders: Sequence[Tender], paid: Sequence[Paid]) -> list[int]:
    """
    What of `amount`, all that came back of an order, belongs to each of its tenders.

    Points and money are two parties: one is served first, or both by largest remainder (ties to the points). Inside a
    party the tenders are served in their sequence. No share shrinks while the amount grows, so what many returns give
    is what one gives.
    """
    places = {payment.place for payment in paid}
    by_points = sum(tender.amount for place, tender in enumerate(tenders) if place in places)
    by_money = sum(tender.amount for tender in tenders) - by_points
    order = paid[0].refund_order if paid else RefundOrder.MONEY_FIRST
    if order == RefundOrder.POINTS_FIRST:
        for_points = min(amount, by_points)
    elif order == RefundOrder.MONEY_FIRST:
        for_points = amount - min(amount, by_money)
    else:
        for_points = allocate(amount, [by_points, by_money])[0]
    left = {True: for_points, False: amount - for_points}
    shares = []
    for place, tender in enumerate(tenders):
        share = min(left[place in places], tender.amount)
        left[place in places] -= share
        shares.append(share)
    return shares
