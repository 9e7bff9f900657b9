"""
Webhook deliveries: written with the event, claimed, sent by somebody else, and settled.

A claim is committed before anything is sent, so no transaction waits for a receiver. Who claims holds the deliveries
until their lease ends; then another may take them, and the receiver sees the same message id again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction
from standardwebhooks import Webhook

from events.catalogue import PUBLIC, TYPES
from events.models import OutboxEvent
from integrations.models import WebhookDelivery, WebhookEndpoint
from integrations.services.endpoints import signing_secrets
from integrations.transport import Outcome

State = WebhookDelivery.State

LEASE = timedelta(seconds=60)
KEPT_FOR = timedelta(days=30)
# After which time the next attempt follows: 74 hours in all, most of them when a receiver is down for a weekend.
LADDER = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 30, 120, 600, 1800, 3600, 7200, 14400, 28800, 43200, 54000, 54000, 57600)
)
GONE = 410
_AT_ONCE = 10
_AT_ONCE_WHEN_FAILING = 1
_ANSWER_KEPT = 500
_SWEPT_AT_ONCE = 10_000
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery that this process alone may send until `leased_until`."""

    delivery_id: int
    endpoint_id: int
    url: str
    message_id: str
    body: str
    secrets: tuple[str, ...]
    attempts: int
    leased_until: datetime

    def headers(self, *, at: datetime) -> dict[str, str]:
        """The headers of Standard Webhooks for an attempt at `at` (UTC), signed with every valid secret."""
        signatures = (Webhook(secret).sign(self.message_id, at, self.body) for secret in self.secrets)
        return {
            "webhook-id": self.message_id,
            "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


def write_deliveries(*, events: Sequence[OutboxEvent], at: datetime) -> int:
    """Write one delivery per event and enabled endpoint that asked for its type, once; return how many are new."""
    public = [event for event in events if event.type in PUBLIC]
    endpoints = WebhookEndpoint.objects.filter(
        programme_id__in={event.programme_id for event in public}, is_enabled=True
    ).values_list("pk", "programme_id", "event_types")
    rows = [
        (endpoint_id, event.pk, event.type, message(event), at)
        for event in public
        for endpoint_id, programme_id, wanted in endpoints
        if programme_id == event.programme_id and (not wanted or event.type in wanted)
    ]
    return _insert(rows)


def message(event: OutboxEvent) -> str:
    """The body of an event, in the shape that Standard Webhooks recommends."""
    return _encode(
        {
            "type": event.type,
            "version": TYPES[event.type].version,
            "timestamp": event.occurred_at,
            "data": event.payload,
        }
    ).decode()


@transaction.atomic
def send_test(*, endpoint: WebhookEndpoint, at: datetime) -> WebhookDelivery:
    """Queue a message of the type `webhook.test`."""
    body = _encode({"type": "webhook.test", "version": 1, "timestamp": at, "data": {"webhook": endpoint.pk}}).decode()
    number = -int(at.timestamp() * 1_000_000)
    _insert([(endpoint.pk, number, "webhook.test", body, at)])
    return WebhookDelivery.objects.get(endpoint=endpoint, event_id=number)


@transaction.atomic
def send_again(*, delivery: WebhookDelivery, at: datetime) -> None:
    """Start over with a delivery that was closed, under the same message id."""
    WebhookDelivery.objects.filter(pk=delivery.pk).exclude(state=State.WAITING).update(
        state=State.WAITING, attempts=0, next_attempt_at=at, closed_at=None
    )


@transaction.atomic
def claim(*, at: datetime, limit: int = 50) -> list[Claim]:
    """
    Take deliveries that are due: the longest waiting of each endpoint, the endpoints in any order.

    An endpoint that fails gets one attempt at a time and the others ten, so one that hangs keeps nobody else waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH due AS (
                SELECT picked.id
                  FROM (SELECT id, failing_since FROM integrations_webhookendpoint WHERE is_enabled ORDER BY random()
                       ) endpoint
                 CROSS JOIN LATERAL (
                       SELECT CASE WHEN endpoint.failing_since IS NULL THEN %(many)s ELSE %(few)s END
                              - count(*) AS number
                         FROM integrations_webhookdelivery busy
                        WHERE busy.endpoint_id = endpoint.id AND busy.state = 'WAITING' AND busy.leased_until > %(at)s
                       ) free
                 CROSS JOIN LATERAL (
                       SELECT delivery.id FROM integrations_webhookdelivery delivery
                        WHERE delivery.endpoint_id = endpoint.id AND delivery.state = 'WAITING'
                          AND delivery.next_attempt_at <= %(at)s
                          AND (delivery.leased_until IS NULL OR delivery.leased_until <= %(at)s)
                        ORDER BY delivery.next_attempt_at, delivery.id
                        LIMIT greatest(0, free.number)
                          FOR UPDATE SKIP LOCKED) picked
                 LIMIT %(limit)s
            )
            UPDATE integrations_webhookdelivery delivery SET leased_until = %(until)s
              FROM due WHERE delivery.id = due.id RETURNING delivery.id
            """,
            {
                "at": at,
                "until": at + LEASE,
                "many": _AT_ONCE,
                "few": _AT_ONCE_WHEN_FAILING,
                "limit": limit,
            },
        )
        ids = [delivery_id for (delivery_id,) in cursor.fetchall()]
    rows = WebhookDelivery.objects.filter(pk__in=ids).select_related("endpoint").order_by("next_attempt_at", "pk")
    return [_claim(delivery, at) for delivery in rows]


@transaction.atomic
def settle(*, results: Sequence[tuple[Claim, Outcome]], at: datetime) -> None:
    """Write down how attempts ended: delivered, to be tried again, or given up."""
    if not results:
        return
    verdicts = [_verdict(claimed, outcome, at) for claimed, outcome in results]
    columns: dict[str, Any] = {name: [verdict[name] for verdict in verdicts] for name in verdicts[0]}
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, columns | {"at": at})
    _judge_endpoints(results, at)


def forget_old(*, at: datetime) -> int:
    """Remove deliveries that were closed more than `KEPT_FOR` ago, in chunks; return how many."""
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM integrations_webhookdelivery WHERE id IN (SELECT id FROM integrations_webhookdelivery"
                " WHERE closed_at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
                [at - KEPT_FOR, _SWEPT_AT_ONCE],
            )
            removed += int(cursor.rowcount)
            if cursor.rowcount < _SWEPT_AT_ONCE:
                return removed


def _insert(rows: Sequence[tuple[int, int, str, str, datetime]]) -> int:
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO integrations_webhookdelivery (endpoint_id, event_id, event_type, body, next_attempt_at, state,
                                                      attempts, last_answer)
            SELECT row.*, 'WAITING', 0, ''
              FROM unnest(%s::bigint[], %s::bigint[], %s::text[], %s::text[], %s::timestamptz[]) AS row
            ON CONFLICT DO NOTHING
            """,
            [list(column) for column in zip(*rows, strict=True)],
        )
        return int(cursor.rowcount)


def _claim(delivery: WebhookDelivery, at: datetime) -> Claim:
    if delivery.leased_until is None:
        raise AssertionError("a claimed delivery has no lease")
    return Claim(
        delivery_id=delivery.pk,
        endpoint_id=delivery.endpoint_id,
        url=delivery.endpoint.url,
        message_id=delivery.message_id,
        body=delivery.body,
        secrets=tuple(signing_secrets(delivery.endpoint, at=at)),
        attempts=delivery.attempts,
        leased_until=delivery.leased_until,
    )


# Whose lease ended may report a success and judge nothing else any more: another attempt is under way.
_SETTLE = """
UPDATE integrations_webhookdelivery delivery
   SET attempts = delivery.attempts + 1, last_attempt_at = %(at)s, leased_until = NULL, state = verdict.state,
       next_attempt_at = verdict.next_attempt_at, closed_at = CASE WHEN verdict.state <> 'WAITING' THEN %(at)s END,
       last_status = verdict.status, last_answer = verdict.answer
  FROM unnest(%(ids)s::bigint[], %(leases)s::timestamptz[], %(states)s::text[], %(nexts)s::timestamptz[],
              %(statuses)s::smallint[], %(answers)s::text[])
       AS verdict (id, lease, state, next_attempt_at, status, answer)
 WHERE delivery.id = verdict.id AND delivery.state = 'WAITING'
   AND (verdict.state = 'DELIVERED' OR delivery.leased_until = verdict.lease)
"""


def _verdict(claimed: Claim, outcome: Outcome, at: datetime) -> dict[str, Any]:
    wait = _wait(claimed)
    if outcome.delivered:
        state, next_attempt_at = State.DELIVERED, None
    elif wait is None or outcome.status == GONE:
        state, next_attempt_at = State.DEAD, None
    else:
        state, next_attempt_at = State.WAITING, at + wait
    return {
        "ids": claimed.delivery_id,
        "leases": claimed.leased_until,
        "states": state.value,
        "nexts": next_attempt_at,
        "statuses": outcome.status,
        "answers": outcome.text[:_ANSWER_KEPT].replace("\0", ""),
    }


def _wait(claimed: Claim) -> timedelta | None:
    if claimed.attempts >= len(LADDER):
        return None
    # Up to a tenth later, by the delivery's number: a thousand that failed together do not come back together.
    return LADDER[claimed.attempts] * (1 + claimed.delivery_id % 100 / 1000)


def _judge_endpoints(results: Sequence[tuple[Claim, Outcome]], at: datetime) -> None:
    well = {claimed.endpoint_id for claimed, outcome in results if outcome.delivered}
    ill = {claimed.endpoint_id for claimed, _ in results} - well
    gone = {claimed.endpoint_id for claimed, outcome in results if outcome.status == GONE}
    endpoints = WebhookEndpoint.objects
    endpoints.filter(pk__in=well, failing_since__isnull=False).update(failing_since=None)
    endpoints.filter(pk__in=ill, failing_since__isnull=True).update(failing_since=at)
    endpoints.filter(pk__in=gone, is_enabled=True).update(
        is_enabled=False, disabled_because="The receiver answered 410 Gone."
    )
