"""POST /api/v1/quotes and /orders with offers: what is quoted is what is decided, and writes nothing."""

from typing import Any

import pytest

from campaigns.definitions import Count, Definition, Limit, Per, PerMoney, Rule
from campaigns.definitions.discounts import PercentOff
from campaigns.models import Counter, Decision
from events.models import OutboxEvent
from orders.models import Order
from tests.campaigns.trade import a_campaign
from tests.integrations import payers
from tests.integrations.payers import a_quote
from tests.integrations.shopkeepers import an_order

BASKET: list[dict[str, Any]] = [{"sku": "CAKE", "amount": "60.00"}, {"sku": "BREAD", "amount": "40.00"}]
BUDGET = Limit(Count.DISCOUNT, 1500)


@pytest.fixture
def sale(bakery):
    """Ten percent off for 15.00 in all; five percent that can't be had with it; the code CAKE opens half-price cake."""
    code = {"field": "order.codes", "op": "has_any", "value": ["CAKE"]}
    cake = {"field": "line.sku", "op": "eq", "value": "CAKE"}
    return a_campaign(
        bakery,
        Definition(
            rules=(
                Rule(key="ten", effect=PercentOff(1000), group="sale", limits=(BUDGET,)),
                Rule(key="five", effect=PercentOff(500, lane=2), group="sale"),
                Rule(key="cake", effect=PercentOff(5000, lane=3, lines=cake), when=code),
                Rule(key="double", effect=PerMoney(1, 100), limits=(Limit(Count.UNITS, 60, Per.MEMBER, "day"),)),
            )
        ),
        key="summer",
    )


def test_a_quote_says_what_a_basket_costs_earns_and_misses(machine, ada, sale):
    quote = machine.send("quotes", a_quote(lines=BASKET, offers=True)).json()

    assert (quote["total"], quote["to_pay"]) == ("100.00", "90.00")
    assert quote["discounts"] == [
        {
            "campaign": "summer",
            "version": 1,
            "rule": "ten",
            "amount": "10.00",
            "desired": "10.00",
            "lines": [{"line": 1, "amount": "6.00"}, {"line": 2, "amount": "4.00"}],
            "why": "10 % off",
        }
    ]
    assert [(item["rule"], item["amount"]) for item in quote["earned"]] == [("base", "90"), ("double", "60")]
    assert quote["earned"][1]["why"] == (
        "60 points for goods of €90.00: 1 point per whole €1.00 (version 1), instead of 90 points: "
        "at most 60 points for each member a day"
    )
    assert [
        (item["rule"], item["code"], item["field"], item["required"], item["observed"], item["why"])
        for item in quote["rejected"]
    ] == [
        (
            "five",
            "exclusive_conflict",
            "summer/ten",
            "10.00",
            "5.00",
            "“five” can't be had together with “ten”, which gives more.",
        ),
        (
            "cake",
            "condition_failed",
            "order.codes",
            ["CAKE"],
            [],
            "Nothing from “cake”: it asks that the codes include one of CAKE; here it was nothing.",
        ),
    ]


def everything():
    return [model.objects.count() for model in (Order, Decision, Counter, OutboxEvent)]


@pytest.mark.parametrize("codes", [[], ["CAKE"]])
@pytest.mark.parametrize("offers", [False, True])
def test_a_quote_writes_nothing_and_equals_the_order(machine, ada, sale, codes, offers):
    before = everything()

    quote = machine.send("quotes", a_quote(lines=BASKET, offers=offers, codes=codes)).json()
    after = everything()
    tenders = [{"kind": "card", "amount": quote["to_pay"]}]
    order = machine.send("orders", an_order(lines=BASKET, offers=offers, codes=codes, tenders=tenders)).json()

    assert after == before
    assert order["discounts"] == quote["discounts"]
    assert order["rejected"] == quote["rejected"]
    assert [{name: item[name] for name in quote["earned"][0]} for item in order["earned"]] == quote["earned"]
    assert machine.read(f"orders/{order['id']}").json()["total"] == quote["to_pay"]


def test_an_order_that_was_paid_at_list_prices_is_refused_with_what_it_comes_to(machine, ada, sale):
    tenders = [{"kind": "card", "amount": "100.00"}]

    answer = machine.send("orders", an_order(lines=BASKET, offers=True, tenders=tenders))

    assert answer.status_code == 422
    problem = answer.json()
    assert problem["code"] == "order_invalid"
    assert problem["errors"][0]["pointer"] == "#/tenders"
    assert "90.00" in problem["errors"][0]["detail"]
    assert Order.objects.count() == 0


def test_what_is_left_of_a_budget_is_quoted(machine, ada, sale):
    machine.send("orders", an_order("first", lines=BASKET, offers=True))

    quote = machine.send("quotes", a_quote(lines=BASKET, offers=True)).json()
    machine.send("orders", an_order("second", lines=BASKET, offers=True))
    spent = machine.send("quotes", a_quote(lines=BASKET, offers=True)).json()

    (ten,) = quote["discounts"]
    assert (ten["rule"], ten["amount"], ten["desired"], quote["to_pay"]) == ("ten", "5.00", "10.00", "95.00")
    assert ten["why"] == "10 % off; at most €15.00 off in all"
    assert [(item["rule"], item["amount"]) for item in spent["discounts"]] == [("five", "5.00")]


def test_points_pay_what_the_offers_leave(machine, ada, sale, bakery):
    payers.accept_points(bakery)
    payers.earn(machine, 5000)

    quote = machine.send("quotes", a_quote(lines=BASKET, offers=True)).json()

    assert quote["units"][0]["maximum"] == "900"
    assert quote["units"][0]["chosen"] == {"amount": "900", "value": "90.00", "left_to_pay": "0.00"}


def test_what_points_will_pay_earns_nothing_in_the_quote_either(machine, ada, sale):
    tenders = [{"kind": "points", "amount": "40.00"}, {"kind": "card", "amount": "60.00"}]

    quote = machine.send("quotes", a_quote(lines=BASKET, tenders=tenders)).json()

    assert quote["earned"][0]["amount"] == "60"
