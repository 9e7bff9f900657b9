"""Write facts, hand them on."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db import connection, transaction

from events.catalogue import TYPES
from events.models import OutboxEvent
from roundtrips import Change, carry_out

Subscriber = Callable[[Sequence[OutboxEvent], datetime], None]

# Long enough to look into what happened; webhook deliveries keep what they send themselves.
KEPT_FOR = timedelta(days=30)
_FORGOTTEN_AT_ONCE = 10_000

_subscribers: dict[str, Subscriber] = {}
_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that became true: `type` is `noun.verb_in_past_tense`, the payload plain JSON values."""

    programme_id: int
    type: str
    payload: Mapping[str, Any]
    occurred_at: datetime


class Undeclared(RuntimeError):
    """A fact of a type that `events.catalogue` does not know: readers could not know it either."""


class OutsideTransaction(RuntimeError):
    """A fact must be written in the transaction that makes it true."""


def record(facts: Iterable[Fact]) -> None:
    """Write facts into the outbox of the current transaction, in the given order."""
    if not connection.in_atomic_block:
        raise OutsideTransaction
    rows = list(facts)
    if rows:
        carry_out([recording(rows)])


def recording(facts: Iterable[Fact]) -> Change:
    """What `record` writes, for those who write more at once."""
    rows = list(facts)
    for fact in rows:
        if fact.type not in TYPES:
            raise Undeclared(fact.type)
    return Change("events_record(%s)", (_encode(rows).decode(),))


def subscribe(name: str, subscriber: Subscriber) -> None:
    """Register a room's subscriber; called once while the app starts."""
    _subscribers[name] = subscriber


def unsubscribe(name: str) -> None:
    """Forget a subscriber."""
    del _subscribers[name]


@transaction.atomic
def relay_batch(*, at: datetime, limit: int = 500) -> int:
    """
    Hand the oldest waiting facts to every subscriber and mark them relayed; return how many there were.

    Subscribers write rows in this transaction and do no I/O, so a crash hands the same facts out again and nothing
    twice. Two relays at once take different facts.
    """
    waiting = list(
        OutboxEvent.objects.select_for_update(skip_locked=True).filter(relayed_at__isnull=True).order_by("pk")[:limit]
    )
    if not waiting:
        return 0
    for subscriber in _subscribers.values():
        subscriber(waiting, at)
    OutboxEvent.objects.filter(pk__in=[event.pk for event in waiting]).update(relayed_at=at)
    return len(waiting)


def forget_relayed(*, at: datetime) -> int:
    """Remove facts that were relayed more than `KEPT_FOR` ago, in chunks; return how many."""
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM events_outboxevent WHERE id IN (SELECT id FROM events_outboxevent"
                " WHERE relayed_at < %s ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED)",
                [at - KEPT_FOR, _FORGOTTEN_AT_ONCE],
            )
            removed += int(cursor.rowcount)
            if cursor.rowcount < _FORGOTTEN_AT_ONCE:
                return removed
