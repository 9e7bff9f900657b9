"""What is answered about webhooks."""

from datetime import UTC
from typing import Annotated

import msgspec
from msgspec import Meta

from integrations.api.documents.values import Instant, SafeInteger, utc
from integrations.models import WebhookDelivery, WebhookEndpoint


class WebhookDocument(msgspec.Struct, frozen=True):
    """
    An address that is told about events.

    `failing_since` is the first failure after the last success; `disabled_because` says why it was switched off.
    """

    id: SafeInteger
    url: str
    description: str
    event_types: list[str]
    is_enabled: bool
    disabled_because: str | None
    failing_since: Instant | None
    old_secret_valid_until: Instant | None
    created_at: Instant


class WebhookPage(msgspec.Struct, frozen=True):
    """Some webhooks, newest first, and the addresses of the pages around them."""

    next: str | None
    previous: str | None
    results: list[WebhookDocument]


class SecretDocument(msgspec.Struct, frozen=True):
    """What a webhook's messages are signed with."""

    secret: Annotated[str, Meta(examples=["whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"])]


class DeliveryDocument(msgspec.Struct, frozen=True):
    """
    One event for one webhook. `message` is the `webhook-id` of every attempt.

    `state` is `WAITING` (for `next_attempt_at`), `DELIVERED` or `DEAD` (given up).
    """

    id: SafeInteger
    message: str
    type: str
    state: str
    attempts: SafeInteger
    next_attempt_at: Instant | None
    last_attempt_at: Instant | None
    last_status: SafeInteger | None
    last_answer: str
    created_at: Instant


class DeliveryPage(msgspec.Struct, frozen=True):
    """Some deliveries, newest first, and the addresses of the pages around them."""

    next: str | None
    previous: str | None
    results: list[DeliveryDocument]


def webhook_document(endpoint: WebhookEndpoint) -> WebhookDocument:
    """An endpoint without its secret."""
    return WebhookDocument(
        id=endpoint.pk,
        url=endpoint.url,
        description=endpoint.description,
        event_types=endpoint.event_types,
        is_enabled=endpoint.is_enabled,
        disabled_because=endpoint.disabled_because or None,
        failing_since=utc(endpoint.failing_since),
        old_secret_valid_until=utc(endpoint.previous_secret_until),
        created_at=endpoint.created_at.astimezone(UTC),
    )


def delivery_document(delivery: WebhookDelivery) -> DeliveryDocument:
    """How the delivery of one event stands."""
    return DeliveryDocument(
        id=delivery.pk,
        message=delivery.message_id,
        type=delivery.event_type,
        state=delivery.state,
        attempts=delivery.attempts,
        next_attempt_at=utc(delivery.next_attempt_at),
        last_attempt_at=utc(delivery.last_attempt_at),
        last_status=delivery.last_status,
        last_answer=delivery.last_answer,
        created_at=delivery.created_at.astimezone(UTC),
    )
