"""An event becomes points: the same road for one and for a thousand, and for what Laurel notices itself."""

from collections.abc import Sequence

import msgspec

from campaigns.answers import AcceptedEvent, Earned, event_answers_of
from campaigns.engine import Decision
from campaigns.inforce import UnitTerms, terms_of
from campaigns.services.booking import Booked, book, changes
from campaigns.services.deciding import decide_all, settling
from campaigns.services.waves import InWaves, check_at_once, in_waves
from kernel.errors import DomainError
from ledger import services as ledger
from orders.events import services as events
from orders.events.facts import EventDraft
from orders.events.services import RegisteredEvent
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
    in the given order. Where rules ask about members, a member's events are accepted one after another.
    """
    try:
        return settle(lambda: plan_events(programme=programme, drafts=drafts, actor=actor))
    except InWaves as several:
        return in_waves(lambda some: accept_events(programme=programme, drafts=some, actor=actor), drafts, several)


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
    check_at_once(registered, decisive.rules, programme_id=programme.pk)
    decided = decide_all(programme=programme, rows=fresh, terms=decisive, shops=around)
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
        [*registering, *booking, *settling(programme=programme, decided=decided, terms=decisive)],
    )


def _answer(row: RegisteredEvent, answers: dict[int, AcceptedEvent]) -> AcceptedEvent:
    return msgspec.structs.replace(answers[row.id], fresh=row.fresh)


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
