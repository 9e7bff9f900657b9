"""Discounts in lanes: pure decisions, among them what peers' tests assert."""

import pytest

from campaigns.definitions import Count, Limit, PerMoney
from campaigns.definitions.discounts import (
    AmountOff,
    BuyGet,
    End,
    PercentOff,
    SetPrice,
    ShippingOff,
    Step,
    Tiered,
)
from orders.facts import LineKind
from tests.campaigns.baskets import article, basket, decided, in_force, on, points, rule, shipping, sku, why


def taken(bought, *rules, **fields):
    """What is taken off each line, in the order of the lines."""
    discounts = decided(asking(bought), *rules, **fields).discounts
    return [sum(one.lines.get(line.no, 0) for one in discounts) for line in bought.lines]


def asking(bought):
    return basket(*bought.lines, wants_offers=True, codes=bought.codes)


def to_pay(bought, *rules, **fields):
    return bought.total - sum(taken(bought, *rules, **fields))


def percent(hundredths, key="percent", **fields):
    effect = {name: fields.pop(name) for name in ("lines", "lane", "base", "most") if name in fields}
    return rule(key, PercentOff(hundredths, **effect), **fields)


A, B = sku("A"), sku("B")


@pytest.mark.parametrize(
    ("bought", "rules", "expected"),
    [
        pytest.param(basket(36_800), [percent(2000)], [7360], id="PC-109"),
        pytest.param(basket(28_850), [percent(1000)], [2885], id="PC-116"),
        pytest.param(
            basket(article("F", 20_000, 2)), [rule("five", AmountOff(500, lines=sku("F")))], [500], id="PC-121"
        ),
        pytest.param(
            basket(article("A", 12_000)), [rule("ten", PercentOff(1000, lines=A, most=900))], [900], id="PC-130"
        ),
        pytest.param(
            basket(article("A", 600)), [rule("ten", PercentOff(10_000, lines=A, most=900))], [600], id="PC-130-total"
        ),
        pytest.param(basket(5000, 5000, 5000), [rule("off", AmountOff(1500))], [500, 500, 500], id="PC-143-even"),
        pytest.param(basket(15_000, 5000, 10_000), [rule("off", AmountOff(1500))], [750, 250, 500], id="PC-143"),
        pytest.param(basket(12_000, 23_000, 30_000), [percent(1500, most=5000)], [923, 1769, 2308], id="PC-144-ours"),
        pytest.param(basket(1998, 2000), [percent(2000)], [400, 400], id="PC-151-order"),
        pytest.param(basket(1200, 1200), [rule("three", AmountOff(300))], [150, 150], id="PC-155-even"),
        pytest.param(basket(100, 150), [rule("three", AmountOff(300))], [100, 150], id="PC-155-cap"),
        pytest.param(basket(200, 200, 200), [rule("four", AmountOff(400))], [134, 133, 133], id="PC-155-ours"),
        pytest.param(
            basket(1200, 1200, 2000, 2000), [rule("one", BuyGet(get=1, percent=2000))], [240, 0, 0, 0], id="PC-157"
        ),
        pytest.param(basket(106, 206, 306, 406), [percent(1000)], [11, 21, 30, 40], id="PC-164-total"),
    ],
)
def test_one_discount_takes_off_what_peers_assert(bought, rules, expected):
    assert taken(bought, *rules) == expected


def test_cuts_are_exact_to_the_minor_unit():
    """PC-164: ten percent of 10.24 is 1.02, however it is spread."""
    assert sum(taken(basket(106, 206, 306, 406), percent(1000))) == 102


STEPS = Tiered("amount", (Step(1000, percent=1000), Step(2000, percent=1500), Step(3000, percent=2000)))


@pytest.mark.parametrize(
    ("bought", "off"),
    [
        (basket(999), [0]),
        (basket(1000), [100]),
        (basket(2000), [300]),
        (basket(3000), [600]),
        (basket(1000, 1000), [150, 150]),
        (basket(1000, 1000, 1000), [200, 200, 200]),
    ],
)
def test_steps_by_amount_take_the_last_one_that_is_reached(bought, off):
    """PC-146."""
    assert taken(bought, rule("steps", STEPS)) == off


@pytest.mark.parametrize(("pieces", "off"), [(2, 0), (3, 500), (4, 500), (5, 1000)])
def test_steps_by_pieces_take_the_last_one_that_is_reached(pieces, off):
    """PC-135: five percent from three pieces, ten from five."""
    steps = rule("steps", Tiered("pieces", (Step(3, percent=500), Step(5, percent=1000))))

    assert taken(basket(article("A", 10_000, pieces)), steps) == [off]


def test_a_step_may_be_an_amount():
    assert taken(basket(4000, 4000), rule("steps", Tiered("amount", (Step(8000, amount=1000),)))) == [500, 500]


@pytest.mark.parametrize(
    ("effect", "bought", "off"),
    [
        (BuyGet(get=1, buy=2), basket(article("A", 900, 3)), [300]),
        (BuyGet(get=1, buy=2), basket(article("A", 600, 2)), [0]),
        (BuyGet(get=1, buy=2), basket(article("A", 1800, 6)), [600]),
        (BuyGet(get=1, buy=2, times=1), basket(article("A", 1800, 6)), [300]),
        (BuyGet(get=1, buy=2), basket(500, 200, 300), [0, 200, 0]),
        (BuyGet(get=1, buy=2, which=End.DEAREST), basket(500, 200, 300), [500, 0, 0]),
        (BuyGet(get=1, buy=1, percent=5000), basket(500, 300), [0, 150]),
        (BuyGet(get=1), basket(500, 200, 300), [0, 200, 0]),
        (BuyGet(get=2, which=End.DEAREST), basket(500, 200, 300), [500, 0, 300]),
        (BuyGet(get=1, times=2), basket(article("A", 900, 3), 200), [300, 200]),
        (BuyGet(get=1, buy=1), basket(article("A", 1001, 3)), [333]),
        (BuyGet(get=1), basket(article("WEIGHED", 500, 0.75)), [0]),
    ],
)
def test_pieces_are_free_when_others_are_bought(effect, bought, off):
    assert taken(bought, rule("free", effect)) == off


def test_what_is_bought_can_make_something_else_cheaper():
    coffee_and_cake = rule("cake", BuyGet(get=1, buy=2, percent=5000, lines=sku("COFFEE"), get_lines=sku("CAKE")))
    coffee, cake = article("COFFEE", 1200, 4), article("CAKE", 900, 3)

    assert taken(basket(coffee, cake), coffee_and_cake) == [0, 300]
    assert taken(basket(article("COFFEE", 300), cake), coffee_and_cake) == [0, 0]
    assert taken(basket(coffee), coffee_and_cake) == [0]


@pytest.mark.parametrize(
    ("bought", "off"),
    [
        (basket(400, 400, 400), [67, 67, 66]),
        (basket(400, 400), [0, 0]),
        (basket(300, 300, 300), [0, 0, 0]),
        (basket(500, 400, 300, 100), [83, 67, 50, 0]),
        (basket(article("A", 2400, 6)), [400]),
    ],
)
def test_a_set_has_a_price_of_its_own_where_that_is_less(bought, off):
    assert taken(bought, rule("three", SetPrice(1000, 3))) == off


def test_shipping_is_discounted_by_shipping_offers_alone():
    bought = basket(article("A", 10_000), shipping(490), article("", 300, kind=LineKind.FEE))

    assert taken(bought, percent(1000)) == [1000, 0, 0]
    assert taken(bought, rule("free", ShippingOff())) == [0, 490, 0]
    assert taken(bought, rule("half", ShippingOff(5000))) == [0, 245, 0]
    assert taken(bought, rule("most", ShippingOff(most=300))) == [0, 300, 0]


def test_fees_and_gift_cards_are_never_discounted():
    """PC-140: nothing but the goods."""
    bought = basket(article("A", 1000), article("", 200, kind=LineKind.FEE), article("", 500, kind=LineKind.GIFT_CARD))

    assert taken(bought, percent(10_000)) == [1000, 0, 0]


@pytest.mark.parametrize(
    ("rules", "left"),
    [
        pytest.param([percent(1000, "ten"), percent(2000, "twenty")], 8000, id="one lane"),
        pytest.param([percent(1000, "ten"), percent(2000, "twenty", lane=2)], 7200, id="PC-166-running"),
        pytest.param([percent(1000, "ten"), percent(2000, "twenty", lane=2, base="list")], 7000, id="PC-166-list"),
        pytest.param([percent(1000, "ten"), percent(1000, "code", lane=2)], 8100, id="PC-137"),
    ],
)
def test_lanes_run_one_after_another_and_inside_one_the_best_offer_wins(rules, left):
    assert to_pay(basket(10_000), *rules) == left


@pytest.mark.parametrize(
    ("first", "second", "left"),
    [
        (lambda lane: rule("a", PercentOff(10_000, lane, lines=A)), lambda lane: rule("b", AmountOff(500, lane)), 700),
        (lambda lane: rule("b", AmountOff(500, lane)), lambda lane: rule("a", PercentOff(10_000, lane, lines=A)), 939),
    ],
)
def test_the_order_of_lanes_matters_and_is_the_marketers(first, second, left):
    """PC-124, at prices with tax: A 11.00 and B 12.00, of whose 5.00 off 2.61 are B's (the peer shows 9.4)."""
    bought = basket(article("A", 1100), article("B", 1200))

    assert to_pay(bought, first(1), second(2)) == left


def test_every_line_gets_its_best_offer():
    general, loyal = percent(1500, "general"), percent(2000, "loyal", lines=A)
    decision = decided(asking(basket(article("A", 10_000), article("B", 10_000))), general, loyal)

    assert {one.rule: one.lines for one in decision.discounts} == {"general": {2: 1500}, "loyal": {1: 2000}}


def test_of_equal_offers_the_higher_priority_wins_then_the_oldest():
    weak, strong = percent(1000, "weak"), percent(1000, "strong", priority=3)

    assert [one.rule for one in decided(asking(basket(1000)), weak, strong).discounts] == ["strong"]
    assert [one.rule for one in decided(asking(basket(1000)), weak, percent(1000, "late")).discounts] == ["weak"]


def test_an_offer_for_several_lines_together_wins_all_of_them_or_none():
    single, bundle = percent(1000, "single"), rule("bundle", AmountOff(500))
    cheap = decided(asking(basket(1000, 1000)), single, bundle)
    dear = decided(asking(basket(10_000, 10_000)), single, bundle)

    assert [(one.rule, one.amount) for one in cheap.discounts] == [("bundle", 500)]
    assert [(one.rule, one.amount) for one in dear.discounts] == [("single", 2000)]
    assert [(lost.rule, lost.code, lost.field, lost.required, lost.observed) for lost in cheap.rejections] == [
        ("single", "beaten_by", "standing/bundle", 500, 200)
    ]


def test_of_a_group_one_offer_counts_across_lanes_the_best_for_the_customer():
    """15 % for all is not to be had together with 20 % for the loyal."""
    general = percent(1500, "general", group="sale")
    loyal = percent(2000, "loyal", lane=2, group="sale")
    decision = decided(asking(basket(10_000)), general, loyal)

    assert [(one.rule, one.amount) for one in decision.discounts] == [("loyal", 2000)]
    assert [(lost.rule, lost.code, lost.field, lost.required, lost.observed) for lost in decision.rejections] == [
        ("general", "exclusive_conflict", "standing/loyal", 2000, 1500)
    ]


def test_of_a_group_the_priority_decides_where_it_says_so():
    general = percent(1500, "general", group="sale", choose="priority", priority=9)
    loyal = percent(2000, "loyal", lane=2, group="sale")

    assert to_pay(basket(10_000), general, loyal) == 8500


def test_the_best_of_several_groups_is_the_best_together():
    """The larger offer of one group would leave the other group's nothing to work on."""
    bought = basket(article("A", 10_000), article("B", 2000))
    rules = [
        rule("all_of_a", PercentOff(5000, lines=A), group="one"),
        rule("b_free", PercentOff(10_000, lines=B), group="one"),
        rule("half_of_a", PercentOff(4500, lines=A), group="two"),
        rule("bit_of_b", PercentOff(100, lines=B), group="two"),
    ]

    assert to_pay(bought, *rules) == 12_000 - 2000 - 4500


def test_adding_an_offer_that_does_not_apply_never_changes_the_price():
    code = percent(5000, "code", when=on("order.total", "gte", 100_000))

    assert to_pay(basket(10_000), percent(1000), code) == to_pay(basket(10_000), percent(1000)) == 9000


def test_without_being_asked_for_offers_the_price_stays():
    decision = decided(basket(10_000), percent(1000), rule("earn", PerMoney(1, 100)))

    assert (decision.discounts, why(decision)) == ((), {})
    assert [grant.granted for grant in decision.grants] == [100]


def test_points_are_earned_on_what_is_left_to_pay():
    """PC-014."""
    assert points(asking(basket(10_000)), percent(1000), rule("earn", PerMoney(1, 100))) == {"earn": 90}


@pytest.mark.parametrize(("before", "off"), [(0, 2000), (9000, 1000), (10_000, 0)])
def test_a_budget_of_money_off_shrinks_the_last_discount(before, off):
    """PC-173."""
    slot = "used:standing/percent/discount/all/"
    budget = percent(2000, limits=(Limit(Count.DISCOUNT, 10_000),))
    decision = decided(asking(basket(4000, 6000)), budget, known={slot: (before, "")})

    assert sum(one.amount for one in decision.discounts) == off
    assert [use.count for use in decision.uses] == ([off] if off else [])
    assert why(decision) == ({} if off else {"percent": "limit_reached"})


def test_an_offer_that_is_used_up_stands_in_nobodys_way():
    used_up = percent(5000, "half", limits=(Limit(Count.DISCOUNT, 100),))
    known = {"used:standing/half/discount/all/": (100, "")}

    assert taken(basket(1000), used_up, percent(1000), known=known) == [100]


def test_offers_of_several_campaigns_compete_in_one_lane():
    one = in_force(percent(1000, "ten"), campaign="a")
    other = in_force(percent(2000, "twenty"), campaign="b")
    decision = decided(asking(basket(1000)), one, other)

    assert [(found.campaign, found.amount) for found in decision.discounts] == [("b", 200)]
    assert [(lost.campaign, lost.code, lost.field) for lost in decision.rejections] == [("a", "beaten_by", "b/twenty")]
