"""Households through the API: formed, joined, filled, spent and left."""

import pytest
from django.utils import timezone

from events import outbox
from integrations.models import Scope
from ledger.pools import parts_of
from members.households import automatic
from members.models import Household, Member
from tests.integrations import payers, shopkeepers
from tests.integrations.payers import ADA, a_hold, a_quote, paid_order, wallet_of
from tests.integrations.shopkeepers import a_machine, an_order
from tests.ledger import books
from tests.members.families import offered

BOB = {"source": "webshop", "external_id": "bob"}


@pytest.fixture
def bob(bakery):
    return shopkeepers.a_member(bakery, "bob")


@pytest.fixture
def family(machine, bakery, ada, bob):
    """Ada leads a household, and Bob is in it; Ada has 1500 points and gave 1200 of them. The address."""
    payers.accept_points(bakery)
    offered(bakery)
    payers.earn(machine, 1500)
    made = machine.send("households", {"customer": ADA, "name": "Lovelace"}).json()
    path = f"households/{made['id']}"
    asked = machine.send(f"{path}/invitations", {"customer": ADA, "member": bob.number}).json()
    machine.send(f"household-invitations/{asked['id']}/accept", {"customer": BOB})
    assert give(machine, path).status_code == 201
    return path


@pytest.fixture(autouse=True)
def _books_add_up(db):
    yield
    assert books.findings() == []


def give(machine, path, amount="1200", **changes):
    body = {"source": "webshop", "reference": "g1", "customer": ADA, "unit": "points", "amount": amount}
    return machine.send(f"{path}/contributions", body | changes)


def household(machine, path):
    return machine.read(path).json()


def owned(document):
    return {row["member"]: [part["amount"] for part in row["owns"]] for row in document["members"]}


def test_a_household_is_formed_and_joined_by_invitation(machine, bakery, ada, bob):
    offered(bakery)

    made = machine.send("households", {"customer": ADA, "name": "Lovelace"}, **{"Idempotency-Key": "k1"})
    again = machine.send("households", {"customer": ADA, "name": "Lovelace"}, **{"Idempotency-Key": "k1"})
    path = f"households/{made.json()['id']}"
    asked = machine.send(f"{path}/invitations", {"customer": ADA, "member": bob.number, "role": "contributor"})
    invited = household(machine, path)["invitations"]
    accepted = machine.send(f"household-invitations/{asked.json()['id']}/accept", {"customer": BOB})

    assert (made.status_code, again.status_code, Household.objects.count()) == (201, 201, 1)
    assert made.headers["Location"] == f"/api/v1/{path}"
    assert [(row["member"], row["state"]) for row in invited] == [(bob.number, "invited")]
    assert (asked.status_code, accepted.json()["state"]) == (201, "active")
    document = household(machine, path)
    assert [(row["member"], row["role"]) for row in document["members"]] == [
        (ada.number, "head"),
        (bob.number, "contributor"),
    ]
    assert machine.read(f"members/{bob.number}/household").json() == document


def test_what_is_given_is_the_givers_until_it_is_spent(machine, family, ada, bob):
    again = give(machine, family)

    document = household(machine, family)
    assert (again.status_code, again.json()["given"]) == (200, {"unit": "points", "amount": "1200"})
    assert document["balances"] == [{"unit": "points", "spendable": "1200", "reserved": "0"}]
    assert owned(document) == {ada.number: ["1200"], bob.number: []}
    assert wallet_of(machine, ada.number) == ("300", "0")


def test_who_leaves_has_it_back(machine, family, ada, bob):
    machine.send(f"{family}/role", {"customer": ADA, "member": bob.number, "role": "head"})

    left = machine.send(f"{family}/leave", {"customer": ADA})

    assert left.status_code == 200
    assert [row["member"] for row in left.json()["members"]] == [bob.number]
    assert wallet_of(machine, ada.number) == ("1500", "0")
    assert machine.read(f"members/{ada.number}/household").status_code == 404


def test_the_head_removes_and_dissolves(machine, family, ada, bob):
    give(machine, family, "100", reference="g2")

    removed = machine.send(f"{family}/remove", {"customer": ADA, "member": bob.number})
    closed = machine.send(f"{family}/dissolve", {"customer": ADA})

    assert [row["member"] for row in removed.json()["members"]] == [ada.number]
    assert (closed.json()["members"], closed.json()["closed_at"] is None) == ([], False)
    assert wallet_of(machine, ada.number) == ("1500", "0")


def test_a_quote_and_a_hold_for_the_household(machine, family, ada, bob):
    quote = machine.send("quotes", a_quote(customer=BOB, wallet="household")).json()
    held = machine.send("holds", a_hold(customer=BOB, wallet="household"))
    captured = machine.send(f"holds/{held.json()['id']}/capture", {"amount": "400"})

    assert (quote["wallet"], quote["units"][0]["spendable"]) == ("household", "1200")
    assert held.status_code == 201
    assert (held.json()["member"], held.json()["wallet"]) == (bob.number, "household")
    assert captured.json()["captured"] == "400"
    assert household(machine, family)["balances"] == [{"unit": "points", "spendable": "800", "reserved": "0"}]
    assert machine.send("holds", a_hold(customer=BOB, wallet="household")).json()["id"] == held.json()["id"]


def test_an_order_is_paid_by_the_household_and_its_return_gives_it_back(machine, family, ada, bob):
    hold = machine.send("holds", a_hold(customer=BOB, wallet="household")).json()

    bought = machine.send("orders", paid_order(hold["id"], customer=BOB))
    back = machine.send(
        "returns",
        {
            "source": "webshop",
            "reference": "r1",
            "returned_at": timezone.now().isoformat(),
            "order_reference": "o1",
            "lines": [{"line": 1, "quantity": 1}],
        },
    )

    assert (bought.status_code, back.status_code) == (201, 201)
    assert owned(household(machine, family))[ada.number] == ["1200"]
    assert wallet_of(machine, bob.number) == ("0", "0")


@pytest.mark.parametrize(
    ("role", "status", "code"),
    [
        ("contributor", "ACTIVE", "may_not_spend_for_household"),
        ("adult", "BLOCKED", "member_blocked"),
    ],
)
def test_contributors_and_blocked_members_do_not_pay(role, status, code, machine, family, bob):
    machine.send(f"{family}/role", {"customer": ADA, "member": bob.number, "role": role})
    Member.objects.filter(pk=bob.pk).update(status=status)

    for path, body in (
        ("holds", a_hold(customer=BOB, wallet="household")),
        ("quotes", a_quote(customer=BOB, wallet="household")),
    ):
        answer = machine.send(path, body)
        assert (answer.status_code, answer.json()["code"]) == (422, code)
    assert household(machine, family)["balances"][0]["reserved"] == "0"


def test_a_stranger_pays_with_nobodys_household(machine, family, bakery):
    shopkeepers.a_member(bakery, "dora")
    dora = {"source": "webshop", "external_id": "dora"}
    hold = machine.send("holds", a_hold(wallet="household")).json()

    assert machine.send("holds", a_hold("c2", customer=dora, wallet="household")).json()["code"] == "household_unknown"
    assert machine.send("orders", paid_order(hold["id"], customer=dora)).json()["code"] == "order_invalid"


def test_a_share_of_each_earning_goes_there_by_itself(machine, family, ada, bob):
    changed = machine.send(f"{family}/share", {"customer": BOB, "percent": 25})
    now = timezone.now()
    machine.send(
        "orders", an_order("b1", customer=BOB, placed_at=now.isoformat(), lines=[{"sku": "OVEN", "amount": "99.00"}])
    )
    while outbox.relay_batch(at=now):
        pass
    automatic.give_next(at=timezone.now())
    automatic.give_next(at=timezone.now())

    assert [row["share_percent"] for row in changed.json()["members"]] == [0, 25]
    assert owned(household(machine, family)) == {ada.number: ["1200"], bob.number: ["24"]}
    assert wallet_of(machine, bob.number)[0] == "75"


def test_refusals_say_what_to_do(machine, family, bakery, ada, bob):
    path = family
    dora = shopkeepers.a_member(bakery, "dora")
    refused = {
        "head_stays": machine.send(f"{path}/leave", {"customer": ADA}),
        "not_head_of_household": machine.send(f"{path}/dissolve", {"customer": BOB}),
        "in_household_already": machine.send("households", {"customer": BOB, "name": "Other"}),
        "household_unknown": machine.send(f"{path}/remove", {"customer": ADA, "member": dora.number}),
        "member_unknown": machine.send(f"{path}/invitations", {"customer": ADA, "member": "000000000000"}),
        "invitation_unknown": machine.send("household-invitations/999999/accept", {"customer": BOB}),
        "insufficient_points": give(machine, path, "99999", reference="g9"),
        "unit_unknown": give(machine, path, reference="g8", unit="stars"),
        "reference_reused": give(machine, path, "1"),
    }

    assert {code: answer.json()["code"] for code, answer in refused.items()} == {code: code for code in refused}
    assert machine.read("households/999999").status_code == 404
    assert a_machine(bakery, Scope.ORDERS_WRITE).read(path).status_code == 403
    assert sum(part.amount for part in parts_of(Household.objects.get().pool_id, at=timezone.now())) == 1200
