"""What is left of a purchase when goods came back."""

from hypothesis import example, given
from hypothesis import strategies as st

from orders.allocation import without_returned
from orders.facts import PIECE, Line, Purchase
from tests.campaigns.trade import NOON, goods


def of(*lines):
    return Purchase(placed_at=NOON, currency="EUR", lines=lines)


def test_every_line_stays_and_knows_what_came_back():
    bread, milk = goods(900, 1, pieces=3), goods(500, 2, "MILK")

    left = without_returned(of(bread, milk), {1: 2 * PIECE, 2: PIECE})

    assert [(line.no, line.quantity, line.amount, line.returned) for line in left.lines] == [
        (1, 3 * PIECE, 900, 2 * PIECE),
        (2, PIECE, 500, PIECE),
    ]
    assert left.total == 300


def test_what_came_back_before_does_not_add_up_with_what_is_told_now():
    once = without_returned(of(goods(900, pieces=3)), {1: PIECE})

    assert without_returned(once, {1: 2 * PIECE}).total == 300


@given(
    quantity=st.integers(1, 20) | st.integers(1, 50 * PIECE),
    amount=st.integers(0, 2000),
    data=st.data(),
)
@example(quantity=10, amount=14, data=None)
def test_the_price_of_what_is_left_never_grows_while_more_comes_back(quantity, amount, data):
    # Price and discount rounded apart would grow here: 4 of 10 leave 5 - 5, 3 of 10 leave 4 - 3.
    discount = 13 if data is None else data.draw(st.integers(0, amount))
    steps = range(quantity + 1) if quantity <= 20 else range(0, quantity + 1, quantity // 20)
    line = Line(no=1, sku="X", quantity=quantity, amount=amount, discount=discount)

    prices = [without_returned(of(line), {1: returned}).total for returned in steps]

    assert prices == sorted(prices, reverse=True)
    assert prices[0] == amount - discount
    assert without_returned(of(line), {1: quantity}).total == 0
