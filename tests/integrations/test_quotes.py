"""POST /api/v1/quotes: what a customer could pay with points, before anything happens."""

import pytest

from integrations.models import StoredAnswer
from ledger.paying import Terms
from ledger.services import accept_as_payment
from tests.integrations import payers
from tests.integrations.payers import a_quote
from tests.ledger import books


@pytest.fixture
def rich(machine, bakery, ada):
    payers.accept_points(bakery)
    payers.earn(machine, 5000)
    return ada


def test_a_thousand_points_are_a_hundred_off_two_hundred(machine, rich):
    response = machine.send("quotes", a_quote(wanted=[{"unit": "points", "amount": "1000"}]))

    assert response.status_code == 200
    assert response.json() == {
        "wallet": "own",
        "member": rich.number,
        "currency": "EUR",
        "total": "200.00",
        "to_pay": "200.00",
        "discounts": [],
        "earned": [
            {
                "unit": "points",
                "amount": "200",
                "campaign": "standing",
                "version": 1,
                "rule": "base",
                "why": "200 points for goods of €200.00: 1 point per whole €1.00 (version 1)",
            }
        ],
        "rejected": [],
        "units": [
            {
                "unit": "points",
                "name": "Points",
                "tender": "points",
                "spendable": "5000",
                "reason": None,
                "minimum": "1",
                "maximum": "2000",
                "step": "1",
                "step_value": "0.10",
                "earns": False,
                "chosen": {"amount": "1000", "value": "100.00", "left_to_pay": "100.00"},
            }
        ],
    }


def test_without_a_wish_the_most_is_quoted(machine, rich):
    (unit,) = machine.send("quotes", a_quote()).json()["units"]

    assert unit["chosen"] == {"amount": "2000", "value": "200.00", "left_to_pay": "0.00"}


def test_the_order_level_discount_counts_and_gift_cards_are_paid_with_money(machine, rich):
    lines = [{"sku": "CUP", "amount": "60.00"}, {"sku": "CARD", "kind": "gift_card", "amount": "50.00"}]

    quote = machine.send("quotes", a_quote(lines=lines, discount="10.00")).json()

    assert quote["total"] == "100.00"
    assert quote["units"][0]["maximum"] == "500"
    assert quote["units"][0]["chosen"] == {"amount": "500", "value": "50.00", "left_to_pay": "50.00"}


def test_the_units_terms_bound_the_slider(machine, rich, bakery):
    payers.accept_points(bakery, Terms(10, 100, minimum=200, maximum=1500, step=50, share_percent=50))

    (unit,) = machine.send("quotes", a_quote(wanted=[{"unit": "points", "amount": "333"}])).json()["units"]

    assert [unit[name] for name in ("minimum", "maximum", "step", "step_value")] == ["200", "1000", "50", "5.00"]
    assert unit["chosen"] == {"amount": "300", "value": "30.00", "left_to_pay": "170.00"}


def test_pc_060_an_empty_balance_is_an_answer_with_a_reason(machine, bakery, ada):
    payers.accept_points(bakery)

    response = machine.send("quotes", a_quote(wanted=[{"unit": "points", "amount": "10"}]))

    (unit,) = response.json()["units"]
    assert (response.status_code, unit["reason"]) == (200, "zero_balance")
    assert unit["chosen"] == {"amount": "0", "value": "0.00", "left_to_pay": "200.00"}


def test_a_unit_that_does_not_pay_says_so_when_it_is_asked_for(machine, bakery, ada):
    assert machine.send("quotes", a_quote()).json()["units"] == []

    (unit,) = machine.send("quotes", a_quote(wanted=[{"unit": "points", "amount": "10"}])).json()["units"]

    assert unit["reason"] == "not_a_means_of_payment"
    assert [unit[name] for name in ("tender", "minimum", "maximum", "step", "earns")] == [None] * 5


def test_terms_that_were_switched_off_pay_nothing(machine, rich, bakery):
    accept_as_payment(unit=payers.accept_points(bakery), terms=payers.TEN_FOR_ONE, is_accepted=False)

    assert machine.send("quotes", a_quote()).json()["units"] == []


def test_stored_value_pays_one_for_one_whatever_its_terms_say(machine, rich, bakery):
    wallet = payers.a_unit(bakery, "STORED_VALUE", decimals=2)
    accept_as_payment(unit=wallet, terms=Terms(units=7, money=1, earns=True))
    books.TestWallet(rich.wallet_id, wallet).earn(3050)

    units = machine.send("quotes", a_quote()).json()["units"]

    assert [unit["tender"] for unit in units] == ["points", "stored_value"]
    assert units[1]["chosen"] == {"amount": "30.50", "value": "30.50", "left_to_pay": "169.50"}
    assert units[1]["earns"] is True


def test_a_quote_writes_nothing(machine, rich):
    with books.unchanged():
        machine.send("quotes", a_quote())

    assert not StoredAnswer.objects.exists()


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"currency": "USD"}, 422, "order_invalid"),
        ({"discount": "300.00"}, 422, "order_invalid"),
        ({"wanted": [{"unit": "stars", "amount": "1"}]}, 422, "unit_unknown"),
        ({"wanted": [{"unit": "points", "amount": "0.5"}]}, 422, "amount_invalid"),
        ({"customer": {"source": "webshop", "external_id": "eve"}}, 404, "member_unknown"),
        ({"lines": []}, 400, "invalid"),
    ],
)
def test_a_basket_that_makes_no_sense_is_refused(changes, status, code, machine, rich):
    response = machine.send("quotes", a_quote(**changes))

    assert (response.status_code, response.json()["code"]) == (status, code)


def test_quoting_takes_few_queries(machine, rich, count_queries):
    with count_queries("api: quote paying with points"):
        machine.send("quotes", a_quote())
