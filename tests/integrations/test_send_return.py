"""POST /api/v1/returns: goods come back, and with them what they had earned."""

import pytest

from integrations.api.examples import ORDER_BODY, RETURN_BODY
from ledger.queries import balances_of
from orders.models import Return
from tests.integrations.shopkeepers import NOON, an_order

TWO_LINES = [{"sku": "BREAD", "quantity": 2, "amount": "8.00"}, {"sku": "CAKE", "amount": "24.00"}]


def a_return(reference="r1", **changes):
    return {
        "source": "webshop",
        "reference": reference,
        "returned_at": "2026-03-20T09:00:00Z",
        "order_reference": "1",
        "lines": [{"line": 1, "quantity": 1}],
    } | changes


@pytest.fixture
def order(machine):
    return machine.send("orders", an_order(lines=TWO_LINES)).json()


def test_a_return_takes_back_what_the_rest_would_not_have_earned(machine, order, ada):
    response = machine.send("returns", a_return())

    answer = response.json()
    (taken,) = answer["taken_back"]
    assert response.status_code == 201
    assert answer["lines"] == [{"order": order["id"], "line": 1, "quantity": "1"}]
    assert answer["unmatched"] == []
    assert (taken["order"], taken["unit"]) == (order["id"], "points")
    assert [taken[name] for name in ("amount", "taken", "lapsed", "owed")] == ["4", "4", "0", "0"]
    assert balances_of(ada.wallet_id, at=NOON)[0].spendable == 28


def test_the_same_return_again_gets_the_same_answer(machine, order):
    first = machine.send("returns", a_return())

    again = machine.send("returns", a_return())

    assert (first.status_code, again.status_code) == (201, 200)
    assert again.content == first.content


def test_a_known_return_with_another_content_is_refused(machine, order):
    machine.send("returns", a_return())

    response = machine.send("returns", a_return(lines=[{"line": 2, "quantity": 1}]))

    assert response.status_code == 409
    assert response.json()["code"] == "return_contradicted"
    assert Return.objects.count() == 1


def test_more_than_was_sold_cannot_come_back(machine, order, ada):
    machine.send("returns", a_return(lines=[{"line": 1, "quantity": 2}]))

    response = machine.send("returns", a_return("r2"))

    assert response.status_code == 422
    assert response.json()["code"] == "return_exceeds_sale"
    assert response.json()["facts"] == {"line": 1, "sold": "2", "returned": "2", "asked": "1"}
    assert balances_of(ada.wallet_id, at=NOON)[0].spendable == 24


@pytest.mark.parametrize(
    ("_case", "changes", "code"),
    [
        ("an order nobody reported", {"order_reference": "99"}, "order_unknown"),
        ("a line it does not have", {"lines": [{"line": 3, "quantity": 1}]}, "line_unknown"),
        ("no order and no customer", {"order_reference": ""}, "order_invalid"),
        ("an article instead of a line", {"lines": [{"sku": "BREAD", "quantity": 1}]}, "order_invalid"),
        ("no piece at all", {"lines": [{"line": 1, "quantity": "0"}]}, "order_invalid"),
    ],
)
def test_a_return_that_fits_no_sale_is_refused(_case, changes, code, machine, order):
    response = machine.send("returns", a_return(**changes))

    assert response.status_code == 422
    assert response.json()["code"] == code
    assert not Return.objects.exists()


def test_without_an_order_the_customers_purchases_are_searched(machine, order):
    customer = {"source": "webshop", "external_id": "ada"}
    lines = [{"sku": "BREAD", "quantity": 3}]

    response = machine.send("returns", a_return(order_reference="", customer=customer, lines=lines))

    assert response.json()["lines"] == [{"order": order["id"], "line": 1, "quantity": "2"}]
    assert response.json()["unmatched"] == [{"sku": "BREAD", "quantity": "1"}]


def test_the_example_of_the_documentation_works_as_it_stands(machine):
    machine.send("orders", ORDER_BODY)

    assert machine.send("returns", RETURN_BODY).status_code == 201


def test_sending_a_return_takes_few_queries(machine, order, count_queries):
    with count_queries("api: send a return"):
        machine.send("returns", a_return())
