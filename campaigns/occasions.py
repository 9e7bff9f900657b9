"""
Occasions that Laurel notices itself become events like any other, so far as a rule in force waits for them.

Each has a reference that says what it is about, so what is noticed twice happens once.
"""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from campaigns.answers import AcceptedEvent
from campaigns.definitions import EVENT
from campaigns.engine import RuleInForce
from campaigns.inforce import Timetable
from campaigns.services.occurring import accept_events
from orders.events.builtin import OURS
from orders.events.errors import EventContradicted
from orders.events.facts import EventDraft
from shops.models import Programme

logger = logging.getLogger(__name__)


def waiting(rules: Timetable, type_: str, at: datetime) -> list[RuleInForce]:
    """The rules that would be asked about an event of a built-in type."""
    return [rule for rule in rules.at(at, EVENT + type_) if not rule.stopped]


def occasion(
    type_: str, reference: str, *, member: str, at: datetime, payload: Mapping[str, Any] | None = None
) -> EventDraft:
    """Something that Laurel noticed about the member with the number `member`."""
    return EventDraft(
        type=type_, source=OURS, reference=reference, occurred_at=at, payload=payload or {}, customer=member
    )


def happen(programme: Programme, drafts: Sequence[EventDraft]) -> int:
    """Put occasions on record and their points in the books; return how many were new."""
    if not drafts:
        return 0
    new = 0
    for draft, answer in zip(drafts, accept_events(programme=programme, drafts=drafts, actor=OURS), strict=True):
        if isinstance(answer, AcceptedEvent):
            new += answer.fresh
        elif not isinstance(answer, EventContradicted):
            # One that came before at another time, such as this year's birthday, is the same occasion.
            logger.error("The occasion %s of %s was refused: %s", draft.reference, programme.key, answer)
    return new
