"""Events in these tests: a check-in that gives five points, declared and sent."""

from datetime import UTC, datetime
from typing import Any

from campaigns.definitions import Fixed, Rule
from conditions.vocabulary import FieldType
from orders.events.models import EventType
from orders.events.services import declare_type
from orders.events.types import Attribute
from shops.models import Programme
from tests.integrations.shopkeepers import JANUARY, NOON

FIVE_FOR_A_CHECKIN = Rule(key="checkin", effect=Fixed(units=5), trigger="event:checkin")


def take_checkins(programme: Programme) -> EventType:
    """The documentation's check-in and review are known."""
    declare_type(
        programme=programme,
        key="review.created",
        name="a review",
        attributes=[
            Attribute("rating", FieldType.NUMBER, "the rating", required=True),
            Attribute("words", FieldType.NUMBER, "its words"),
            Attribute("with_photo", FieldType.FLAG, "there is a photo", default=False),
        ],
        by="test",
        at=JANUARY,
    )
    return declare_type(
        programme=programme,
        key="checkin",
        name="a check-in",
        attributes=[
            Attribute("place", FieldType.TEXT, "the place"),
            Attribute("metres", FieldType.NUMBER, "the distance", default=0),
            Attribute("spent", FieldType.MONEY, "what was spent", default=150),
        ],
        by="test",
        at=JANUARY,
    )


def a_checkin(reference: str = "c1", **changes: Any) -> dict[str, Any]:
    """A check-in by Ada."""
    return {
        "type": "checkin",
        "source": "app",
        "reference": reference,
        "occurred_at": NOON.isoformat(),
        "customer": {"source": "webshop", "external_id": "ada"},
        "payload": {"place": "entrance"},
    } | changes


def now() -> str:
    return datetime.now(UTC).isoformat()
