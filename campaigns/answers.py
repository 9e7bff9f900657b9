"""What was decided about an order, as it was answered."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db import connection

from campaigns.engine import Decision, Grant
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
    earned = _earned(order_ids)
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


def _in_order(
    decision: Decision, awards: dict[tuple[int, str], tuple[int, int, datetime | None]]
) -> tuple[tuple[Earned, ...], Decision]:
    return (
        tuple(Earned(grant, *awards[grant.version_id, grant.rule]) for grant in decision.grants),
        decision,
    )


def _earned(order_ids: Sequence[int]) -> dict[int, dict[tuple[int, str], tuple[int, int, datetime | None]]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT award.order_id, award.version_id, award.rule, award.posting_id, unit.decimals
              FROM campaigns_award award JOIN ledger_unit unit ON unit.id = award.unit_id WHERE award.order_id = ANY(%s)
            """,
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    lots = lots_of_postings([posting_id for _, _, _, posting_id, _ in rows])
    found: dict[int, dict[tuple[int, str], tuple[int, int, datetime | None]]] = defaultdict(dict)
    for order_id, version_id, rule, posting_id, decimals in rows:
        found[order_id][version_id, rule] = (posting_id, decimals, lots[posting_id].expires_at)
    return found
