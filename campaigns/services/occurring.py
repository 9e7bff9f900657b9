"""An event becomes points: the same road for one and for a thousand, and for what Laurel notices itself."""

from collections.abc import Sequence

import msgspec

from campaigns.answers import AcceptedEvent, Earned, event_answers_of
from campaigns.definitions import EVENT
from campaigns.engine import Decision, Rejection, decide
from campaigns.inforce import Timetable, UnitTerms, terms_of
from campaigns.services.booking import Booked, book, changes
from conditions.situation import ZONE, Situation
from kernel.errors import DomainError
from ledger import services as ledger
from orders.events import services as events
from orders.events.facts import EventDraft
from orders.events.services import EventCircumstances, RegisteredEvent
from roundtrips import Change, ask, both, settle
from shops.models import Programme


def accept_event(*, programme: Programme, draft: EventDraft, actor: str) -> AcceptedEvent:
    """
    Put one event on record and its points in the books, in one transaction.

    The same event again is a repeat and gets the first answer.

    :raises EventInvalid: if it does not fit its type; facts say where and what was expected
    :raises EventContradicted: if its reference is known with another content; nothing was written
    """
    return settle(lambda: plan_event(programme=programme, draft=draft, actor=actor))


def plan_event(*, programme: Programme, draft: EventDraft, actor: str) -> tuple[AcceptedEvent, list[Change]]:
    """What `accept_event` would answer now, and the changes that make it true, for those who write more with them."""
    (answer,), planned = plan_events(programme=programme, drafts=[draft], actor=actor)
    if isinstance(answer, DomainError):
        raise answer
    return answer, planned


def accept_events(
    *, programme: Programme, drafts: Sequence[EventDraft], actor: str
) -> list[AcceptedEvent | DomainError]:
    """
    Accept many events: one round trip for what must be known, one for what is written. An answer or a refusal per draft
    in the given order.
    """
    return settle(lambda: plan_events(programme=programme, drafts=drafts, actor=actor))


def plan_events(
    *, programme: Programme, drafts: Sequence[EventDraft], actor: str
) -> tuple[list[AcceptedEvent | DomainError], list[Change]]:
    """What `accept_events` would answer now, and the changes that make it true, for those who write more with them."""
    around, (decisive, posting_ids) = ask(
        both(
            events.event_circumstances_of(programme=programme, drafts=drafts),
            both(terms_of(programme.pk), ledger.new_posting_ids(len(drafts))),
        )
    )
    units = decisive.units
    registered, registering = events.register_events(programme=programme, drafts=drafts, circumstances=around)
    fresh = [row for row in registered if isinstance(row, RegisteredEvent) and row.fresh]
    decided = [(row, _decide(programme, row, decisive.rules, around)) for row in fresh]
    missing = sum(len(decision.grants) for _, decision in decided) - len(posting_ids)
    if missing > 0:
        posting_ids = [*posting_ids, *ask(ledger.new_posting_ids(missing))]
    booked, accruals = book(programme=programme, decided=decided, units=units, posting_ids=posting_ids)
    booking = changes(programme=programme, decided=decided, booked=booked, accruals=accruals, units=units, actor=actor)
    answers = {row.id: _accepted(row, decision, booked.get(row.id, []), units) for row, decision in decided}
    repeats = [row.id for row in registered if isinstance(row, RegisteredEvent) and row.id not in answers]
    answers |= event_answers_of(repeats)
    return (
        [_answer(row, answers) if isinstance(row, RegisteredEvent) else row for row in registered],
        [*registering, *booking],
    )


def _answer(row: RegisteredEvent, answers: dict[int, AcceptedEvent]) -> AcceptedEvent:
    return msgspec.structs.replace(answers[row.id], fresh=row.fresh)


def _decide(programme: Programme, row: RegisteredEvent, timetable: Timetable, around: EventCircumstances) -> Decision:
    if row.member is None:
        return Decision(rejections=(Rejection("no_member"),))
    if not row.member.is_active:
        return Decision(rejections=(Rejection("member_blocked"),))
    rules = timetable.at(row.happened_at, EVENT + row.draft.type)
    zone = around.zone_of(row.draft.shop_code) or programme.time_zone
    known = {name: zone for rule in rules for name in rule.asks if name == ZONE}
    return decide(Situation(row.happening, row.happened_at, known), rules)


def _accepted(
    row: RegisteredEvent, decision: Decision, booked: Sequence[Booked], units: dict[str, UnitTerms]
) -> AcceptedEvent:
    return AcceptedEvent(
        event_id=row.id,
        type=row.draft.type,
        source=row.draft.source,
        reference=row.draft.reference,
        fresh=True,
        member_number=row.member.number if row.member else None,
        earned=tuple(
            Earned(item.grant, item.posting_id, units[item.grant.unit].decimals, item.expires_at) for item in booked
        ),
        decision=decision,
    )
