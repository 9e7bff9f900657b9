"""POST /api/v1/order-deliveries: an order arrived, and what waited for that can be spent."""

import pytest

from ledger.policies import OnDelivery, Policy
from ledger.queries import balances_of
from orders.models import Delivery
from tests.integrations.shopkeepers import NOON, an_order
from tests.ledger.books import says

ARRIVED = "2026-03-20T10:00:00+01:00"


def a_delivery(**changes):
    return {"source": "webshop", "order_reference": "1", "delivered_at": ARRIVED} | changes


@pytest.fixture
def order(machine, ada):
    says(ada.programme.units.get(), Policy(activation=OnDelivery(60)))
    return machine.send("orders", an_order()).json()


def test_a_delivery_lets_points_be_spent(machine, order, ada):
    waiting = balances_of(ada.wallet_id, at=NOON)[0].pending

    response = machine.send("order-deliveries", a_delivery())

    (earned,) = order["earned"]
    assert response.status_code == 201
    assert response.json() == {
        "order": order["id"],
        "source": "webshop",
        "order_reference": "1",
        "delivered_at": "2026-03-20T09:00:00Z",
        "earned": [{"posting": earned["posting"], "unit": "points", "amount": earned["amount"], "expires_at": None}],
    }
    assert waiting > 0
    assert Delivery.objects.get().order_id == order["id"]


def test_the_same_delivery_again_gets_the_same_answer(machine, order):
    first = machine.send("order-deliveries", a_delivery())

    again = machine.send("order-deliveries", a_delivery())

    assert (first.status_code, again.status_code, again.content) == (201, 200, first.content)


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"order_reference": "unknown"}, 422, "order_unknown"),
        ({"delivered_at": "1999-03-20T10:00:00Z"}, 422, "delivered_before_ordered"),
        ({"delivered_at": "1905-03-20T10:00:00Z"}, 400, "invalid"),
        ({"delivered_at": "2026-03-20T10:00:00"}, 400, "invalid"),
        ({"delivered_by": "post"}, 400, "invalid"),
    ],
)
def test_a_delivery_that_makes_no_sense_is_refused(changes, status, code, machine, order):
    response = machine.send("order-deliveries", a_delivery(**changes))

    assert (response.status_code, response.json()["code"]) == (status, code)
    assert Delivery.objects.count() == 0


def test_a_known_delivery_at_another_time_is_refused(machine, order):
    machine.send("order-deliveries", a_delivery())

    response = machine.send("order-deliveries", a_delivery(delivered_at="2026-03-21T10:00:00Z"))

    assert (response.status_code, response.json()["code"]) == (409, "delivery_contradicted")
    assert Delivery.objects.count() == 1
