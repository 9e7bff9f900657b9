"""What was decided about an order or an event, as it was answered."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

from campaigns.engine import Decision, Grant
from campaigns.models import Award
from ledger.queries import lots_of_postings

# Whoever asks for an answer again is told that it was given before.
_REPEAT = False
_decode = msgspec.json.Decoder(Decision).decode


class Earned(msgspec.Struct, frozen=True):
    """A grant that is in the books. Amounts are minor units of the unit."""

    grant: Grant
    posting_id: int
    unit_decimals: int
    expires_at: datetime | None


class Accepted(msgspec.Struct, frozen=True):
    """
    What became of an order. `fresh` is false for a repeat, which gets the first answer.

    `earned` is what is in the books, `decision` the engine's answer in full; `member_number` is None for a guest.
    """

    order_id: int
    source: str
    reference: str
    fresh: bool
    member_number: str | None
    currency: str
    earned: tuple[Earned, ...]
    decision: Decision


def answers_of(order_ids: Sequence[int]) -> dict[int, Accepted]:
    """The answers given to orders, by order id; unknown ones are left out."""
    if not order_ids:
        return {}
    earned = _earned("order_id", order_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT purchase.id, purchase.source, purchase.reference, member.number, purchase.currency,
                 decision.outcome::text
              FROM orders_order purchase
              JOIN campaigns_decision decision ON decision.order_id = purchase.id
              LEFT JOIN members_member member ON member.id = purchase.member_id
             WHERE purchase.id = ANY(%s)
            """,
            [list(order_ids)],
        )
        return {
            order_id: Accepted(
                order_id, source, reference, _REPEAT, number, currency, *_in_order(_decode(outcome), earned[order_id])
            )
            for order_id, source, reference, number, currency, outcome in cursor.fetchall()
        }


class AcceptedEvent(msgspec.Struct, frozen=True):
    """
    What became of an event of type `type`. `fresh` is false for a repeat, which gets the first answer.

    `earned` is what is in the books, `decision` the engine's answer in full; `member_number` is None for a guest.
    """

    event_id: int
    type: str
    source: str
    reference: str
    fresh: bool
    member_number: str | None
    earned: tuple[Earned, ...]
    decision: Decision


def event_answers_of(event_ids: Sequence[int]) -> dict[int, AcceptedEvent]:
    """The answers given to events, by event id; unknown ones are left out."""
    if not event_ids:
        return {}
    earned = _earned("event_id", event_ids)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT event.id, event.type, event.source, event.reference, member.number, decision.outcome::text
              FROM orders_event event
              JOIN campaigns_decision decision ON decision.event_id = event.id
              LEFT JOIN members_member member ON member.id = event.member_id
             WHERE event.id = ANY(%s)
            """,
            [list(event_ids)],
        )
        return {
            event_id: AcceptedEvent(
                event_id, type_, source, reference, _REPEAT, number, *_in_order(_decode(outcome), earned[event_id])
            )
            for event_id, type_, source, reference, number, outcome in cursor.fetchall()
        }


def _in_order(
    decision: Decision, awards: dict[tuple[int, str], tuple[int, int, datetime | None]]
) -> tuple[tuple[Earned, ...], Decision]:
    return (
        tuple(Earned(grant, *awards[grant.version_id, grant.rule]) for grant in decision.grants),
        decision,
    )


def _earned(column: str, ids: Sequence[int]) -> dict[int, dict[tuple[int, str], tuple[int, int, datetime | None]]]:
    rows = Award.objects.filter(**{f"{column}__in": ids}).values_list(
        column, "version_id", "rule", "posting_id", "unit__decimals"
    )
    lots = lots_of_postings([posting_id for _, _, _, posting_id, _ in rows])
    found: dict[int, dict[tuple[int, str], tuple[int, int, datetime | None]]] = defaultdict(dict)
    for about_id, version_id, rule, posting_id, decimals in rows:
        found[about_id][version_id, rule] = (posting_id, decimals, lots[posting_id].expires_at)
    return found
