"""
What other systems' tests assert about wallets and store credit at a checkout, and ours. The ids are those of our
collection of such cases.
"""

from datetime import UTC, datetime

import pytest

from campaigns.definitions import PerMoney
from campaigns.models import Campaign
from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment
from tests.campaigns.trade import change
from tests.integrations import payers
from tests.integrations.payers import a_hold, a_quote, wallet_of
from tests.integrations.shopkeepers import JANUARY, an_order
from tests.ledger import books

LINES = [{"sku": "A", "amount": "115.00", "tax": "15.00"}, {"sku": "B", "amount": "115.00", "tax": "15.00"}]


@pytest.fixture
def credit(bakery, ada):
    """Fill Ada's wallet of money: `credit(11500)` is 115.00."""
    unit = payers.a_unit(bakery, "STORED_VALUE", decimals=2)
    accept_as_payment(unit=unit, terms=Terms(1, 1, earns=True))
    return books.TestWallet(ada.wallet_id, unit).earn


def hold(machine, amount, reference="c1"):
    return machine.send("holds", a_hold(reference, unit="stored-value", amount=amount))


def test_pc_034_a_wallet_is_a_payment_so_the_tax_stays(machine, credit):
    credit(11_500)

    (unit,) = machine.send("quotes", a_quote(lines=LINES)).json()["units"]
    kept = hold(machine, "115.00").json()["id"]
    tenders = [{"kind": "stored_value", "amount": "115.00", "hold": kept}, {"kind": "card", "amount": "115.00"}]
    sent = machine.send("orders", an_order("o1", lines=LINES, tenders=tenders))

    order = machine.get(sent.headers["Location"]).json()
    assert unit["chosen"] == {"amount": "115.00", "value": "115.00", "left_to_pay": "115.00"}
    assert (order["total"], [line["tax"] for line in order["lines"]]) == ("230.00", ["15.00", "15.00"])


def test_pc_058_what_is_used_has_no_more_places_than_the_currency(machine, bakery, ada):
    payers.accept_points(bakery, Terms(units=1, money=3))
    payers.earn(machine, 3030)

    (unit,) = machine.send("quotes", a_quote(lines=[{"sku": "TV", "amount": "3000.00"}])).json()["units"]

    assert unit["chosen"] == {"amount": "3030", "value": "90.90", "left_to_pay": "2909.10"}


def test_pc_064_half_a_purchase_comes_back_with_half_of_what_it_earned_and_half_of_what_it_took(machine, bakery, ada):
    """7 points for each 10.00, also where points paid; 150 points are worth the whole of 100.00."""
    payers.accept_points(bakery, Terms(units=150, money=10_000, earns=True))
    change(Campaign.objects.get(programme=bakery), PerMoney(units=7, per=1000), at=JANUARY + books.DAY)
    books.TestWallet(ada.wallet_id, unit_of(bakery.pk, "points")).earn(200, at=JANUARY)
    lines = [{"sku": "JAR", "quantity": "2", "amount": "100.00"}]
    kept = machine.send("holds", a_hold(amount="150")).json()["id"]
    tenders = [{"kind": "points", "amount": "100.00", "hold": kept}]
    machine.send("orders", an_order("o1", lines=lines, tenders=tenders))
    assert wallet_of(machine, ada.number) == ("120", "0")

    machine.send("returns", a_return())

    assert wallet_of(machine, ada.number) == ("160", "0")


def a_return():
    lines = [{"line": 1, "quantity": "1"}]
    at = datetime.now(UTC).isoformat()
    return {"source": "webshop", "reference": "r1", "returned_at": at, "order_reference": "o1", "lines": lines}


def test_pc_182_no_more_than_there_is_is_authorised_and_no_more_than_was_authorised_is_captured(machine, credit):
    credit(10_000)

    too_much = hold(machine, "101.00")
    kept = hold(machine, "40.00").json()["id"]
    above = machine.send(f"holds/{kept}/capture", {"amount": "50.00"})
    foreign = machine.send("quotes", a_quote(currency="USD"))

    assert (too_much.status_code, too_much.json()["code"]) == (422, "insufficient_points")
    assert (above.status_code, above.json()["code"]) == (422, "amount_above_hold")
    assert above.json()["facts"] == {"reserved": "40.00", "amount": "50.00", "unit": "stored-value"}
    assert (foreign.status_code, foreign.json()["code"]) == (422, "order_invalid")


def test_pc_183_a_void_frees_all_of_it_and_a_second_void_nothing_more(machine, credit, ada):
    credit(10_000)
    kept = hold(machine, "40.00").json()["id"]
    before = wallet_of(machine, ada.number, "stored-value")

    for _ in range(2):
        assert machine.send(f"holds/{kept}/release", {}).status_code == 200

    assert before == ("60.00", "40.00")
    assert wallet_of(machine, ada.number, "stored-value") == ("100.00", "0.00")


def test_pc_184_no_more_is_credited_than_was_captured(machine, credit, ada):
    credit(10_000)
    kept = hold(machine, "40.00").json()["id"]
    machine.send(f"holds/{kept}/capture", {})

    refused = machine.send(f"holds/{kept}/refund", {"reference": "r1", "amount": "50.00"})
    credited = machine.send(f"holds/{kept}/refund", {"reference": "r2", "amount": "40.00"})

    assert (refused.status_code, refused.json()["facts"]["left"]) == (422, "40.00")
    assert credited.status_code == 201
    assert wallet_of(machine, ada.number, "stored-value") == ("100.00", "0.00")
