"""Putting decisions about orders into the books."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
from django.db import connection

from campaigns.engine import Decision, Grant
from campaigns.inforce import UnitTerms
from events import outbox
from kernel.amounts import format_minor
from kernel.periods import end_of_day, local_day
from ledger import services as ledger
from orders.services import RegisteredOrder
from shops.models import Programme

_encode = msgspec.json.Encoder().encode

Decided = tuple[RegisteredOrder, Decision]


class Booked(msgspec.Struct, frozen=True):
    """A grant with its posting and the end of its lot."""

    grant: Grant
    posting_id: int
    expires_at: datetime | None


def book(
    *, programme: Programme, decided: Sequence[Decided], units: dict[str, UnitTerms], actor: str
) -> dict[int, list[Booked]]:
    """Accrue every grant; what was booked, by order id."""
    zone = programme.zone
    wanted = [(row, grant, _accrual(row, grant, units[grant.unit], zone)) for row, grant in _grants(decided)]
    accrued = ledger.accrue(programme_id=programme.pk, accruals=[accrual for _, _, accrual in wanted], actor=actor)
    booked: dict[int, list[Booked]] = defaultdict(list)
    for (row, grant, accrual), posted in zip(wanted, accrued, strict=True):
        booked[row.order_id].append(Booked(grant, posted.posting_id, accrual.expires_at))
    return booked


def record(
    *,
    programme: Programme,
    decided: Sequence[Decided],
    booked: dict[int, list[Booked]],
    units: dict[str, UnitTerms],
) -> None:
    """Write down why: decisions, awards, and the facts that others wait for."""
    if not decided:
        return
    awards = [
        {
            "order_id": row.order_id,
            "version_id": item.grant.version_id,
            "rule": item.grant.rule,
            "unit_id": units[item.grant.unit].id,
            "posting_id": item.posting_id,
            "granted": item.grant.granted,
        }
        for row, _ in decided
        for item in booked.get(row.order_id, [])
    ]
    decisions = [{"order_id": row.order_id, "outcome": decision} for row, decision in decided]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH decisions AS (
                INSERT INTO campaigns_decision (programme_id, order_id, outcome)
                SELECT %s, order_id, outcome
                  FROM json_to_recordset(%s::json) AS decision (order_id bigint, outcome jsonb)
            )
            INSERT INTO campaigns_award (programme_id, order_id, version_id, rule, unit_id, posting_id, granted)
            SELECT %s, order_id, version_id, rule, unit_id, posting_id, granted
              FROM json_to_recordset(%s::json) AS award (order_id bigint, version_id bigint, rule text, unit_id bigint,
                                                         posting_id bigint, granted bigint)
            """,
            [programme.pk, _encode(decisions).decode(), programme.pk, _encode(awards).decode()],
        )
    outbox.record(fact for row, _ in decided for fact in _facts(programme.pk, row, booked.get(row.order_id, []), units))


def _grants(decided: Sequence[Decided]) -> Iterator[tuple[RegisteredOrder, Grant]]:
    for row, decision in decided:
        for grant in decision.grants:
            yield row, grant


def _accrual(row: RegisteredOrder, grant: Grant, unit: UnitTerms, zone: ZoneInfo) -> ledger.Accrual:
    if row.member is None:
        raise AssertionError("a guest was granted points")
    earned_at = row.purchase.placed_at
    return ledger.Accrual(
        wallet_id=row.member.wallet_id,
        unit_id=unit.id,
        amount=grant.granted,
        source="order",
        reference=f"{row.order_id}:{grant.version_id}:{grant.rule}",
        occurred_at=earned_at,
        active_from=earned_at,
        expires_at=_expires_at(unit, earned_at, zone),
    )


def _expires_at(unit: UnitTerms, earned_at: datetime, zone: ZoneInfo) -> datetime | None:
    """The end of the last local day on which points earned at `earned_at` can be spent."""
    if unit.expiry_days is None:
        return None
    return end_of_day(local_day(earned_at, zone) + timedelta(days=unit.expiry_days), zone)


def _facts(
    programme_id: int, row: RegisteredOrder, booked: Sequence[Booked], units: dict[str, UnitTerms]
) -> Iterator[outbox.Fact]:
    at = row.purchase.placed_at
    number = row.member.number if row.member else None
    order = {"id": row.order_id, "source": row.draft.source, "reference": row.draft.reference}
    yield outbox.Fact(programme_id, "order.accepted", {"order": order, "member": number}, at)
    for item in booked:
        payload = {
            "member": number,
            "order": order,
            "posting": item.posting_id,
            "unit": item.grant.unit,
            "amount": format_minor(item.grant.granted, decimals=units[item.grant.unit].decimals),
            "expires_at": item.expires_at.isoformat() if item.expires_at else None,
        }
        yield outbox.Fact(programme_id, "points.accrued", payload, at)
