"""/api/v1/transfers: one member's points become another's."""

from datetime import timedelta

import pytest
from django.utils import timezone

from events.models import OutboxEvent
from integrations.models import Scope
from ledger.models import Transfer
from members.models import Member
from tests.integrations import payers
from tests.integrations.shopkeepers import a_machine, a_member, a_programme
from tests.ledger.books import TestWallet
from tests.ledger.sending import may_be_sent, offer


@pytest.fixture
def points(machine, ada):
    """Ada has 250 points that never expire; sending 100 costs 2."""
    unit = payers.accept_points(ada.programme)
    payers.earn(machine, 250)
    may_be_sent(unit, fee_permille=20)
    return unit


@pytest.fixture
def ben(ada):
    return a_member(ada.programme, "ben")


@pytest.fixture
def by_consent(points):
    may_be_sent(points, needs_acceptance=True, fee_permille=20)


def a_transfer(**changes):
    return {
        "source": "webshop",
        "reference": "t1",
        "from": payers.ADA,
        "to": {"source": "webshop", "external_id": "ben"},
        "unit": "points",
        "amount": "100",
        "message": "For the cake",
    } | changes


def facts():
    rows = OutboxEvent.objects.filter(type__startswith="transfer.").order_by("pk")
    return list(rows.values_list("type", "payload"))


def test_points_are_sent_at_once_where_no_yes_is_needed(machine, points, ada, ben):
    response = machine.send("transfers", a_transfer())

    row = Transfer.objects.get()
    assert response.status_code == 201
    assert response.headers["Location"] == f"/api/v1/transfers/{row.pk}"
    answer = response.json()
    assert answer.pop("made_at") == answer.pop("ended_at")
    assert answer == {
        "id": row.pk,
        "from": ada.number,
        "to": ben.number,
        "unit": "points",
        "amount": "100",
        "fee": "2",
        "message": "For the cake",
        "state": "DONE",
        "open_until": None,
        "posting": row.posting_id,
    }
    assert payers.wallet_of(machine, ada.number) == ("148", "0")
    assert payers.wallet_of(machine, ben.number) == ("100", "0")
    ((kind, payload),) = facts()
    assert kind == "transfer.done"
    assert payload == {
        "transfer": row.pk,
        "from": ada.number,
        "to": ben.number,
        "unit": "points",
        "amount": "100",
        "fee": "2",
        "posting": row.posting_id,
    }


def test_the_same_reference_again_is_the_same_transfer(machine, points, ben):
    first = machine.send("transfers", a_transfer())

    again = machine.send("transfers", a_transfer())
    other = machine.send("transfers", a_transfer(amount="101"))

    assert (first.status_code, again.status_code, again.json()) == (201, 200, first.json())
    assert (other.status_code, other.json()["code"]) == (409, "reference_reused")
    assert len(facts()) == 1


def test_an_offer_waits_and_is_accepted_once(machine, by_consent, ada, ben):
    made = machine.send("transfers", a_transfer()).json()

    assert (made["state"], made["posting"], payers.wallet_of(machine, ada.number)) == ("OFFERED", None, ("148", "102"))
    first = machine.send(f"transfers/{made['id']}/accept", {})
    again = machine.send(f"transfers/{made['id']}/accept", {})
    late = machine.send(f"transfers/{made['id']}/withdraw", {})

    assert (first.status_code, first.json()["state"], again.json()) == (200, "ACCEPTED", first.json())
    assert (late.status_code, late.json()["code"], late.json()["facts"]["state"]) == (
        409,
        "transfer_not_open",
        "ACCEPTED",
    )
    assert payers.wallet_of(machine, ben.number) == ("100", "0")
    assert [kind for kind, _ in facts()] == ["transfer.offered", "transfer.accepted"]
    assert facts()[0][1]["until"] == made["open_until"]


@pytest.mark.parametrize(("verb", "state"), [("decline", "DECLINED"), ("withdraw", "WITHDRAWN")])
def test_a_no_frees_the_points(verb, state, machine, by_consent, ada, ben):
    made = machine.send("transfers", a_transfer()).json()

    answer = machine.send(f"transfers/{made['id']}/{verb}", {}).json()

    assert (answer["state"], payers.wallet_of(machine, ada.number)) == (state, ("250", "0"))
    assert [kind for kind, _ in facts()] == ["transfer.offered", f"transfer.{state.lower()}"]


def test_what_has_lapsed_reads_so_although_no_night_came_by(machine, by_consent, points, ada, ben):
    long_ago = timezone.now() - timedelta(days=30)
    giver = TestWallet(ada.wallet_id, points)
    giver.earn(100, at=long_ago)
    row = offer(giver, TestWallet(ben.wallet_id, points), 50, at=long_ago)

    read = machine.read(f"transfers/{row.pk}").json()
    answer = machine.send(f"transfers/{row.pk}/accept", {}).json()

    assert (read["state"], read["ended_at"]) == ("LAPSED", read["open_until"])
    assert (answer["code"], answer["facts"]["state"]) == ("transfer_not_open", "LAPSED")
    assert listed(machine, ada, state="LAPSED") == [row.pk]
    assert listed(machine, ada, state="OFFERED") == []


def listed(machine, member, **filters):
    return [row["id"] for row in machine.read(f"members/{member.number}/transfers", **filters).json()["results"]]


def test_a_members_transfers_are_listed_newest_first_by_their_state(machine, points, ada, ben):
    done = machine.send("transfers", a_transfer(amount="10")).json()
    may_be_sent(points, needs_acceptance=True)
    waiting = machine.send("transfers", a_transfer(reference="t2", amount="10")).json()
    back = {"from": ben.number, "to": ada.number}
    returned = machine.send("transfers", a_transfer(reference="t3", amount="5", **back)).json()

    assert listed(machine, ada) == [returned["id"], waiting["id"], done["id"]]
    assert listed(machine, ada, state="OFFERED") == [returned["id"], waiting["id"]]
    assert listed(machine, ben, state="DONE") == [done["id"]]
    assert machine.read(f"members/{ada.number}/transfers", state="GONE").status_code == 400


@pytest.mark.parametrize(
    ("terms", "changes", "answered"),
    [
        ({}, {"amount": "251"}, (422, "insufficient_points")),
        ({}, {"amount": "1.5"}, (422, "amount_invalid")),
        ({}, {"amount": "0"}, (422, "amount_invalid")),
        ({}, {"to": payers.ADA}, (422, "wallets_not_apart")),
        ({}, {"to": "400000000006"}, (404, "member_unknown")),
        ({}, {"to": "ben@example.com"}, (400, "invalid")),
        ({}, {"unit": "stars"}, (422, "unit_unknown")),
        ({}, {"fee": "1"}, (422, "transfer_fee_changed")),
        ({"is_offered": False}, {}, (422, "transfer_not_offered")),
        ({"step": 30}, {}, (422, "transfer_amount_refused")),
        ({"made_daily": 1}, {"reference": "t2"}, (422, "transfer_limit_reached")),
        ({}, {"message": "x" * 201}, (400, "invalid")),
    ],
)
@pytest.mark.usefixtures("ben")
def test_what_cannot_be_sent_is_refused(terms, changes, answered, machine, points, ada):
    machine.send("transfers", a_transfer(reference="first", amount="10"))
    may_be_sent(points, **terms)

    response = machine.send("transfers", a_transfer(**changes))

    assert (response.status_code, response.json()["code"]) == answered
    assert Transfer.objects.count() == 1
    assert payers.wallet_of(machine, ada.number) == ("239", "0")


def test_a_limit_names_what_is_used_and_what_is_left(machine, points, ben):
    may_be_sent(points, sent_monthly=150)
    machine.send("transfers", a_transfer())

    problem = machine.send("transfers", a_transfer(reference="t2")).json()

    assert problem["facts"] == {
        "limit": "sent_this_month",
        "at_most": "150",
        "used": "100",
        "left": "50",
        "asked": "100",
        "unit": "points",
    }


@pytest.mark.parametrize("blocked", ["ada", "ben"])
def test_blocked_members_neither_send_nor_receive(blocked, machine, by_consent, ada, ben):
    made = machine.send("transfers", a_transfer()).json()
    Member.objects.filter(pk={"ada": ada, "ben": ben}[blocked].pk).update(status="BLOCKED")

    taken = machine.send(f"transfers/{made['id']}/accept", {})
    sent = machine.send("transfers", a_transfer(reference="t2"))

    assert [(answer.status_code, answer.json()["code"]) for answer in (taken, sent)] == [(422, "member_blocked")] * 2
    assert Transfer.objects.get().state == "OFFERED"
    assert machine.send(f"transfers/{made['id']}/withdraw", {}).status_code == 200


def test_a_quote_says_what_it_costs_and_what_is_left(machine, points, ada, ben):
    may_be_sent(points, fee_permille=20, sent_monthly=120, made_daily=3, step=10)
    machine.send("transfers", a_transfer())

    quote = machine.send("transfer-quotes", {"from": ada.number, "unit": "points", "amount": "20"}).json()

    assert quote == {
        "unit": "points",
        "minimum": "10",
        "maximum": None,
        "step": "10",
        "needs_acceptance": False,
        "spendable": "148",
        "most": "20",
        "sent_this_month": "100",
        "sent_left": "20",
        "made_today": 1,
        "transfers_left": 2,
        "amount": "20",
        "fee": "1",
        "costs": "21",
        "arrives": [{"amount": "20", "expires_at": None}],
    }
    assert payers.wallet_of(machine, ada.number) == ("148", "0")


def test_what_belongs_to_another_programme_is_not_there(machine, by_consent, ada, ben):
    made = machine.send("transfers", a_transfer()).json()
    stranger = a_machine(a_programme("butcher"))

    answers = [
        stranger.read(f"transfers/{made['id']}"),
        stranger.send(f"transfers/{made['id']}/withdraw", {}),
        stranger.read(f"members/{ada.number}/transfers"),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Transfer.objects.get().state == "OFFERED"


def test_a_key_that_may_only_read_sends_nothing(machine, points, ada, ben):
    reader = a_machine(ada.programme, Scope.MEMBERS_READ)

    response = reader.send("transfers", a_transfer())

    assert (response.status_code, response.json()["code"]) == (403, "scope_missing")
    assert Transfer.objects.count() == 0


def test_both_sides_read_why(machine, points, ada, ben):
    Member.objects.filter(pk=ada.pk).update(name="Ada Lovelace")
    Member.objects.filter(pk=ben.pk).update(name="Ben")
    posting = machine.send("transfers", a_transfer()).json()["posting"]

    since = {"since": "2026-01-01"}
    told = {
        member.pk: machine.read(f"members/{member.number}/statement", **since).json()["movements"][-1]["why"]
        for member in (ada, ben)
    }

    assert told == {
        ada.pk: "Sent to Be…: 100 Points (fee 2)",
        ben.pk: "Received from Ad… L.: 100 Points. “For the cake”",
    }
    why = machine.read(f"postings/{posting}/explanation").json()["why"]
    assert why == "Ad… L. sent Be… 100 Points (fee 2)"
