"""What is answered about deliveries of orders."""

from datetime import UTC

import msgspec

from campaigns.services import AcceptedDelivery
from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor


class WokenDocument(msgspec.Struct, frozen=True):
    """What the order earned in one unit by one rule; lost at `expires_at`, null when never."""

    posting: SafeInteger
    unit: str
    amount: AmountText
    expires_at: Instant | None


class DeliveryAnswer(msgspec.Struct, frozen=True):
    """What became of a delivery. `earned` is all that the order earned, with the ends it has now."""

    order: SafeInteger
    source: str
    order_reference: str
    delivered_at: Instant
    earned: list[WokenDocument]


def delivery_answer(accepted: AcceptedDelivery, source: str, reference: str) -> DeliveryAnswer:
    """The answer to `POST /order-deliveries`."""
    return DeliveryAnswer(
        order=accepted.registered.order_id,
        source=source,
        order_reference=reference,
        delivered_at=accepted.registered.delivered_at.astimezone(UTC),
        earned=[
            WokenDocument(
                posting=item.posting_id,
                unit=item.grant.unit,
                amount=format_minor(item.grant.granted, decimals=item.unit_decimals),
                expires_at=utc(item.expires_at),
            )
            for item in accepted.earned
        ],
    )
