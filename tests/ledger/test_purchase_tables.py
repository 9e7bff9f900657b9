"""The tables of docs/algorithms/purchases.md, and the airline's prices of the programme examples."""

import json
from pathlib import Path

import pytest

from kernel.amounts import parse_minor
from ledger import errors
from ledger.buying import Offer, objection, price_of, taken_back
from ledger.errors import PaymentRefused
from tests.ledger import books, buying, tables
from tests.ledger.buying import Kind, ask, buy, sell, states, tell

PAGE = "purchases.md"
EXAMPLES = Path(__file__).resolve().parents[3] / "shared" / "cases" / "programme_examples.json"


def money(text):
    return parse_minor(text, decimals=2)


@pytest.mark.parametrize("row", tables.rows(PAGE, "step"))
def test_what_it_costs(row):
    offer = Offer(int(row["step"]), money(row["price"]), money(row["fee"]), int(row["min"]), int(row["max"]))
    amount = int(row["amount"])

    assert objection(offer, amount) == row["refused"]
    if not row["refused"]:
        assert price_of(offer, amount).total == money(row["to pay"])


def test_an_airlines_prices():
    if not EXAMPLES.exists():
        pytest.skip("the shared programme examples are not here")
    (example,) = [case for case in _cases(json.loads(EXAMPLES.read_text())) if case.get("id") == "virgin-buy"]

    prices = [price_of(buying.VIRGIN, points).total for points in example["input"]["points"]]

    assert prices == [pounds * 100 for pounds in example["expected"]["price_gbp"]]


def _cases(node):
    if isinstance(node, dict):
        yield node
        node = list(node.values())
    if isinstance(node, list):
        for each in node:
            yield from _cases(each)


WAYS = {
    "REQUESTED": [],
    "AUTHORISED": ["AUTHORISED"],
    "CAPTURED": ["CAPTURED"],
    "REFUNDED": ["CAPTURED", "REFUNDED"],
    "CANCELLED": ["CANCELLED"],
}


@pytest.mark.parametrize("row", tables.rows(PAGE, "is"), ids=lambda row: f"{row['is']} {row['said']}")
def test_what_may_be_said_and_what_it_does(row, wallet, unit):
    purchase = ask(wallet, sell(unit)).purchase
    for kind in WAYS[row["is"]]:
        tell(purchase, kind)

    try:
        answer = "news" if tell(purchase, row["said"]).changed else "nothing new"
    except PaymentRefused as refusal:
        answer = refusal.code

    assert (answer, states(purchase)[0]) == (row["answer"], row["becomes"])
    assert wallet.figures().spendable == int(row["in the wallet"])


def test_every_state_meets_everything_that_can_be_said():
    met = {(row["is"], row["said"]) for row in tables.rows(PAGE, "is")}

    assert met == {(state, kind) for state in WAYS for kind in set(Kind) - {Kind.WITHDRAWN}}


@pytest.mark.parametrize("row", tables.rows(PAGE, "bought"))
def test_at_most_in_a_year(row, wallet, unit):
    terms = sell(unit, max_per_year=int(row["limit"]))
    if bought := int(row["bought"]):
        purchase = buy(wallet, terms, bought)
        if row["taken back"] != "0":
            tell(purchase, "REFUNDED")
    for kind in ("waiting", "authorised"):
        if amount := int(row[kind]):
            asked = ask(wallet, terms, amount).purchase
            if kind == "authorised":
                tell(asked, "AUTHORISED")

    try:
        buy(wallet, terms, int(row["asks for"]))
        answer = "taken"
    except errors.PurchaseLimitReached as refusal:
        answer = f"left {refusal.facts['left']}"

    assert answer == row["answer"]


@pytest.mark.parametrize("row", tables.rows(PAGE, "amount"), ids=lambda row: row["told"])
def test_money_goes_back(row, programme):
    cash = books.a_unit(programme, "cash", klass="STORED_VALUE", decimals=2)
    wallet, fee = books.a_wallet(cash), money(row["fee"])
    purchase = buy(wallet, sell(cash, buying.TOP_UP, fee=fee), int(row["amount"]))
    assert (purchase.price, purchase.total) == (money(row["price"]), money(row["price"]) + fee)

    for upto in row["told"].split(", "):
        tell(purchase, "REFUNDED", money(upto))

    given, taken = money(row["given back"]), int(row["taken back"])
    assert states(purchase)[2:] == (given, taken)
    assert taken_back(purchase.amount, purchase.price, refunded=given) == taken
    assert wallet.figures().spendable == purchase.amount - taken
