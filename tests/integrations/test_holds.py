"""Holds through the API: points kept for a checkout, captured, released, given back."""

from datetime import UTC, datetime, timedelta

import pytest

from integrations.models import Scope
from ledger.models import Hold, Posting
from ledger.queries import unit_of
from ledger.services import reserve
from members.models import Member
from tests.integrations import payers, shopkeepers
from tests.integrations.payers import a_hold, wallet_of
from tests.ledger import books


@pytest.fixture
def rich(machine, bakery, ada):
    """Ada, with 1500 points."""
    payers.accept_points(bakery)
    payers.earn(machine, 1500)
    return ada


@pytest.fixture
def hold(machine, rich):
    return machine.send("holds", a_hold()).json()


def lapse(hold):
    """The hold's time is over, and nobody has written that down."""
    past = datetime.now(UTC) - timedelta(hours=1)
    books.break_books(
        "UPDATE ledger_hold SET held_at = %s, expires_at = %s WHERE id = %s",
        past - timedelta(minutes=1),
        past,
        hold["id"],
    )
    return past


def test_points_are_kept_for_a_checkout(machine, rich):
    response = machine.send("holds", a_hold(seconds=1800))

    answer = response.json()
    kept = Hold.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/holds/{kept.pk}"
    assert kept.expires_at - kept.held_at == timedelta(seconds=1800)
    assert {name: answer[name] for name in ("id", "source", "reference", "member", "unit")} == {
        "id": kept.pk,
        "source": "webshop",
        "reference": "c1",
        "member": rich.number,
        "unit": "points",
    }
    assert [answer[name] for name in ("amount", "captured", "refunded", "state", "closed_at", "posting")] == [
        "1000",
        "0",
        "0",
        "HELD",
        None,
        None,
    ]
    assert wallet_of(machine, rich.number) == ("500", "1000")


def test_a_hold_lives_for_a_quarter_of_an_hour_unless_it_says_otherwise(hold):
    kept = Hold.objects.get()

    assert kept.expires_at - kept.held_at == timedelta(minutes=15)


@pytest.mark.parametrize("seconds", [59, 86_401])
def test_a_hold_lives_within_limits(seconds, machine, rich):
    response = machine.send("holds", a_hold(seconds=seconds))

    assert (response.status_code, response.json()["code"]) == (400, "invalid")
    assert not Hold.objects.exists()


def test_the_same_hold_again_is_the_same_hold(machine, rich, hold):
    again = machine.send("holds", a_hold())

    assert (again.status_code, again.json()) == (200, hold)
    assert wallet_of(machine, rich.number) == ("500", "1000")


def test_under_an_idempotency_key_the_answer_is_the_same_byte_by_byte(machine, rich):
    first = machine.send("holds", a_hold(), **{"Idempotency-Key": "k1"})

    again = machine.send("holds", a_hold(), **{"Idempotency-Key": "k1"})

    assert (again.status_code, again.content) == (201, first.content)
    assert again.headers["Idempotency-Replayed"] == "true"


def test_a_reference_stands_for_one_amount(machine, rich, hold):
    response = machine.send("holds", a_hold(amount="999"))

    assert (response.status_code, response.json()["code"]) == (409, "reference_reused")
    assert wallet_of(machine, rich.number) == ("500", "1000")


def test_more_than_there_is_is_refused_with_what_there_is(machine, rich):
    response = machine.send("holds", a_hold(amount="1501"))

    assert (response.status_code, response.json()["code"]) == (422, "insufficient_points")
    assert response.json()["facts"] == {"required": "1501", "spendable": "1500", "unit": "points"}
    assert not Hold.objects.exists()


def test_amounts_are_told_in_the_units_own_places(machine, rich, bakery):
    payers.a_unit(bakery, "CREDIT", decimals=2)

    response = machine.send("holds", a_hold(unit="credit", amount="12.50"))

    assert response.json()["facts"] == {"required": "12.50", "spendable": "0.00", "unit": "credit"}


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount": "0"}, "amount_invalid"),
        ({"amount": "1.5"}, "amount_invalid"),
        ({"unit": "stars"}, "unit_unknown"),
        ({"unit": "qualifying"}, "unit_not_spendable"),
    ],
)
def test_an_amount_that_cannot_be_is_refused(changes, code, machine, rich, bakery):
    payers.a_unit(bakery, "QUALIFYING")

    response = machine.send("holds", a_hold(**changes))

    assert (response.status_code, response.json()["code"]) == (422, code)
    assert not Hold.objects.exists()


def test_nobody_unknown_or_blocked_pays(machine, rich):
    Member.objects.update(status=Member.Status.BLOCKED)

    blocked = machine.send("holds", a_hold())
    unknown = machine.send("holds", a_hold(customer={"source": "webshop", "external_id": "eve"}))

    assert (blocked.status_code, blocked.json()["code"]) == (422, "member_blocked")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "member_unknown")
    assert not Hold.objects.exists()


def test_a_hold_is_captured_whole(machine, rich, hold):
    response = machine.send(f"holds/{hold['id']}/capture", {})

    answer = response.json()
    spending = Posting.objects.get(kind="BURN")
    assert response.status_code == 200
    assert (answer["state"], answer["captured"], answer["posting"]) == ("CAPTURED", "1000", spending.pk)
    assert answer["closed_at"] is not None
    assert spending.actor.startswith("key:")
    assert wallet_of(machine, rich.number) == ("500", "0")


def test_what_a_capture_leaves_is_free_again(machine, rich, hold):
    answer = machine.send(f"holds/{hold['id']}/capture", {"amount": "400"}).json()

    assert (answer["amount"], answer["captured"]) == ("1000", "400")
    assert wallet_of(machine, rich.number) == ("1100", "0")


def test_capturing_the_same_again_changes_nothing(machine, rich, hold):
    first = machine.send(f"holds/{hold['id']}/capture", {"amount": "400"})

    again = machine.send(f"holds/{hold['id']}/capture", {"amount": "400"})

    assert (again.status_code, again.content) == (200, first.content)
    assert Posting.objects.filter(kind="BURN").count() == 1


def test_a_captured_hold_is_not_captured_again_or_released(machine, rich, hold):
    captured = machine.send(f"holds/{hold['id']}/capture", {"amount": "400"}).json()

    for path in ("capture", "release"):
        refusal = machine.send(f"holds/{hold['id']}/{path}", {})
        assert (refusal.status_code, refusal.json()["code"]) == (409, "hold_not_open")
        assert refusal.json()["facts"]["state"] == "CAPTURED"
        told = datetime.fromisoformat(refusal.json()["facts"]["closed_at"])
        assert told == datetime.fromisoformat(captured["closed_at"])
    assert wallet_of(machine, rich.number) == ("1100", "0")


@pytest.mark.parametrize("amount", ["1001", "0"])
def test_no_more_than_was_held_is_captured(amount, machine, rich, hold):
    response = machine.send(f"holds/{hold['id']}/capture", {"amount": amount})

    code = "amount_above_hold" if amount == "1001" else "amount_invalid"
    assert (response.status_code, response.json()["code"]) == (422, code)
    assert wallet_of(machine, rich.number) == ("500", "1000")


def test_pc_216_a_payment_that_expired_gives_its_points_back_once_however_often_it_is_told(machine, rich, hold):
    told = [machine.send(f"holds/{hold['id']}/release", {}) for _ in range(2)]

    assert [answer.status_code for answer in told] == [200, 200]
    assert told[0].content == told[1].content
    assert told[0].json()["state"] == "RELEASED"
    assert wallet_of(machine, rich.number) == ("1500", "0")


def test_a_hold_whose_time_is_over_reads_as_released_before_anybody_wrote_that_down(machine, rich, hold):
    past = lapse(hold)

    answer = machine.read(f"holds/{hold['id']}").json()

    assert Hold.objects.get().state == "HELD"
    assert (answer["state"], datetime.fromisoformat(answer["closed_at"])) == ("RELEASED", past)
    assert wallet_of(machine, rich.number) == ("1500", "0")


def test_a_hold_whose_time_is_over_captures_nothing(machine, rich, hold):
    past = lapse(hold)

    refusal = machine.send(f"holds/{hold['id']}/capture", {})

    assert (refusal.status_code, refusal.json()["code"]) == (409, "hold_not_open")
    assert refusal.json()["facts"]["state"] == "RELEASED"
    assert datetime.fromisoformat(refusal.json()["facts"]["closed_at"]) == past
    assert machine.send(f"holds/{hold['id']}/release", {}).json()["state"] == "RELEASED"
    assert wallet_of(machine, rich.number) == ("1500", "0")


def test_captured_points_are_given_back_in_parts(machine, rich, hold):
    machine.send(f"holds/{hold['id']}/capture", {})

    part = machine.send(f"holds/{hold['id']}/refund", {"reference": "r1", "amount": "300"})
    rest = machine.send(f"holds/{hold['id']}/refund", {"reference": "r2"})

    assert (part.status_code, rest.status_code) == (201, 201)
    assert (part.json()["amount"], rest.json()["amount"]) == ("300", "700")
    assert machine.read(f"holds/{hold['id']}").json()["refunded"] == "1000"
    assert wallet_of(machine, rich.number) == ("1500", "0")


def test_the_same_refund_again_gives_back_nothing_more(machine, rich, hold):
    machine.send(f"holds/{hold['id']}/capture", {})
    first = machine.send(f"holds/{hold['id']}/refund", {"reference": "r1"})

    again = machine.send(f"holds/{hold['id']}/refund", {"reference": "r1"})

    assert (again.status_code, again.content) == (200, first.content)
    assert wallet_of(machine, rich.number) == ("1500", "0")


def test_never_more_is_given_back_than_was_captured(machine, rich, hold):
    early = machine.send(f"holds/{hold['id']}/refund", {"reference": "r0"})
    machine.send(f"holds/{hold['id']}/capture", {"amount": "400"})
    machine.send(f"holds/{hold['id']}/refund", {"reference": "r1", "amount": "300"})

    refusal = machine.send(f"holds/{hold['id']}/refund", {"reference": "r2", "amount": "101"})

    assert (early.status_code, early.json()["facts"]["left"]) == (422, "0")
    assert (refusal.status_code, refusal.json()["code"]) == (422, "refund_above_spent")
    assert refusal.json()["facts"] == {"left": "100", "amount": "101", "unit": "points"}
    assert wallet_of(machine, rich.number) == ("1400", "0")


def test_a_hold_of_a_reward_is_not_a_checkouts_to_end(machine, rich, bakery):
    other = reserve(
        programme_id=bakery.pk,
        wallet_id=rich.wallet_id,
        unit_id=unit_of(bakery.pk, "points").pk,
        amount=10,
        source="rewards",
        reference="x",
        at=datetime.now(UTC),
        until=datetime.now(UTC) + timedelta(minutes=5),
    )

    for path in ("capture", "release"):
        assert machine.send(f"holds/{other.hold_id}/{path}", {}).status_code == 404
    assert machine.send(f"holds/{other.hold_id}/refund", {"reference": "r"}).status_code == 404
    assert machine.read(f"holds/{other.hold_id}").status_code == 404
    assert Hold.objects.get().state == "HELD"


def test_a_hold_of_another_programme_does_not_exist(hold):
    florist = shopkeepers.a_machine(shopkeepers.a_programme("florist"))

    assert florist.read(f"holds/{hold['id']}").status_code == 404
    for path in ("capture", "release"):
        assert florist.send(f"holds/{hold['id']}/{path}", {}).status_code == 404
    assert Hold.objects.get().state == "HELD"


def test_spending_needs_its_own_scope(bakery, hold):
    reader = shopkeepers.a_machine(bakery, Scope.ORDERS_WRITE, Scope.ORDERS_READ, Scope.MEMBERS_READ, Scope.WEBHOOKS)

    answers = [
        reader.send("holds", a_hold("c2")),
        reader.read(f"holds/{hold['id']}"),
        *[reader.send(f"holds/{hold['id']}/{verb}", {"reference": "r"}) for verb in ("capture", "release", "refund")],
        reader.send("quotes", payers.a_quote()),
    ]

    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "scope_missing")}
    assert Hold.objects.get().state == "HELD"


def test_holding_points_takes_few_queries(machine, rich, count_queries):
    with count_queries("api: hold points"):
        machine.send("holds", a_hold(), **{"Idempotency-Key": "k1"})
