"""POST /api/v1/orders"""

from tests.integrations.shopkeepers import an_order


def test_an_order_is_answered_with_what_it_earned_and_why(machine, ada):
    response = machine.send("orders", an_order())

    assert response.status_code == 201
    answer = response.json()
    assert answer["member"] == ada.number
