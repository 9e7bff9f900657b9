"""The tables of docs/algorithms/pay-with-points.md say what the code does, and what must hold for all amounts does."""

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.payments import Paid, RefundOrder, split_refund
from kernel.amounts import format_minor, parse_minor
from ledger.paying import Terms, bounds, fewest_for, objection, points_back, split, value_of
from orders.facts import Tender, TenderKind

PAGE = Path(__file__).resolve().parents[2] / "docs" / "algorithms" / "pay-with-points.md"
ORDERS = {
    "points first": RefundOrder.POINTS_FIRST,
    "money first": RefundOrder.MONEY_FIRST,
    "proportional": RefundOrder.PROPORTIONAL,
}


def rows_under(first_column: str) -> list[list[str]]:
    """The rows of the page's table that begins with a column of this name."""
    _, table = PAGE.read_text().split(f"| {first_column} |", 1)
    lines = table.split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]


def cents(text: str) -> int:
    return parse_minor(text, decimals=2)


def worth(text: str) -> dict[str, int]:
    units, money = text.split(" = ")
    return {"units": int(units), "money": cents(money)}


@pytest.mark.parametrize("row", rows_under("worth"), ids=" ".join)
def test_the_table_of_values(row):
    told, points, value, fewest = row
    terms = Terms(**worth(told))

    found = value_of(int(points), terms)

    assert format_minor(found, decimals=2) == value
    assert fewest_for(found, terms) == int(fewest)


@pytest.mark.parametrize("row", rows_under("worth | min"), ids=" ".join)
def test_the_table_of_quotes(row):
    told, least, most, step, share, order, balance, wanted, *expected = row
    terms = Terms(**worth(told), minimum=int(least), maximum=int(most) if most else None, step=int(step))
    terms = Terms(terms.units, terms.money, terms.minimum, terms.maximum, terms.step, share_percent=int(share))
    total = cents(order)

    found = bounds(terms, spendable=int(balance), total=total)
    chosen = split(terms, found, wanted=int(wanted), total=total)

    assert [
        found.reason,
        str(found.minimum),
        str(found.maximum),
        str(chosen.points),
        format_minor(chosen.value, decimals=2),
        format_minor(chosen.left, decimals=2),
    ] == expected


def paid_with(points: int, value: int, order: str, place: int = 0) -> Paid:
    return Paid(1, place, 1, "points", 0, points, value, earns=False, refund_order=order)


@pytest.mark.parametrize("row", rows_under("order of refunds"), ids=" ".join)
def test_the_table_of_refunds(row):
    told, came_back, points, value, money = row
    tenders = [Tender(TenderKind.POINTS, 10_000, hold=1), Tender(TenderKind.CARD, 10_000)]

    by_points, by_card = split_refund(cents(came_back), tenders, [paid_with(1000, 10_000, ORDERS[told])])

    assert points_back(1000, 10_000, returned=by_points) == int(points)
    assert (by_points, by_card) == (cents(value), cents(money))


TERMS = st.builds(
    Terms,
    units=st.integers(1, 1000),
    money=st.integers(1, 1000),
    minimum=st.integers(1, 300),
    step=st.integers(1, 50),
    share_percent=st.integers(1, 100),
)


@given(TERMS, st.integers(0, 10_000), st.integers(0, 100_000), st.integers(0, 10_000))
def test_what_is_quoted_can_be_paid_and_wastes_no_point(terms, spendable, total, wanted):
    found = bounds(terms, spendable=spendable, total=total)
    chosen = split(terms, found, wanted=wanted, total=total)

    assert chosen.value + chosen.left == total
    assert chosen.points <= min(wanted, spendable)
    assert chosen.value <= total * terms.share_percent // 100
    if chosen.points:
        assert objection(terms, chosen.points, total=total) == ""
        assert chosen.value == value_of(chosen.points, terms) > 0
        fewer = chosen.points - terms.step
        assert fewer < found.minimum or value_of(fewer, terms) < chosen.value
    else:
        assert found.reason or wanted < found.minimum


@given(TERMS, st.integers(0, 10_000), st.integers(0, 100_000))
def test_the_most_is_the_most(terms, spendable, total):
    found = bounds(terms, spendable=spendable, total=total)

    worthy = [
        value_of(points, terms)
        for points in range(terms.step, spendable + 1, terms.step)
        if objection(terms, points, total=total) == ""
    ]
    assert bool(found.reason) == (not worthy)
    if worthy:
        assert value_of(found.maximum, terms) == max(worthy)


@st.composite
def paid_orders(draw):
    """Tenders of points and of money in any sequence, and the payments of those that points paid."""
    amounts = draw(st.lists(st.integers(1, 500), min_size=1, max_size=5))
    by_points = draw(st.lists(st.booleans(), min_size=len(amounts), max_size=len(amounts)))
    order = draw(st.sampled_from(list(RefundOrder)))
    tenders = [
        Tender(TenderKind.POINTS if points else TenderKind.CARD, n)
        for n, points in zip(amounts, by_points, strict=True)
    ]
    paid = [
        paid_with(draw(st.integers(1, 2000)), amount, order, place)
        for place, (amount, points) in enumerate(zip(amounts, by_points, strict=True))
        if points
    ]
    return tenders, paid


@given(paid_orders(), st.data())
def test_refunds_of_parts_never_shrink_and_all_of_it_gives_back_all_of_it(order, data):
    tenders, paid = order
    total = sum(tender.amount for tender in tenders)
    steps = sorted(data.draw(st.sets(st.integers(0, total), max_size=10)) | {0, total})

    shares = [split_refund(amount, tenders, paid) for amount in steps]
    points = [[points_back(one.points, one.value, returned=share[one.place]) for one in paid] for share in shares]

    assert [sum(share) for share in shares] == steps
    assert shares[-1] == [tender.amount for tender in tenders]
    assert points[-1] == [one.points for one in paid]
    for earlier, later in [*pairwise(shares), *pairwise(points)]:
        assert all(before <= after for before, after in zip(earlier, later, strict=True))
