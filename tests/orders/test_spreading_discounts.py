"""An order-level discount falls on the goods' lines to the last minor unit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orders.allocation import GOODS, spread_discount
from orders.facts import LineKind
from tests.campaigns.trade import goods, line


def shares(amounts, discount):
    return [part.discount for part in spread_discount([goods(a, no) for no, a in enumerate(amounts, 1)], discount)]


@pytest.mark.parametrize(
    ("amounts", "discount", "expected"),
    [
        ([5000, 3000, 2000], 1000, [500, 300, 200]),
        ([100, 100, 100], 100, [34, 33, 33]),
        ([100, 100, 100], 200, [67, 67, 66]),
        ([1, 1, 998], 10, [0, 0, 10]),
        ([999, 1], 999, [998, 1]),
        ([100, 0, 50], 150, [100, 0, 50]),
        ([700], 699, [699]),
    ],
)
def test_a_discount_is_spread_pro_rata_with_the_largest_remainder_first(amounts, discount, expected):
    assert shares(amounts, discount) == expected


def test_a_tie_goes_to_the_first_line():
    assert shares([300, 300], 1) == [1, 0]


def test_lines_that_are_no_goods_take_no_share():
    shipping, voucher = line(LineKind.SHIPPING, 500, no=1), line(LineKind.GIFT_CARD, 5000, no=2)
    service = goods(100, no=4, kind=LineKind.SERVICE)

    spread = spread_discount([shipping, voucher, goods(300, no=3), service], 100)

    assert [part.discount for part in spread] == [0, 0, 75, 25]


def test_without_a_discount_the_lines_stay_as_they_are():
    lines = (goods(100, 1), goods(200, 2))

    assert spread_discount(lines, 0) == lines


@given(
    amounts=st.lists(st.integers(0, 10**9), min_size=1, max_size=20),
    percent=st.integers(0, 100),
    kinds=st.lists(st.sampled_from(LineKind), min_size=20, max_size=20),
)
def test_shares_add_up_and_never_exceed_their_line(amounts, percent, kinds):
    lines = [goods(amount, no, kind=kinds[no]) for no, amount in enumerate(amounts)]
    discount = sum(part.amount for part in lines if part.kind in GOODS) * percent // 100

    spread = spread_discount(lines, discount)

    assert sum(part.discount for part in spread) == discount
    assert all(0 <= part.discount <= part.amount for part in spread)
    assert all(part.discount == 0 for part in spread if part.kind not in GOODS)
