"""Words for tests about events: declared types, events that a shop reports, and rules that wait for them."""

from datetime import datetime
from typing import Any

from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, Rule
from campaigns.services import AcceptedEvent
from conditions.vocabulary import FieldType
from orders.events.facts import EventDraft
from orders.events.models import EventType
from orders.events.services import declare_type
from orders.events.types import Attribute
from shops.models import Programme
from tests.campaigns.trade import NEW_YEAR, NOON

RATING = Attribute("rating", FieldType.NUMBER, "the rating")
WITH_PHOTO = Attribute("photo", FieldType.FLAG, "there is a photo", default=False)


def a_type(programme: Programme, *attributes: Attribute, key: str = "checkin", name: str = "a check-in") -> EventType:
    return declare_type(programme=programme, key=key, name=name, attributes=attributes, by="Mara", at=NEW_YEAR)


def rewarding(event: str = "checkin", units: int = 5, when: Any = None, key: str = "r1", **fields: Any) -> Rule:
    """A rule that gives `units` for each event of a type."""
    return Rule(key=key, effect=Fixed(units=units), trigger=f"event:{event}", when=when, **fields)


def rewards(event: str = "checkin", units: int = 5, when: Any = None) -> Definition:
    return Definition(rules=(rewarding(event, units, when),))


def event(reference: str = "e1", at: datetime = NOON, **fields: Any) -> EventDraft:
    """A check-in of Ada's."""
    given = {"type": "checkin", "source": "app", "customer_source": "till", "customer": "ada"} | fields
    return EventDraft(reference=reference, occurred_at=at, **given)


def happen(programme: Programme, reference: str = "e1", **fields: Any) -> AcceptedEvent:
    return campaigns.accept_event(programme=programme, draft=event(reference, **fields), actor="test")


def earned(answer: AcceptedEvent) -> int:
    return sum(item.grant.granted for item in answer.earned)
