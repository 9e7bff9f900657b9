"""
What other loyalty systems' tests and documents assert, where ours is to give the same result.

The ids are those of our collection of such cases. Amounts without tax stand for the peer's own base; where a peer earns
on tax or delivery, the line is sold as a service here, because ours earns on goods without tax.
"""

from datetime import timedelta

import pytest

from campaigns.definitions import Definition, Fixed, Mode, Rule
from ledger import services as ledger
from ledger.errors import InsufficientPoints
from ledger.models import Lot
from ledger.policies import after
from ledger.services import open_unit
from orders.facts import LineKind, TenderKind
from tests.campaigns.trade import (
    LATER,
    NOON,
    a_campaign,
    books_are_sound,
    bring_back,
    buy,
    change,
    goods,
    granted,
    paid,
    per_money,
    rules,
    spend,
    taken,
    wallet,
)
from tests.ledger import books

DAY = timedelta(days=1)
TWELVE_HUNDRED_AND_DELIVERY = (
    goods(1200, 1, "sku123"),
    goods(10000, 2, "sku000"),
    goods(4000, 3, "DELIVERY", kind=LineKind.SERVICE),
)


def at_least(total):
    return {"field": "order.total", "op": "gte", "value": total}


@pytest.mark.parametrize(
    ("case", "definition", "lines", "expected"),
    [
        ("PC-001", rules(per_money(units=4)), TWELVE_HUNDRED_AND_DELIVERY, 608),
        ("PC-006", rules(per_money(units=10), per_money(units=4)), TWELVE_HUNDRED_AND_DELIVERY, 2128),
        ("PC-009 min 100", rules(per_money(units=4), when=at_least(10000)), TWELVE_HUNDRED_AND_DELIVERY, 608),
        ("PC-009 min 300", rules(per_money(units=4), when=at_least(30000)), TWELVE_HUNDRED_AND_DELIVERY, 0),
        ("PC-022 block", rules(per_money(per=1000)), (10500,), 10),
        ("PC-022 tax", rules(per_money(per=1000)), (goods(2335, tax=145),), 2),
        ("PC-031", rules(per_money(per=1000)), (10500,), 10),
    ],
)
def test_earning(grocer, ada, case, definition, lines, expected):
    a_campaign(grocer, definition)

    assert granted(buy(grocer, *lines)) == expected


@pytest.mark.parametrize(
    ("case", "effect", "fields", "expected"),
    [
        ("PC-017", per_money(), {"tenders": (paid(TenderKind.STORED_VALUE, 1000), paid(TenderKind.CARD, 9000))}, 100),
        ("PC-018", per_money(), {"tenders": (paid(TenderKind.GIFT_CARD, 5000), paid(TenderKind.CARD, 5000))}, 100),
        (
            "PC-031",
            per_money(per=1000),
            {"tenders": (paid(TenderKind.POINTS, 2000), paid(TenderKind.CARD, 8000))},
            8,
        ),
        ("PC-026", per_money(), {"discount": 6000}, 40),
    ],
)
def test_earning_on_100_paid_in_parts(grocer, ada, case, effect, fields, expected):
    a_campaign(grocer, effect)

    assert granted(buy(grocer, 10000, **fields)) == expected


def test_pc_011_parts_of_a_point_are_kept_where_the_unit_has_decimals(grocer, ada):
    open_unit(programme_id=grocer.pk, code="tenths", name="Tenths", decimals=1)
    a_campaign(grocer, rules(per_money(units=23, mode=Mode.CONTINUOUS), unit="tenths"))

    answer = buy(grocer, 300, 2000, 2000, 2000)

    assert [(earned.grant.granted, earned.unit_decimals) for earned in answer.earned] == [(1449, 1)]


def test_pc_031_a_return_of_50_leaves_what_the_other_55_earn(grocer, ada):
    a_campaign(grocer, per_money(per=1000))
    buy(grocer, 5000, 5500)

    bring_back(grocer, (1, 1), of="1")

    assert wallet(ada) == (5, 0)


def test_pc_042_more_than_is_left_can_not_be_spent(grocer, ada, standing):
    buy(grocer, 10000)
    spend(ada, 10, reference="first")

    with pytest.raises(InsufficientPoints) as refused:
        spend(ada, 100, reference="second")

    assert refused.value.facts == {"required": 100, "spendable": 90}
    assert wallet(ada) == (90, 0)


def test_pc_043_expiry_removes_what_is_left_and_no_more(grocer, ada, standing):
    buy(grocer, 30000, reference="1", at=NOON)
    buy(grocer, 20000, reference="2", at=NOON + 31 * DAY)
    spend(ada, 200, at=NOON + 45 * DAY)
    much_later = NOON + 500 * DAY
    ledger.expire_lapsed(at=much_later)

    with pytest.raises(InsufficientPoints):
        spend(ada, 1, at=much_later, reference="late")

    assert wallet(ada, at=much_later) == (0, 0)
    assert books_are_sound()


@pytest.mark.parametrize(("price", "is_enough"), [(10, True), (20, False)])
def test_pc_045_exactly_enough_is_enough(grocer, ada, standing, price, is_enough):
    buy(grocer, 1000)

    if is_enough:
        spend(ada, price)
    else:
        with pytest.raises(InsufficientPoints):
            spend(ada, price)

    assert wallet(ada) == (0 if is_enough else 10, 0)


def test_pc_062_one_of_two_comes_back(grocer, ada, standing):
    buy(grocer, goods(10000, pieces=2))

    assert taken(bring_back(grocer, (1, 1), of="1")) == 50
    assert wallet(ada) == (50, 0)


@pytest.mark.parametrize(("returned", "taken_back"), [(1, 1), (5, 1), (10, 1), (11, 2), (20, 2), (90, 9)])
def test_pc_066_a_return_takes_what_the_rest_of_the_sale_would_not_have_earned(grocer, ada, returned, taken_back):
    """The peer rounds each return by itself: of a sale of 90 it takes 0, 0, 1 and 2 for 1, 5, 10 and 20."""
    a_campaign(grocer, per_money(per=1000))
    buy(grocer, goods(9000, pieces=90))

    assert taken(bring_back(grocer, (returned, 1), of="1")) == taken_back


def test_pc_067_ten_parts_take_back_exactly_what_one_whole_does(grocer, ada):
    a_campaign(grocer, per_money(per=1000))
    buy(grocer, goods(9000, pieces=10))

    left = []
    for number in range(1, 11):
        bring_back(grocer, (1, 1), of="1", reference=f"R{number}")
        left.append(wallet(ada)[0])

    assert left == [(90 - 9 * returned) // 10 for returned in range(1, 11)]
    assert left[-1] == 0


def test_pc_068_what_can_not_be_taken_is_owed(grocer, ada):
    a_campaign(grocer, per_money(per=1000))
    buy(grocer, 10000)
    spend(ada, 7)

    bring_back(grocer, (1, 1), of="1")

    assert wallet(ada) == (0, 7)


@pytest.mark.parametrize("changed_to", ["the same", "2 points", "something else"])
def test_pc_069_a_return_takes_back_what_the_sale_gave_whatever_the_rule_says_now(grocer, ada, standing, changed_to):
    buy(grocer, 5000)
    if changed_to == "2 points":
        change(standing, per_money(units=2), at=NOON + DAY)
    if changed_to == "something else":
        change(standing, Definition(rules=(Rule(key="other", effect=Fixed(units=1)),)), at=NOON + DAY)

    assert taken(bring_back(grocer, (1, 1), of="1")) == 50
    assert wallet(ada) == (0, 0)


@pytest.mark.parametrize("case", ["PC-070", "PC-071"])
def test_a_full_return_behind_spent_points_leaves_a_debt(grocer, ada, standing, case):
    buy(grocer, 10000)
    spend(ada, 80)

    answer = bring_back(grocer, (1, 1), of="1")

    assert [(item.taken, item.owed) for item in answer.taken_back] == [(20, 80)]
    assert wallet(ada) == (0, 80)


def test_pc_073_a_return_of_three_quarters_leaves_a_quarter(grocer, ada, standing):
    buy(grocer, goods(10000, pieces=4))

    bring_back(grocer, (3, 1), of="1")

    assert wallet(ada) == (25, 0)


def test_pc_082_and_083_points_that_expire_first_are_spent_first(grocer, ada):
    books.says(grocer.units.get(), after(90))
    a_campaign(grocer, per_money(units=5))
    buy(grocer, 11500, reference="1", at=NOON)
    spend(ada, 500, at=NOON, reference="first")
    assert list(Lot.objects.order_by("pk").values_list("earned", "remaining")) == [(575, 75)]

    buy(grocer, 16100, reference="2", at=NOON + DAY)
    spend(ada, 500, at=NOON + DAY, reference="second")

    assert list(Lot.objects.order_by("pk").values_list("earned", "remaining")) == [(575, 0), (805, 380)]


def test_pc_219_points_expire_also_after_their_campaign_was_renamed(grocer, ada, standing):
    buy(grocer, 1000)
    standing.name = "Autumn leaves"
    standing.save()

    assert ledger.expire_lapsed(at=NOON + 400 * DAY) == 1
    assert wallet(ada, at=NOON) == (0, 0)


def test_pc_220_buying_refunding_and_keeping_leaves_nothing(grocer, ada, standing):
    for cycle in range(10):
        buy(grocer, 5000, reference=str(cycle), at=NOON)
        bring_back(grocer, (1, 1), of=str(cycle), reference=f"R{cycle}", at=LATER)

    assert wallet(ada) == (0, 0)
    assert books_are_sound()
