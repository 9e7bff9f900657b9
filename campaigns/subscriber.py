"""Facts of the rooms below that campaigns wait for."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.inforce import Timetable, terms
from campaigns.occasions import happen, occasion, waiting
from events.models import OutboxEvent
from kernel.amounts import format_minor
from ledger.queries import balances_around
from members.queries import confirmed_among
from orders.events.builtin import (
    BALANCE_REACHED,
    CONFIRMED,
    ENROLLED,
    ORDER_RETURNED,
    SEGMENT_ENTERED,
    SEGMENT_LEFT,
    TIER_CHANGED,
)
from orders.events.facts import EventDraft
from orders.events.marks import marks_of
from orders.queries import worth_of_returns
from shops.models import Programme

Facts = Sequence[OutboxEvent]
Noticing = Callable[[Programme, Timetable, Facts], Iterator[EventDraft]]


def on_events(events: Sequence[OutboxEvent], _at: datetime) -> None:
    """What the facts mean to the rules in force when they became true. Facts about nobody mean nothing."""
    by_programme: dict[int, list[OutboxEvent]] = defaultdict(list)
    for event in events:
        if event.type in _NOTICING and event.payload.get("member"):
            by_programme[event.programme_id].append(event)
    programmes = Programme.objects.in_bulk(by_programme)
    # In one order, so that two relays wait for each other's wallets and never in a circle.
    for programme_id, facts in sorted(by_programme.items()):
        if programme := programmes.get(programme_id):
            happen(programme, list(_noticed(programme, facts)))


def _noticed(programme: Programme, facts: Facts) -> Iterator[EventDraft]:
    rules = terms(programme.pk).rules
    by_type: dict[str, list[OutboxEvent]] = defaultdict(list)
    for fact in facts:
        by_type[fact.type].append(fact)
    for type_, of_type in by_type.items():
        for noticing in _NOTICING[type_]:
            yield from noticing(programme, rules, of_type)


def _joined(_programme: Programme, rules: Timetable, facts: Facts) -> Iterator[EventDraft]:
    for fact in facts:
        if waiting(rules, ENROLLED, fact.occurred_at):
            number = fact.payload["member"]
            yield occasion(ENROLLED, f"enrolled:{number}", member=number, at=fact.occurred_at)


def _confirmed(programme: Programme, rules: Timetable, facts: Facts) -> Iterator[EventDraft]:
    """Who joins with a sign-in, or signs in to a membership that a shop reported, proved that the address is theirs."""
    asked = [fact for fact in facts if waiting(rules, CONFIRMED, fact.occurred_at)]
    signed_in = confirmed_among(programme.pk, [fact.payload["member"] for fact in asked])
    for fact in asked:
        number = fact.payload["member"]
        if number in signed_in:
            yield occasion(CONFIRMED, f"confirmed:{number}", member=number, at=fact.occurred_at)


def _told(type_: str, *names: str) -> Noticing:
    """An occasion for each fact, that carries what the fact says under `names`."""

    def noticing(_programme: Programme, rules: Timetable, facts: Facts) -> Iterator[EventDraft]:
        for fact in facts:
            if waiting(rules, type_, fact.occurred_at):
                told = {name: fact.payload.get(name) for name in names}
                yield _of(fact, type_, told)

    return noticing


def _returned(programme: Programme, rules: Timetable, facts: Facts) -> Iterator[EventDraft]:
    asked = [fact for fact in facts if waiting(rules, ORDER_RETURNED, fact.occurred_at)]
    worth = worth_of_returns([fact.payload["return"]["id"] for fact in asked]) if asked else {}
    for fact in asked:
        amount = format_minor(worth[fact.payload["return"]["id"]], decimals=programme.currency_decimals)
        yield _of(fact, ORDER_RETURNED, {"amount": amount})


def _balance_moved(_programme: Programme, rules: Timetable, facts: Facts) -> Iterator[EventDraft]:
    """A balance is reached by the posting that lifts it to a mark or over it, whatever was before or comes after."""
    asked = [(fact, marks) for fact in facts if (marks := _marks(rules, fact.occurred_at))]
    around = balances_around([fact.payload["posting"] for fact, _ in asked]) if asked else {}
    for fact, marks in asked:
        posting, unit = fact.payload["posting"], fact.payload["unit"]
        before, after = around[posting]
        for mark in sorted(marks):
            if before < mark <= after:
                reference = f"balance:{posting}:{mark}"
                payload = {"unit": unit, "mark": mark}
                yield occasion(
                    BALANCE_REACHED, reference, member=fact.payload["member"], at=fact.occurred_at, payload=payload
                )


def _marks(rules: Timetable, at: datetime) -> frozenset[int]:
    return frozenset().union(*(marks_of(rule.condition) for rule in waiting(rules, BALANCE_REACHED, at)))


def _of(fact: OutboxEvent, type_: str, payload: Mapping[str, Any]) -> EventDraft:
    return occasion(type_, f"{type_}:{fact.pk}", member=fact.payload["member"], at=fact.occurred_at, payload=payload)


_NOTICING: dict[str, tuple[Noticing, ...]] = {
    "member.enrolled": (_joined, _confirmed),
    "member.claimed": (_confirmed,),
    "tier.changed": (_told(TIER_CHANGED, "ladder", "from", "to"),),
    "segment.entered": (_told(SEGMENT_ENTERED, "segment"),),
    "segment.left": (_told(SEGMENT_LEFT, "segment"),),
    "return.accepted": (_returned,),
    "points.accrued": (_balance_moved,),
}
