"""Adjustments by API: a key asks, people approve."""

from datetime import UTC, datetime

import pytest

from integrations.api.examples import ADJUSTMENT_BODY
from integrations.models import Scope
from integrations.services.keys import issue_key
from ledger import services as ledger
from ledger.adjustments import Adjustment
from ledger.errors import AdjustmentTakesTwo
from ledger.models import Posting
from ledger.queries import balances_of, unit_of
from members.models import Member
from members.services import enrol
from shops.models import User
from tests.integrations import shopkeepers
from tests.integrations.shopkeepers import Machine
from tests.ledger import asking


@pytest.fixture
def office(bakery):
    return asking.an_office(bakery)


@pytest.fixture
def member(ada):
    return Member.objects.get(identifiers__external_id="ada")


@pytest.fixture
def body(member):
    return ADJUSTMENT_BODY | {"member": member.number}


def approve(office, adjustment_id, by=None):
    return office.approve(adjustment_id, at=datetime.now(UTC), by=by)


def spendable(member):
    (balance,) = balances_of(member.wallet_id, at=datetime.now(UTC))
    return balance.spendable


def test_a_key_asks_and_nothing_moves_until_a_person_approves(machine, office, member, body):
    asked = machine.send("adjustments", body)

    answer = asked.json()
    assert asked.status_code == 201
    assert asked.headers["Location"] == f"/api/v1/adjustments/{answer['id']}"
    shown = {
        name: answer[name] for name in ("source", "reference", "state", "unit", "added", "taken", "reason", "text")
    }
    assert shown == {
        "source": "helpdesk",
        "reference": "TICKET-4711",
        "state": "open",
        "unit": "points",
        "added": "250",
        "taken": "0",
        "reason": "complaint",
        "text": "For your lost parcel",
    }
    assert (answer["members"], answer["posted"], answer["decided_at"]) == (1, 0, None)
    assert spendable(member) == 0

    approve(office, answer["id"])

    after = machine.read(f"adjustments/{answer['id']}").json()
    assert (after["state"], after["posted"]) == ("approved", 1)
    assert spendable(member) == 250


def test_the_same_request_again_gets_the_same_answer(machine, body):
    first = machine.send("adjustments", body)
    again = machine.send("adjustments", body)

    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json() == again.json()
    assert Adjustment.objects.count() == 1


def test_an_idempotency_key_gives_the_first_answer_byte_by_byte(machine, body):
    first = machine.send("adjustments", body, **{"Idempotency-Key": "k1"})
    again = machine.send("adjustments", body, **{"Idempotency-Key": "k1"})

    assert (first.status_code, again.status_code) == (201, 201)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert first.content == again.content


def test_a_customer_is_named_by_the_sources_own_id(machine, office, member, body):
    asked = machine.send("adjustments", body | {"member": {"source": "webshop", "external_id": "ada"}})

    approve(office, asked.json()["id"])

    assert spendable(member) == 250


@pytest.mark.parametrize(
    ("change", "status", "code", "pointer"),
    [
        ({"amount": "0"}, 422, "adjustment_invalid", "#/amount"),
        ({"amount": "1.5"}, 422, "adjustment_invalid", "#/amount"),
        ({"amount": "250.000001"}, 400, "invalid", "#/amount"),
        ({"last_day": "2027-02-30"}, 422, "adjustment_invalid", "#/last_day"),
        ({"amount": "-5", "last_day": "2027-02-28"}, 422, "adjustment_invalid", "#/last_day"),
        ({"last_day": "soon"}, 400, "invalid", "#/last_day"),
        ({"last_day": "2020-01-01"}, 422, "adjustment_line_overdue", None),
        ({"amount": "-5"}, 422, "insufficient_points", None),
        ({"text": " "}, 422, "adjustment_incomplete", None),
        ({"text": "a\u0000b"}, 400, "invalid", "#/text"),
        ({"note": "a\u0000b"}, 400, "invalid", "#/note"),
        ({"reason": "gift"}, 400, "invalid", "#/reason"),
        ({"unit": "stars"}, 422, "unit_unknown", None),
        ({"member": "400000000006"}, 404, "member_unknown", None),
        ({"state": "approved"}, 400, "invalid", "#/state"),
        ({"approved_by": 1}, 400, "invalid", "#/approved_by"),
    ],
)
def test_a_request_that_cannot_be_is_refused_with_its_place(change, status, code, pointer, machine, body):
    answer = machine.send("adjustments", body | change)

    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert [fault["pointer"] for fault in problem.get("errors", [])] == ([pointer] if pointer else [])
    assert Adjustment.objects.count() == 0


def test_facts_of_a_refusal_are_in_the_unit(machine, member, body):
    answer = machine.send("adjustments", body | {"amount": "-5"}).json()

    assert answer["facts"] == {"required": "5", "spendable": "0", "member": member.number}


def test_the_limit_holds_for_a_key(machine, bakery, body):
    ledger.limit_adjustments(unit_id=unit_of(bakery.pk, "points").pk, limit=300)
    machine.send("adjustments", body)

    answer = machine.send("adjustments", body | {"reference": "TICKET-4712"})

    assert answer.status_code == 422
    assert answer.json()["code"] == "adjustment_limit_reached"
    assert answer.json()["facts"] == {"limit": "300", "used": "250", "asked": "250"}


def test_another_content_under_the_same_reference_is_a_conflict(machine, body):
    machine.send("adjustments", body)

    answer = machine.send("adjustments", body | {"amount": "251"})

    assert (answer.status_code, answer.json()["code"]) == (409, "reference_reused")
    assert Adjustment.objects.get().plus == 250


def test_without_the_scope_a_key_neither_asks_nor_reads(bakery, ada, machine, body):
    stranger = shopkeepers.a_machine(bakery, Scope.ORDERS_WRITE, Scope.MEMBERS_READ)
    asked = machine.send("adjustments", body).json()

    assert stranger.send("adjustments", body).status_code == 403
    assert stranger.read(f"adjustments/{asked['id']}").status_code == 403


def test_a_request_of_another_programme_is_unknown(machine, body):
    asked = machine.send("adjustments", body).json()
    elsewhere = shopkeepers.a_machine(shopkeepers.a_programme("elsewhere"))

    assert elsewhere.read(f"adjustments/{asked['id']}").status_code == 404


def test_no_key_can_decide(machine, body):
    asked = machine.send("adjustments", body).json()
    address = f"/api/v1/adjustments/{asked['id']}"

    tried = [
        machine.send(f"adjustments/{asked['id']}/approve", {}).status_code,
        machine.post(address, {"state": "approved"}, content_type="application/json").status_code,
        machine.patch(address, {"state": "approved"}, content_type="application/json").status_code,
        machine.put(address, {"state": "approved"}, content_type="application/json").status_code,
        machine.delete(address).status_code,
        machine.post(f"/admin/ledger/adjustment/{asked['id']}/approve/").status_code,
    ]

    assert tried == [404, 405, 405, 405, 405, 302]
    assert Adjustment.objects.get().state == "OPEN"
    assert Posting.objects.count() == 0


@pytest.fixture
def key_of_the_approver(bakery, office, ada):
    """A machine whose key the approver made."""
    _, text = issue_key(
        programme=bakery,
        name="Own",
        scopes=[Scope.ADJUSTMENTS_REQUEST],
        by="Avery",
        at=datetime.now(UTC),
        issuer=office.approver,
    )
    return Machine(text)


def test_who_made_the_key_cannot_approve_what_it_asks(key_of_the_approver, office, member, body):
    asked = key_of_the_approver.send("adjustments", body).json()

    with pytest.raises(AdjustmentTakesTwo):
        approve(office, asked["id"])

    assert spendable(member) == 0
    approve(office, asked["id"], by=office.other_approver)
    assert spendable(member) == 250


def test_a_key_cannot_ask_for_the_person_who_made_it(key_of_the_approver, office, bakery, body):
    own = enrol(programme=bakery, at=shopkeepers.JANUARY, user=User.objects.get(pk=office.approver.pk))

    answer = key_of_the_approver.send("adjustments", body | {"member": own.number})

    assert (answer.status_code, answer.json()["code"]) == (422, "own_account")
    assert Adjustment.objects.count() == 0
