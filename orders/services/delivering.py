"""Deliveries, once each."""

from datetime import datetime

import msgspec

from orders.errors import DeliveredBeforeOrdered, DeliveryContradicted, OrderUnknown
from orders.models import Delivery, Order
from shops.models import Programme


class RegisteredDelivery(msgspec.Struct, frozen=True):
    """A delivery that is on record; `fresh` is false if it was known before. `birth_month` is the customer's."""

    order_id: int
    placed_at: datetime
    delivered_at: datetime
    fresh: bool
    birth_month: int | None


def register_delivery(
    *, programme: Programme, source: str, reference: str, delivered_at: datetime
) -> RegisteredDelivery:
    """
    Put on record when an order arrived. The same again is a repeat.

    :raises OrderUnknown: if the order was never reported
    :raises DeliveredBeforeOrdered: if it would have arrived before it was bought
    :raises DeliveryContradicted: if it is known to have arrived at another time
    """
    known = Order.objects.filter(programme_id=programme.pk, source=source, reference=reference)
    order = known.select_related("member").first()
    if order is None:
        raise OrderUnknown(source=source, reference=reference)
    if delivered_at < order.placed_at:
        raise DeliveredBeforeOrdered(placed_at=order.placed_at, delivered_at=delivered_at)
    delivery, fresh = Delivery.objects.get_or_create(order=order, defaults={"delivered_at": delivered_at})
    if delivery.delivered_at != delivered_at:
        raise DeliveryContradicted(source=source, reference=reference, delivered_at=delivery.delivered_at)
    birth_month = order.member.birth_month if order.member else None
    return RegisteredDelivery(order.pk, order.placed_at, delivered_at, fresh, birth_month)
