"""An event becomes points: registered once, decided, booked, told and explained."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, PerMoney, Rule, Words, check
from campaigns.engine import Rejection
from campaigns.errors import DefinitionInvalid
from campaigns.models import Award, Decision
from campaigns.queries import explanations
from conditions.deciding import Failure
from conditions.vocabulary import FieldType
from events.models import OutboxEvent
from ledger.models import Lot, Posting
from members.models import Member
from orders.events.errors import EventContradicted, EventInvalid
from orders.events.queries import types_of
from orders.events.services import add_attribute, retire_attribute, retire_type
from orders.events.types import Attribute
from orders.models import Event
from shops.models import Shop
from tests.campaigns.happenings import RATING, WITH_PHOTO, a_type, earned, event, happen, rewarding, rewards
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    a_programme,
    books_are_sound,
    bring_back,
    buy,
    granted,
    history,
    wallet,
)


def everything():
    """Counts of all that an event may write."""
    return [model.objects.count() for model in (Event, Decision, Award, Posting, Lot, OutboxEvent)]


@pytest.fixture
def checkins(grocer):
    """Five points for every check-in."""
    a_type(grocer, RATING, WITH_PHOTO)
    return a_campaign(grocer, rewards(), key="moments")


def test_an_event_earns_by_the_rule_that_waits_for_it(grocer, ada, checkins):
    answer = happen(grocer, payload={"rating": 4})

    assert (answer.fresh, answer.member_number, answer.type, answer.reference) == (True, ada.number, "checkin", "e1")
    assert earned(answer) == 5
    assert wallet(ada) == (5, 0)
    assert history(ada) == [("ACCRUE", 5)]
    stored, posting, award = Event.objects.get(), Posting.objects.get(), Award.objects.get()
    assert (stored.member, stored.payload, stored.occurred_at) == (ada, {"rating": 4}, NOON)
    assert (posting.source, posting.reference) == ("event", f"{stored.pk}:{award.version_id}:r1")
    assert (award.event, award.order, award.granted) == (stored, None, 5)
    assert Decision.objects.get().event == stored
    assert books_are_sound()


def test_an_event_tells_what_it_was_and_what_it_earned(grocer, ada, checkins):
    answer = happen(grocer)

    named = {"id": answer.event_id, "type": "checkin", "source": "app", "reference": "e1"}
    facts = OutboxEvent.objects.filter(type__in=["event.accepted", "points.accrued"]).order_by("pk")
    assert list(facts.values_list("type", "payload", "occurred_at")) == [
        ("event.accepted", {"event": named, "member": ada.number}, NOON),
        (
            "points.accrued",
            {
                "member": ada.number,
                "event": named,
                "posting": answer.earned[0].posting_id,
                "unit": "points",
                "amount": "5",
                "expires_at": "2027-03-02T23:00:00+00:00",
            },
            NOON,
        ),
    ]


def test_its_points_say_what_they_are_for(grocer, ada, checkins):
    posting = happen(grocer).earned[0].posting_id

    told = explanations([posting], programme=grocer)[posting]

    assert told.sentence == ("Earned for a check-in: 5 points (version 1). Can be spent until March 2, 2027.")
    assert (told.order_reference, told.order_id) == ("", None)


def test_orders_and_events_each_have_their_rules(grocer, ada, checkins, standing):
    bought, happened = buy(grocer, 1000), happen(grocer)

    assert (granted(bought), earned(happened)) == (10, 5)
    assert bought.decision.rejections == happened.decision.rejections == ()


def test_a_return_goes_by_the_rules_for_orders_alone(grocer, ada):
    a_type(grocer)
    both = Definition(rules=(Rule(key="base", effect=Fixed(units=50)), rewarding()))
    a_campaign(grocer, both)
    buy(grocer, 1000)
    happen(grocer)

    bring_back(grocer, (1, 1), of="1")

    assert wallet(ada) == (5, 0)
    assert books_are_sound()


def test_the_same_event_again_gets_the_equal_answer_and_writes_nothing(grocer, ada, checkins):
    first = happen(grocer, payload={"rating": 4})
    before = everything()

    again = happen(grocer, payload={"rating": 4})

    assert again.fresh is False
    assert (again.event_id, again.earned, again.decision) == (first.event_id, first.earned, first.decision)
    assert everything() == before


def test_a_repeat_stays_one_when_its_type_has_grown_and_was_retired(grocer, ada):
    declared = a_type(grocer, RATING)
    a_campaign(grocer, rewards())
    happen(grocer, payload={"rating": 4})
    add_attribute(event_type=declared, attribute=WITH_PHOTO)
    retire_attribute(event_type=declared, key="rating")
    retire_type(event_type=declared, at=LATER)

    assert happen(grocer, payload={"rating": 4}).fresh is False
    with pytest.raises(EventInvalid) as refused:
        happen(grocer, "e2")

    assert refused.value.facts["pointer"] == "/type"
    assert Event.objects.count() == 1


@pytest.mark.parametrize("changed", [{"payload": {"rating": 5}}, {"at": LATER}, {"customer": "bob"}, {"payload": {}}])
def test_another_content_under_the_same_reference_is_refused_and_changes_nothing(grocer, ada, checkins, changed):
    happen(grocer, payload={"rating": 4})
    before = everything()

    with pytest.raises(EventContradicted) as refused:
        happen(grocer, **{"payload": {"rating": 4}} | changed)

    assert refused.value.facts == {"source": "app", "reference": "e1"}
    assert everything() == before


@pytest.mark.parametrize(
    ("pointer", "changed"),
    [
        ("/type", {"type": "check-out"}),
        ("/shop", {"shop_code": "nowhere"}),
        ("/payload/stars", {"payload": {"stars": 4}}),
        ("/payload/a~1b", {"payload": {"a/b": 4}}),
        ("/payload/rating", {"payload": {"rating": "4"}}),
        ("/payload/rating", {"payload": {"rating": True}}),
        ("/payload/rating", {"payload": {"rating": 10**16}}),
        ("/payload/photo", {"payload": {"photo": 1}}),
    ],
)
def test_an_event_that_does_not_fit_its_type_is_refused_with_its_place(grocer, ada, checkins, pointer, changed):
    before = everything()

    with pytest.raises(EventInvalid) as refused:
        happen(grocer, **changed)

    assert refused.value.facts["pointer"] == pointer
    assert everything() == before


def test_each_kind_of_value_is_kept_plain(grocer, ada):
    kinds = {
        "text": "so good",
        "number": -3,
        "money": "12.30",
        "quantity": "0.75",
        "date": "2026-02-28",
        "flag": True,
        "texts": ["red", "dry"],
    }
    a_type(grocer, *(Attribute(kind, FieldType(kind)) for kind in kinds))

    happen(grocer, payload=kinds)

    assert Event.objects.get().payload == kinds | {"money": 1230, "quantity": 750}


def test_what_is_required_must_be_there(grocer, ada):
    a_type(grocer, Attribute("stars", FieldType.NUMBER, required=True))

    with pytest.raises(EventInvalid) as refused:
        happen(grocer)

    assert refused.value.facts == {"pointer": "/payload/stars", "problem": "nothing", "expected": "a whole number"}
    assert not Event.objects.exists()


def test_a_condition_asks_what_the_event_carries_and_a_default_where_it_carries_nothing(grocer, ada):
    a_type(grocer, RATING, Attribute("photo", FieldType.FLAG, "there is a photo", default=True))
    good = {
        "all": [{"field": "event.rating", "op": "gte", "value": 4}, {"field": "event.photo", "op": "eq", "value": True}]
    }
    a_campaign(grocer, rewards(when=good))

    silent = happen(grocer, "1", payload={"rating": 4})
    bad = happen(grocer, "2", payload={"rating": 3})
    without = happen(grocer, "3", payload={"rating": 5, "photo": False})

    assert earned(silent) == 5
    assert Event.objects.get(reference="1").payload == {"rating": 4}
    assert bad.decision.rejections[0].failure == Failure("event.rating", "gte", 4, 3)
    assert without.decision.rejections[0].failure == Failure("event.photo", "eq", True, False)


def test_the_clock_is_that_of_the_shop_else_of_the_programme(grocer, ada):
    Shop.objects.create(programme=grocer, code="lisbon", name="Lisbon", time_zone="Europe/Lisbon")
    a_type(grocer)
    a_campaign(grocer, rewards(when={"field": "clock.time", "op": "gte", "value": "16:00"}))
    four_in_berlin = datetime(2026, 3, 2, 15, tzinfo=UTC)

    here = happen(grocer, "1", at=four_in_berlin)
    there = happen(grocer, "2", at=four_in_berlin, shop_code="lisbon")

    assert (earned(here), earned(there)) == (5, 0)
    assert here.decision.known == {"clock.zone": "Europe/Berlin"}
    assert there.decision.rejections[0].failure == Failure("clock.time", "gte", "16:00", "15:00")


def test_a_batch_answers_every_draft_in_its_place(grocer, ada, checkins):
    drafts = [event("1"), event("1"), event("2", type="nothing"), event("1", at=LATER), event("3", customer="nobody")]
    fresh, twice, unknown, contradicted, guest = campaigns.accept_events(programme=grocer, drafts=drafts, actor="test")

    assert (fresh.fresh, earned(fresh)) == (True, 5)
    assert (twice.fresh, twice.event_id, twice.earned) == (False, fresh.event_id, fresh.earned)
    assert isinstance(unknown, EventInvalid)
    assert isinstance(contradicted, EventContradicted)
    assert (guest.fresh, guest.earned, guest.member_number) == (True, (), None)
    assert guest.decision.rejections == (Rejection("no_member"),)
    assert wallet(ada) == (5, 0)
    assert books_are_sound()


def test_a_blocked_member_earns_nothing_and_the_answer_says_why(grocer, ada, checkins):
    Member.objects.update(status=Member.Status.BLOCKED)

    assert happen(grocer).decision.rejections == (Rejection("member_blocked"),)
    assert wallet(ada) == (0, 0)


def test_an_event_that_no_rule_waits_for_is_kept_and_says_so(grocer, ada, standing):
    a_type(grocer)

    answer = happen(grocer)

    assert answer.decision.rejections == (Rejection("no_campaign"),)
    assert Event.objects.count() == 1


def test_types_of_one_key_in_two_programmes_are_strangers(grocer, ada, checkins):
    a_type(a_programme("baker"), Attribute("rating", FieldType.TEXT))

    happen(grocer, payload={"rating": 4})

    assert wallet(ada) == (5, 0)


def test_what_happened_is_never_edited(grocer, ada, checkins):
    happen(grocer)

    for statement in ("UPDATE orders_event SET type = 'x'", "DELETE FROM orders_event"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)

    assert Event.objects.get().type == "checkin"


def test_the_database_takes_no_award_and_no_decision_about_two_things_or_none(grocer, ada, checkins, standing):
    order_id, event_id = buy(grocer, 1000).order_id, happen(grocer).event_id

    for things in ({}, {"order_id": order_id, "event_id": event_id}):
        with pytest.raises(DatabaseError, match="a decision is about"), transaction.atomic():
            Decision.objects.create(programme_id=grocer.pk, outcome={}, **things)
        award = Award.objects.first()
        award.pk, award.order_id, award.event_id = None, things.get("order_id"), things.get("event_id")
        with pytest.raises(DatabaseError, match="an award is for"), transaction.atomic():
            award.save(force_insert=True)


@pytest.mark.parametrize(
    ("pointer", "rule"),
    [
        ("/rules/0/trigger", rewarding("check-out")),
        ("/rules/0/trigger", Rule(key="r1", effect=Fixed(units=1), trigger="event:")),
        ("/rules/0/trigger", Rule(key="r1", effect=Fixed(units=1), trigger="full moon")),
        ("/rules/0/when/field", rewarding(when={"field": "event.stars", "op": "eq", "value": 1})),
        ("/rules/0/when/field", rewarding(when={"field": "order.total", "op": "gte", "value": 1})),
        (
            "/rules/0/when/field",
            Rule(key="r1", effect=Fixed(units=1), when={"field": "event.rating", "op": "eq", "value": 1}),
        ),
        ("/rules/0/effect/kind", Rule(key="r1", effect=PerMoney(units=1, per=100), trigger="event:checkin")),
        ("/rules/0/when", rewarding("balance.reached")),
    ],
)
def test_a_rule_that_cannot_be_decided_by_its_trigger_is_refused_with_its_place(grocer, pointer, rule):
    a_type(grocer, RATING)

    with pytest.raises(DefinitionInvalid) as refused:
        check(Definition(rules=(rule,)), words=Words(types_of(grocer.pk), grocer.pk))

    assert refused.value.facts["pointer"] == pointer


def test_who_names_an_unknown_trigger_is_told_which_there_are(grocer):
    a_type(grocer)

    with pytest.raises(DefinitionInvalid) as refused:
        check(Definition(rules=(rewarding("check-out"),)), words=Words(types_of(grocer.pk), grocer.pk))

    expected: Any = refused.value.facts["expected"]
    assert {"order", "event:checkin", "event:member.birthday"} < set(expected)


def test_new_rules_ask_for_nothing_that_is_retired_and_published_ones_go_on(grocer, ada):
    declared = a_type(grocer, RATING)
    good = rewards(when={"field": "event.rating", "op": "gte", "value": 4})
    a_campaign(grocer, good)

    retire_attribute(event_type=declared, key="rating")

    with pytest.raises(DefinitionInvalid):
        a_campaign(grocer, good, key="second")
    assert earned(happen(grocer, payload={"rating": 4})) == 5
