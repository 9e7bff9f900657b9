"""Money spent and orders lift members, and what comes back leaves the window of its sale."""

from datetime import UTC, datetime

import pytest

from members.tiers.definitions import CalendarYear, Definition, Tier, WhileMet
from orders.facts import LineKind
from tests.campaigns.trade import NOON, bring_back, buy, goods, line
from tests.members.tiers.ladders import at_least
from tests.members.tiers.people import a_ladder, held, relayed

LATER = datetime(2026, 3, 9, 13, tzinfo=UTC)


@pytest.fixture
def ladder(grocer):
    """Silver from 50 euros of goods in a year, gold from three orders."""
    levels = (
        Tier("green", "Green"),
        Tier("silver", "Silver", at_least(50_00, "spent")),
        Tier("gold", "Gold", at_least(3, "orders")),
    )
    return a_ladder(grocer, Definition(levels, CalendarYear(), WhileMet()))


def test_what_was_spent_on_goods_counts_behind_discounts_and_without_shipping(grocer, ada, ladder):
    buy(grocer, goods(55_00), line(LineKind.SHIPPING, 20_00), discount=5_01)
    relayed(NOON)
    just_under = held(ada)

    buy(grocer, goods(1), reference="2")
    relayed(NOON)

    assert (just_under, held(ada)) == ("green", "silver")


def test_orders_count(grocer, ada, ladder):
    for reference in "12":
        buy(grocer, 1_00, reference=reference)
    relayed(NOON)
    two = held(ada)

    buy(grocer, 1_00, reference="3")
    relayed(NOON)

    assert (two, held(ada)) == ("green", "gold")


def test_what_comes_back_counts_no_more_in_parts_and_whole(grocer, ada, ladder):
    buy(grocer, goods(60_00, pieces=3), reference="1")
    for reference in "23":
        buy(grocer, goods(10_00), reference=reference)
    relayed(NOON)
    before = held(ada)

    bring_back(grocer, (1, 1), of="2", reference="R1")
    relayed(LATER)
    without_one = held(ada)
    bring_back(grocer, (2, 1), of="1", reference="R2")
    relayed(LATER)

    assert (before, without_one, held(ada)) == ("gold", "silver", "green")


def test_guests_lift_nobody(grocer, ada, ladder):
    buy(grocer, 100_00, customer_source="", customer="")

    relayed(NOON)

    assert held(ada) == "green"
