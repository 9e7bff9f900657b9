"""A share of what members earn goes to their household by itself, out of the very lots, once they are active."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import F

from events import outbox
from events.models import OutboxEvent
from kernel.amounts import format_minor, parse_minor
from ledger import services as ledger
from ledger.queries import Unit, lots_of_postings
from members.households.models import EarningShare, HouseholdMember, HouseholdTerms

EARNED = "points.accrued"
State = HouseholdMember.State


def on_events(events: Sequence[OutboxEvent], _at: datetime) -> None:
    """Note for each new earning of somebody in a household what of it is the household's; `give_next` gives it."""
    earned = [event for event in events if event.type == EARNED and event.payload.get("member")]
    places = _places(earned)
    if not places:
        return
    units = _pooled_units({programme_id for programme_id, _ in places})
    rows = []
    for event in earned:
        place = places.get((event.programme_id, event.payload["member"]))
        unit = units.get((event.programme_id, event.payload["unit"]))
        if place is None or unit is None or place.joined_at is None or event.occurred_at < place.joined_at:
            continue
        amount = parse_minor(event.payload["amount"], decimals=unit.decimals)
        rows.append(
            EarningShare(
                person=place,
                posting_id=event.payload["posting"],
                unit=unit,
                amount=amount * place.share_percent // 100,
                earned_at=event.occurred_at,
            )
        )
    EarningShare.objects.bulk_create(rows, ignore_conflicts=True)


def give_next(*, at: datetime, after: int = 0, count: int = 200) -> int | None:
    """
    Give what waits and is active by `at`, for the next earnings after one, each in a transaction of its own; return the
    last one looked at, None when none was left. Safe twice and in two workers.
    """
    waiting = list(
        EarningShare.objects.filter(done_at__isnull=True, pk__gt=after)
        .select_related("person__household", "person__member", "unit")
        .order_by("pk")[:count]
    )
    lots = lots_of_postings([row.posting_id for row in waiting])
    for row in waiting:
        is_due = row.amount == 0 or lots[row.posting_id].active_from <= at
        if is_due or not row.is_noted:
            _give(row, at, is_due=is_due)
    return waiting[-1].pk if waiting else None


@transaction.atomic
def _give(row: EarningShare, at: datetime, *, is_due: bool) -> None:
    pool_id = row.person.household.pool_id
    ledger.lock_wallets([pool_id, row.person.member.wallet_id])
    if EarningShare.objects.filter(pk=row.pk, done_at__isnull=False).exists():
        return
    if not HouseholdMember.objects.filter(pk=row.person_id, state=State.ACTIVE).exists():
        EarningShare.objects.filter(pk=row.pk).update(done_at=at)
        return
    if not row.is_noted:
        ledger.pool_earned(pool_id=pool_id, unit_ids=[row.unit_id], at=row.earned_at)
    given = _given(row, pool_id, at) if is_due and row.amount else 0
    EarningShare.objects.filter(pk=row.pk).update(given=given, is_noted=True, done_at=at if is_due else F("done_at"))


def _given(row: EarningShare, pool_id: int, at: datetime) -> int:
    pooled = ledger.contribute_earning(
        earning_id=row.posting_id,
        pool_id=pool_id,
        amount=row.amount,
        source="household",
        reference=f"share:{row.posting_id}",
        at=at,
        actor="household",
    )
    if pooled.posting_id is not None and pooled.fresh:
        household, member = row.person.household, row.person.member
        payload = {
            "household": household.pk,
            "member": member.number,
            "posting": pooled.posting_id,
            "unit": row.unit.code,
            "amount": format_minor(pooled.amount, decimals=row.unit.decimals),
            "automatic": True,
        }
        outbox.record([outbox.Fact(household.programme_id, "points.pooled", payload, at)])
    return pooled.amount


def _places(events: Iterable[OutboxEvent]) -> dict[tuple[int, str], HouseholdMember]:
    numbers = {event.payload["member"] for event in events}
    rows = HouseholdMember.objects.filter(state=State.ACTIVE, member__number__in=numbers)
    return {(row.household.programme_id, row.member.number): row for row in rows.select_related("household", "member")}


def _pooled_units(programme_ids: Iterable[int]) -> dict[tuple[int, str], Unit]:
    offering = HouseholdTerms.objects.filter(programme__in=list(programme_ids), is_offered=True)
    return {
        (terms.programme_id, unit.code): unit
        for terms in offering.prefetch_related("units")
        for unit in terms.units.all()
    }
