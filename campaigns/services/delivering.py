"""An order arrived: what it earned and waited for that becomes active."""

from datetime import datetime

import msgspec
from django.db import transaction

from campaigns.answers import Earned, answers_of
from campaigns.inforce import terms
from events import outbox
from ledger import policies
from ledger import services as ledger
from ledger.policies import OnDelivery
from orders import services as orders
from orders.services import RegisteredDelivery
from shops.models import Programme


class AcceptedDelivery(msgspec.Struct, frozen=True):
    """What became of a delivery: all that the order earned, with the ends it has now."""

    registered: RegisteredDelivery
    earned: tuple[Earned, ...]


@transaction.atomic
def accept_delivery(*, programme: Programme, source: str, reference: str, delivered_at: datetime) -> AcceptedDelivery:
    """
    Put on record when an order arrived; what waited for that can be spent from then on, and its expiry counts from
    then. The same delivery again changes nothing.

    :raises OrderUnknown: if the order was never reported
    :raises DeliveredBeforeOrdered: if it would have arrived before it was bought
    :raises DeliveryContradicted: if it is known to have arrived at another time
    """
    registered = orders.register_delivery(
        programme=programme, source=source, reference=reference, delivered_at=delivered_at
    )
    if registered.fresh:
        earned = answers_of([registered.order_id])[registered.order_id].earned
        ledger.activate(activations=_activations(programme, registered, earned), at=delivered_at)
        order = {"id": registered.order_id, "source": source, "reference": reference}
        payload = {"order": order, "delivered_at": delivered_at.isoformat()}
        outbox.record([outbox.Fact(programme.pk, "order.delivered", payload, delivered_at)])
    return AcceptedDelivery(registered, answers_of([registered.order_id])[registered.order_id].earned)


def _activations(
    programme: Programme, registered: RegisteredDelivery, earned: tuple[Earned, ...]
) -> list[ledger.Activation]:
    """The earnings of units that wait for the delivery, by the policy of the day on which they were bought."""
    units = terms(programme.pk).units
    found = []
    for item in earned:
        policy = units[item.grant.unit].policy_at(registered.placed_at)
        if isinstance(policy.activation, OnDelivery):
            ends = policies.expires_at(
                policy,
                active=registered.delivered_at,
                zone=programme.zone,
                birth_month=registered.birth_month,
                expiry=item.grant.expiry,
            )
            found.append(ledger.Activation(item.posting_id, ends))
    return found
