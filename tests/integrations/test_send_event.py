"""POST /api/v1/events and /events/batch, GET /event-types: what customers do beside buying."""

import pytest

from integrations.api.event_examples import CHECKIN_BODY, REVIEW_BODY
from integrations.models import Scope
from ledger.queries import balances_of
from orders.events.services import retire_type
from orders.models import Event
from tests.integrations import shopkeepers
from tests.integrations.happenings import FIVE_FOR_A_CHECKIN, a_checkin, take_checkins
from tests.integrations.shopkeepers import NOON, a_machine, a_programme


@pytest.fixture
def ada(bakery):
    take_checkins(bakery)
    shopkeepers.a_campaign(bakery, shopkeepers.ONE_POINT_PER_EURO, FIVE_FOR_A_CHECKIN)
    return shopkeepers.a_member(bakery)


def points(member):
    return sum(balance.spendable for balance in balances_of(member.wallet_id, at=NOON))


def test_an_event_answers_what_it_earned_and_why(machine, ada):
    response = machine.send("events", a_checkin())

    answer = response.json()
    (earned,) = answer.pop("earned")
    assert response.status_code == 201
    assert answer == {
        "id": Event.objects.get().pk,
        "type": "checkin",
        "source": "app",
        "reference": "c1",
        "member": ada.number,
        "defaults": {"metres": 0, "spent": "1.50"},
        "rejected": [],
    }
    assert (earned["amount"], earned["rule"]) == ("5", "checkin")
    assert earned["why"] == "Earned for a check-in: 5 points (version 1)"
    assert points(ada) == 5


def test_the_postings_explanation_says_the_same(machine, ada):
    posting = machine.send("events", a_checkin()).json()["earned"][0]["posting"]

    told = machine.read(f"postings/{posting}/explanation").json()

    assert told["why"].startswith("Earned for a check-in: 5 points (version 1).")
    assert told["order"] is None


def test_the_same_event_again_gets_the_same_answer(machine, ada):
    first = machine.send("events", a_checkin())

    again = machine.send("events", a_checkin())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content
    assert points(ada) == 5


def test_a_known_event_with_another_content_is_refused(machine, ada):
    machine.send("events", a_checkin())

    response = machine.send("events", a_checkin(payload={"place": "exit"}))

    assert (response.status_code, response.json()["code"]) == (409, "event_contradicted")
    assert points(ada) == 5


@pytest.mark.parametrize(
    ("status", "pointer", "changes"),
    [
        (422, "#/type", {"type": "checkout"}),
        (422, "#/type", {"type": "member.birthday"}),
        (422, "#/source", {"source": "laurel"}),
        (422, "#/shop", {"shop": "rome"}),
        (422, "#/occurred_at", {"occurred_at": "1970-01-01T00:00:00Z"}),
        (422, "#/payload/metres", {"payload": {"metres": "12"}}),
        (422, "#/payload/spent", {"payload": {"spent": 12}}),
        (422, "#/payload/spent", {"payload": {"spent": "1.234"}}),
        (422, "#/payload/a~1b", {"payload": {"a/b": "12"}}),
        (422, "#/payload/place", {"payload": {"place": "two\nlines"}}),
        (400, "#/payload", {"payload": []}),
        (400, "#/payload/metres", {"payload": {"place": "entrance", "metres": 1.5}}),
        (400, "#/payload/place", {"payload": {"place": {"name": "entrance"}}}),
        (400, "#/colour", {"colour": "red"}),
    ],
)
def test_an_event_that_does_not_fit_is_refused_with_its_place(machine, ada, status, pointer, changes):
    response = machine.send("events", a_checkin(**changes))

    assert response.status_code == status
    assert response.json()["code"] == ("event_invalid" if status == 422 else "invalid")
    assert response.json()["errors"][0]["pointer"] == pointer
    assert not Event.objects.exists()


def test_money_in_a_payload_is_kept_in_minor_units(machine, ada):
    machine.send("events", a_checkin(payload={"spent": "12.30"}))

    assert Event.objects.get().payload == {"spent": 1230}


def test_a_stranger_earns_nothing_and_the_event_is_kept(machine, ada):
    answer = machine.send("events", a_checkin(customer=None)).json()

    assert answer["member"] is None
    assert [item["code"] for item in answer["rejected"]] == ["no_member"]
    assert Event.objects.get().member is None


def test_a_batch_answers_each_by_itself_in_their_sequence(machine, ada):
    machine.send("events", a_checkin("known"))
    batch = [
        a_checkin("c1"),
        a_checkin("c2", source="laurel"),
        a_checkin("known"),
        a_checkin("known", payload={}),
        a_checkin("c3", payload={"metres": "far"}),
        a_checkin("c4", type="review.created", payload={"rating": 5}),
    ]

    response = machine.send("events/batch", {"events": batch})

    results = response.json()["results"]
    assert response.status_code == 200
    assert [result["status"] for result in results] == [201, 422, 200, 409, 422, 201]
    assert [result["event"]["reference"] for result in results if result["event"]] == ["c1", "known", "c4"]
    assert [result["problem"]["code"] for result in results if result["problem"]] == [
        "event_invalid",
        "event_contradicted",
        "event_invalid",
    ]
    assert results[1]["problem"]["errors"][0]["pointer"] == "#/events/1/source"
    assert results[4]["problem"]["errors"][0]["pointer"] == "#/events/4/payload/metres"
    assert results[0]["event"]["earned"][0]["amount"] == "5"
    assert results[5]["event"]["rejected"][0]["why"] == (
        "No campaign that waits for such events was in force when it happened."
    )
    assert points(ada) == 10


def test_a_batch_of_which_nothing_can_be_read_is_answered_too(machine, ada):
    results = machine.send("events/batch", {"events": [a_checkin(source="laurel")]}).json()["results"]

    assert [result["status"] for result in results] == [422]
    assert not Event.objects.exists()


def test_a_batch_again_changes_nothing(machine, ada):
    batch = {"events": [a_checkin(str(number)) for number in range(3)]}
    machine.send("events/batch", batch)

    again = machine.send("events/batch", batch).json()["results"]

    assert [result["status"] for result in again] == [200, 200, 200]
    assert points(ada) == 15


def test_a_batch_under_a_key_gets_its_first_answer_byte_by_byte(machine, ada):
    first = machine.send("events/batch", {"events": [a_checkin()]}, **{"Idempotency-Key": "k1"})

    again = machine.send("events/batch", {"events": [a_checkin()]}, **{"Idempotency-Key": "k1"})

    assert again.content == first.content
    assert again.headers["Idempotency-Replayed"] == "true"


def test_the_documentations_events_are_accepted(machine, ada):
    shopkeepers.a_member(ada.programme, "6940095564")

    results = machine.send("events/batch", {"events": [CHECKIN_BODY, REVIEW_BODY]}).json()["results"]

    assert [result["status"] for result in results] == [201, 201]


def test_the_types_say_what_an_event_may_carry(machine, ada, bakery):
    retire_type(event_type=bakery.event_types.get(key="review.created"), at=NOON)

    types = {told["type"]: told for told in machine.read("event-types").json()["results"]}

    checkin = types["checkin"]
    assert (checkin["label"], checkin["built_in"], checkin["retired"]) == ("a check-in", False, False)
    assert checkin["attributes"][2] == {
        "name": "spent",
        "kind": "money",
        "label": "what was spent",
        "required": False,
        "default": "1.50",
        "retired": False,
    }
    assert types["review.created"]["retired"] is True
    assert types["member.birthday"]["built_in"] is True


def test_types_of_another_programme_are_not_told(bakery, ada):
    types = a_machine(a_programme("florist")).read("event-types").json()["results"]

    assert {told["built_in"] for told in types} == {True}


def test_only_a_key_for_events_sends_them(bakery, ada):
    reader = a_machine(bakery, Scope.ORDERS_WRITE)

    for response in (
        reader.send("events", a_checkin()),
        reader.send("events/batch", {"events": [a_checkin()]}),
        reader.read("event-types"),
    ):
        assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert not Event.objects.exists()
