"""Reading back: orders, members, wallets, and why the books say what they say."""

import csv
import io
from datetime import timedelta

import pytest

from ledger.services import burn
from members.services import enrol
from tests.integrations.shopkeepers import JANUARY, NOON, a_machine, a_member, a_programme, an_order
from tests.members.tiers.ladders import A, noon
from tests.members.tiers.people import a_ladder, earn, looked_at


@pytest.fixture
def five_orders(machine):
    return [
        machine.send(
            "orders", an_order(str(no), placed_at=(NOON + timedelta(hours=no)).isoformat(), shop="berlin")
        ).json()
        for no in range(5)
    ]


def references(response):
    return [order["reference"] for order in response.json()["results"]]


def test_an_order_is_read_back_as_it_was_reported_and_decided(machine, ada):
    lines = [
        {"sku": "FLOUR", "name": "Flour", "quantity": "0.75", "amount": "3.00", "tax": "0.20", "categories": ["food"]},
        {"sku": "CAKE", "quantity": 2, "amount": "24.00", "labels": ["birthday"]},
        {"sku": "POST", "kind": "shipping", "amount": "4.90"},
    ]
    tenders = [{"kind": "card", "amount": "28.20"}]
    sent = machine.send("orders", an_order(lines=lines, discount="3.70", tenders=tenders, channel="web", shop="berlin"))

    order = machine.get(sent.headers["Location"]).json()

    assert order.pop("recorded_at").endswith("Z")
    assert order.pop("earned") == sent.json()["earned"]
    assert order == {
        "id": sent.json()["id"],
        "source": "webshop",
        "reference": "1",
        "member": ada.number,
        "shop": "berlin",
        "channel": "web",
        "currency": "EUR",
        "total": "28.20",
        "placed_at": "2026-03-14T12:00:00Z",
        "lines": [
            {
                "line": 1, "sku": "FLOUR", "name": "Flour", "kind": "product", "quantity": "0.75", "amount": "3.00",
                "tax": "0.20", "discount": "0.41", "categories": ["food"], "labels": [],
            },
            {
                "line": 2, "sku": "CAKE", "name": "", "kind": "product", "quantity": "2", "amount": "24.00",
                "tax": "0.00", "discount": "3.29", "categories": [], "labels": ["birthday"],
            },
            {
                "line": 3, "sku": "POST", "name": "", "kind": "shipping", "quantity": "1", "amount": "4.90",
                "tax": "0.00", "discount": "0.00", "categories": [], "labels": [],
            },
        ],
        "tenders": [{"kind": "card", "amount": "28.20", "hold": None}],
        "codes": [],
        "discounts": [],
        "rejected": [],
    }  # fmt: skip


def test_orders_are_listed_newest_first_by_pages(machine, five_orders):
    first = machine.read("orders", limit="2")
    second = machine.get(first.json()["next"])
    third = machine.get(second.json()["next"])

    assert [references(page) for page in (first, second, third)] == [["4", "3"], ["2", "1"], ["0"]]
    assert (first.json()["previous"], third.json()["next"]) == (None, None)
    assert references(machine.get(third.json()["previous"])) == ["2", "1"]


@pytest.mark.parametrize(
    ("_case", "filters", "found"),
    [
        ("by reference", {"reference": "3"}, ["3"]),
        ("by source and reference", {"source": "webshop", "reference": "3"}, ["3"]),
        ("by another source", {"source": "till", "reference": "3"}, []),
        ("from an instant on", {"placed_from": "2026-03-14T15:00:00Z"}, ["4", "3"]),
        ("before an instant", {"placed_before": "2026-03-14T15:00:00+01:00"}, ["1", "0"]),
        ("by a member nobody is", {"member": "400000000006"}, []),
    ],
)
def test_orders_are_found(_case, filters, found, machine, five_orders):
    assert references(machine.read("orders", **filters)) == found


def test_orders_are_found_by_member(machine, five_orders, ada):
    assert len(references(machine.read("orders", member=ada.number))) == 5


def test_a_list_takes_as_many_queries_for_five_as_for_one(machine, five_orders, count_queries):
    with count_queries("api: list orders"):
        machine.read("orders")


def test_reading_an_order_takes_few_queries(machine, five_orders, count_queries):
    with count_queries("api: read an order"):
        machine.read(f"orders/{five_orders[0]['id']}")


def test_a_wallet_says_what_can_be_spent_and_what_expires(machine, ada, time_machine):
    machine.send("orders", an_order())
    time_machine.move_to(NOON + timedelta(days=300), tick=False)

    wallet = machine.read(f"members/{ada.number}/wallet").json()

    assert wallet == {
        "member": ada.number,
        "at": "2027-01-08T12:00:00Z",
        "balances": [
            {"unit": "points", "name": "Points", "spendable": "10", "reserved": "0", "pending": "0", "owed": "0"}
        ],
        "expiring": [{"unit": "points", "amount": "10", "expires_at": "2027-03-14T23:00:00Z"}],
    }


def test_a_wallet_takes_few_queries(machine, ada, count_queries):
    machine.send("orders", an_order())

    with count_queries("api: read a wallet"):
        machine.read(f"members/{ada.number}/wallet")


def test_the_tiers_of_a_member_say_what_is_missing_and_until_when(machine, ada):
    a_ladder(ada.programme, A)
    earn(ada, 350, at=noon("2026-03-01"))
    looked_at(ada, at=noon("2026-03-02"))

    tiers = machine.read(f"members/{ada.number}/tiers").json()

    part = {"metric": "points:points", "have": "350", "need": "500", "missing": "150"}
    assert tiers["ladders"] == [
        {
            "ladder": "club",
            "name": "Club",
            "tier": "green",
            "tier_name": "Green",
            "cause": "ENTERED",
            "since": "2026-03-02T11:00:00Z",
            "until": None,
            "next": {
                "tier": "silver",
                "name": "Silver",
                "is_met": False,
                "by": "2026-12-31T23:00:00Z",
                "all_of": [],
                "any_of": [part],
            },
            "keep": None,
        }
    ]


def test_a_programme_without_ladders_has_no_tiers(machine, ada):
    assert machine.read(f"members/{ada.number}/tiers").json()["ladders"] == []


def test_the_tiers_of_a_member_take_few_queries(machine, ada, count_queries):
    a_ladder(ada.programme, A)
    looked_at(ada, at=noon("2026-03-02"))

    with count_queries("api: read tiers"):
        machine.read(f"members/{ada.number}/tiers")


def test_a_statement_leads_from_opening_to_closing_and_says_why(machine, ada):
    first = machine.send("orders", an_order("1", placed_at="2026-02-10T12:00:00Z")).json()
    second = machine.send("orders", an_order("2")).json()

    statement = machine.read(f"members/{ada.number}/statement", since="2026-03-01", until="2026-03-14").json()

    (movement,) = statement.pop("movements")
    assert statement == {
        "member": ada.number,
        "unit": "points",
        "since": "2026-03-01",
        "until": "2026-03-14",
        "opening": "10",
        "came_in": "10",
        "went_out": "0",
        "closing": "20",
    }
    assert movement["posting"] == second["earned"][0]["posting"] != first["earned"][0]["posting"]
    assert (movement["kind"], movement["amount"], movement["balance"]) == ("ACCRUE", "10", "20")
    assert movement["happened_at"] == "2026-03-14T12:00:00Z"
    assert movement["why"].startswith("10 points for goods of €10.50")


@pytest.mark.parametrize("accept", ["text/csv", "application/json", "*/*"])
def test_the_statement_is_had_as_a_file(accept, machine, ada):
    machine.send("orders", an_order())

    response = machine.get(
        f"/api/v1/members/{ada.number}/statement.csv?since=2026-03-01&until=2026-03-14", headers={"Accept": accept}
    )

    head, opening, movement, closing = csv.reader(io.StringIO(response.content.decode()))
    assert response.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert head == ["happened_at", "kind", "posting", "amount", "balance", "why"]
    assert opening == ["2026-03-01T00:00:00+01:00", "OPENING", "", "", "0", ""]
    assert [*movement[:2], *movement[3:5]] == ["2026-03-14T13:00:00+01:00", "ACCRUE", "10", "10"]
    assert closing == ["2026-03-15T00:00:00+01:00", "CLOSING", "", "", "10", ""]


def test_without_days_the_statement_is_that_of_this_month_so_far(machine, ada, time_machine):
    machine.send("orders", an_order())
    time_machine.move_to(NOON + timedelta(hours=12), tick=False)

    statement = machine.read(f"members/{ada.number}/statement").json()

    # Midnight in London is one o'clock of the next day in Berlin.
    assert (statement["since"], statement["until"]) == ("2026-03-01", "2026-03-15")
    assert (statement["opening"], statement["closing"]) == ("0", "10")


@pytest.mark.parametrize(
    ("parameters", "refusal"),
    [
        ({"since": "yesterday"}, (400, "invalid", ["since"])),
        ({"until": "20260314"}, (400, "invalid", ["until"])),
        ({"until": ""}, (400, "invalid", ["until"])),
        ({"from": "2026-03-01"}, (400, "invalid", ["from"])),
        ({"since": "2026-03-02", "until": "2026-03-01"}, (422, "period_invalid", [])),
        ({"since": "0001-01-01"}, (422, "period_invalid", [])),
        ({"until": "9999-12-31"}, (422, "period_invalid", [])),
        ({"unit": "gold"}, (422, "unit_unknown", [])),
    ],
)
@pytest.mark.parametrize("form", ["", ".csv"])
def test_a_statement_that_cannot_be_made_is_refused_with_what_was_wrong(parameters, refusal, form, machine, ada):
    response = machine.read(f"members/{ada.number}/statement{form}", **parameters)

    problem = response.json()
    named = [fault["parameter"] for fault in problem.get("errors", [])]
    assert (response.status_code, problem["code"], named) == refusal


def test_the_statement_of_a_member_of_another_programme_is_not_told(machine):
    stranger = a_member(a_programme("florist"))

    for address in (stranger.number, "100000000009", "x"):
        response = machine.read(f"members/{address}/statement")
        assert (response.status_code, response.json()["code"]) == (404, "member_unknown")


def test_members_are_found_by_your_own_number_for_them(machine, ada, bakery):
    enrol(programme=bakery, at=JANUARY, identifiers=[("webshop", "bob"), ("till", "ada")])

    found = machine.read("members", source="webshop", external_id="ada").json()["results"]

    assert found == [
        {
            "number": ada.number,
            "status": "ACTIVE",
            "joined_at": "2026-01-01T00:00:00Z",
            "identifiers": [{"source": "webshop", "external_id": "ada"}],
        }
    ]
    assert machine.read("members", number=ada.number).json()["results"] == found


def test_nothing_personal_is_told_about_a_member(machine, bakery):
    enrol(programme=bakery, at=JANUARY, name="Bob Builder", email="bob@example.com")

    listed = machine.read("members").content.decode()

    assert "Builder" not in listed
    assert "bob@" not in listed


def test_a_posting_says_why_it_exists(machine, ada, bakery):
    order = machine.send("orders", an_order()).json()
    posting = order["earned"][0]["posting"]

    explained = machine.read(f"postings/{posting}/explanation").json()

    assert explained == {
        "posting": posting,
        "why": "10 points for goods of €10.50: 1 point per whole €1.00 (version 1). Can be spent until March 14, 2027.",
        "order": order["id"],
        "reference": "1",
        "expires_at": "2027-03-14T23:00:00Z",
    }


def test_an_explanation_speaks_the_readers_language(machine, ada):
    order = machine.send("orders", an_order()).json()
    posting = order["earned"][0]["posting"]

    response = machine.get(f"/api/v1/postings/{posting}/explanation", headers={"Accept-Language": "de"})

    assert response.headers["Content-Language"] == "de"


def test_a_spent_point_is_explained_too(machine, ada, bakery):
    machine.send("orders", an_order())
    unit = bakery.units.get()
    spent = burn(
        programme_id=bakery.pk, wallet_id=ada.wallet_id, unit_id=unit.pk, amount=4, source="test", reference="1",
        at=NOON + timedelta(days=1), actor="test",
    )  # fmt: skip

    explained = machine.read(f"postings/{spent}/explanation").json()

    assert explained["order"] is None
    assert explained["why"].startswith("Spent on")


def test_an_empty_programme_has_empty_lists(db):
    machine = a_machine(a_programme("florist"))

    for path in ("orders", "members", "webhooks"):
        assert machine.read(path).json() == {"next": None, "previous": None, "results": []}
