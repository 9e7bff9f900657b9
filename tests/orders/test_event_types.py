"""Types of events are declared, grow, and lose nothing."""

import msgspec
import pytest
from django.db import DatabaseError, transaction

from conditions.vocabulary import FieldType
from orders.events.errors import EventTypeExists, EventTypeInvalid
from orders.events.models import EventType
from orders.events.queries import types_of
from orders.events.services import add_attribute, attributes_of, retire_attribute, retire_type
from orders.events.types import Attribute
from tests.campaigns.happenings import RATING, WITH_PHOTO, a_type, happen
from tests.campaigns.trade import LATER, NOON, a_programme


def test_a_declared_type_is_known_to_its_programme_and_to_no_other(grocer):
    a_type(grocer, RATING, WITH_PHOTO, key="review.created", name="a review")

    known = types_of(grocer.pk)["review.created"]
    assert (known.name, known.attributes, known.retired) == ("a review", (RATING, WITH_PHOTO), False)
    assert "review.created" not in types_of(a_programme("baker").pk)


def test_a_key_is_declared_once(grocer):
    a_type(grocer)

    with pytest.raises(EventTypeExists):
        a_type(grocer, RATING)

    assert EventType.objects.get().attributes == []


@pytest.mark.parametrize(
    ("pointer", "key", "attributes"),
    [
        ("/key", "Check in", []),
        ("/key", "", []),
        ("/key", "member.visited", []),
        ("/key", "a" * 61, []),
        ("/attributes/0/key", "checkin", [Attribute("Stars", FieldType.NUMBER)]),
        ("/attributes/0/key", "checkin", [Attribute("shop", FieldType.TEXT)]),
        ("/attributes/1/key", "checkin", [RATING, RATING]),
        ("/attributes/0/type", "checkin", [Attribute("begins", FieldType.TIME)]),
        ("/attributes/0/default", "checkin", [Attribute("stars", FieldType.NUMBER, default="5")]),
        ("/attributes/0/default", "checkin", [Attribute("stars", FieldType.NUMBER, required=True, default=5)]),
        ("/attributes/0/default", "checkin", [Attribute("tags", FieldType.TEXTS, default=["a"])]),
        ("/attributes/0/default", "checkin", [Attribute("on", FieldType.DATE, default="2026-02-30")]),
    ],
)
def test_a_type_that_makes_no_sense_is_refused_with_its_place(grocer, pointer, key, attributes):
    with pytest.raises(EventTypeInvalid) as refused:
        a_type(grocer, *attributes, key=key)

    assert refused.value.facts["pointer"] == pointer
    assert not EventType.objects.exists()


def test_an_attribute_is_added_and_those_before_it_stay(grocer):
    declared = a_type(grocer, RATING)

    add_attribute(event_type=declared, attribute=WITH_PHOTO)

    assert attributes_of(EventType.objects.get()) == [RATING, WITH_PHOTO]


def test_a_known_key_is_not_added_again(grocer):
    declared = a_type(grocer, RATING)

    with pytest.raises(EventTypeInvalid):
        add_attribute(event_type=declared, attribute=Attribute("rating", FieldType.TEXT))

    assert attributes_of(EventType.objects.get()) == [RATING]


def test_once_events_were_sent_nothing_new_is_required_because_who_sends_does_not_know_it(grocer, ada):
    declared = a_type(grocer)
    add_attribute(event_type=declared, attribute=Attribute("stars", FieldType.NUMBER, required=True))
    happen(grocer, payload={"stars": 5})

    with pytest.raises(EventTypeInvalid) as refused:
        add_attribute(event_type=declared, attribute=Attribute("words", FieldType.NUMBER, required=True))

    assert refused.value.facts["pointer"] == "/attributes/1/required"
    assert len(attributes_of(EventType.objects.get())) == 1


def test_what_is_retired_is_kept_and_retired_once(grocer):
    declared = a_type(grocer, RATING, WITH_PHOTO)

    retire_attribute(event_type=declared, key="rating")
    retire_attribute(event_type=declared, key="rating")
    retire_type(event_type=declared, at=NOON)
    retire_type(event_type=declared, at=LATER)

    stored = EventType.objects.get()
    assert attributes_of(stored) == [msgspec.structs.replace(RATING, retired=True), WITH_PHOTO]
    assert stored.retired_at == NOON


def test_an_attribute_that_is_not_there_cannot_be_retired(grocer):
    with pytest.raises(EventTypeInvalid):
        retire_attribute(event_type=a_type(grocer, RATING), key="stars")


@pytest.mark.parametrize(
    "attributes",
    [
        [],
        [{"key": "rating", "type": "text", "label": "the rating"}],
        [{"key": "rating", "type": "number", "label": "the rating", "required": True}],
        [{"key": "rating", "type": "number", "label": "the rating", "default": 5}],
    ],
)
def test_the_database_lets_a_type_grow_only(grocer, attributes):
    a_type(grocer, RATING)

    with pytest.raises(DatabaseError, match="added to only"), transaction.atomic():
        EventType.objects.update(attributes=attributes)
    with pytest.raises(DatabaseError, match="never removed"), transaction.atomic():
        EventType.objects.all().delete()

    assert attributes_of(EventType.objects.get()) == [RATING]


def test_the_database_takes_no_retirement_back(grocer):
    declared = a_type(grocer, RATING)
    retire_attribute(event_type=declared, key="rating")

    with pytest.raises(DatabaseError, match="added to only"), transaction.atomic():
        EventType.objects.update(attributes=msgspec.to_builtins([RATING]))
