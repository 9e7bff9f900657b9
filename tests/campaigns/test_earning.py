"""What rules give by money, by quantity, and multiplied: pure decisions."""

import pytest

from campaigns.definitions import (
    Base,
    Combine,
    Fixed,
    Mode,
    Multiplier,
    Multipliers,
    Percent,
    PerMoney,
    PerQuantity,
    Rounding,
    Scope,
)
from campaigns.engine import Rejection
from orders.allocation import spread_discount, without_returned
from orders.facts import TenderKind
from tests.campaigns.baskets import (
    article,
    basket,
    decided,
    in_force,
    label,
    on,
    points,
    rule,
    shipping,
    sku,
    total,
    why,
)

EACH = Mode.CONTINUOUS
FOUR = PerMoney(units=4, per=100, mode=EACH, base=Base(tax=True, shipping=True))
TEN = PerMoney(units=10, per=100, mode=EACH, base=Base(tax=True, shipping=True))
EVALUATED = basket(article("123", 1200, labels=("red",)), article("000", 10_000, labels=("blue",)), shipping(4000))
NOT_000 = {"none": [sku("000")]}


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        pytest.param([rule("four", FOUR)], 608, id="PC-001"),
        pytest.param([rule("four", PerMoney(4, 100, EACH, Base(shipping=True), lines=NOT_000))], 208, id="PC-002"),
        pytest.param([rule("four", FOUR), rule("ten", TEN)], 2128, id="PC-006"),
        pytest.param([rule("four", FOUR), rule("triple", Multiplier(3000, lines=sku("123")))], 704, id="PC-008-sku"),
        pytest.param([rule("four", FOUR), rule("triple", Multiplier(3000, lines=label("red")))], 704, id="PC-008-red"),
        pytest.param([rule("four", FOUR, when=on("order.total", "gte", 10_000))], 608, id="PC-009-100"),
        pytest.param([rule("four", FOUR, when=on("order.total", "gte", 30_000))], 0, id="PC-009-300"),
        pytest.param(
            [
                rule("four", FOUR),
                rule("ten", TEN),
                rule("red", Multiplier(3000, lines=label("red"))),
                rule("blue", Multiplier(5000, lines=label("blue"))),
                rule("gift", Fixed(200), when={"of": "order.lines", "which": "any", "where": sku("000")}),
            ],
            8264,
            id="PC-010",
        ),
    ],
)
def test_the_basket_that_peers_evaluate(rules, expected):
    assert total(EVALUATED, *rules) == expected


@pytest.mark.parametrize(
    ("bought", "effect", "expected"),
    [
        pytest.param(basket(10_500), PerMoney(1, 1000), 10, id="PC-022-105"),
        pytest.param(basket(article("A", 2335, tax=145)), PerMoney(1, 1000), 2, id="PC-022-21.90"),
        pytest.param(basket(article("A", 5000, discount=1000)), PerMoney(1, 100), 40, id="PC-026"),
        pytest.param(basket(article("A", 10_000, categories=("x", "y", "z"))), PerMoney(1, 100), 100, id="PC-027"),
        pytest.param(basket(10_500), PerMoney(1, 1000), 10, id="PC-031-all"),
        pytest.param(
            basket(10_500, paid_by={TenderKind.POINTS: 2000, TenderKind.CARD: 8500}),
            PerMoney(1, 1000),
            8,
            id="PC-031-points",
        ),
        pytest.param(
            basket(10_000, paid_by={TenderKind.STORED_VALUE: 1000, TenderKind.CARD: 9000}),
            PerMoney(1, 100),
            100,
            id="PC-017",
        ),
        pytest.param(
            basket(10_000, paid_by={TenderKind.GIFT_CARD: 5000, TenderKind.CARD: 5000}),
            PerMoney(1, 100),
            100,
            id="PC-018",
        ),
    ],
)
def test_money_earns_as_peers_assert(bought, effect, expected):
    assert total(bought, rule("earn", effect)) == expected


def test_fractions_of_points_are_kept_in_a_unit_with_decimals():
    """PC-011, in tenths of a point: SKU123 is not the excluded 123, and gets twice as much."""
    bought = basket(article("A", 300), article("B", 2000), article("SKU123", 2000))
    earn = rule("earn", PerMoney(23, 100, EACH, lines={"none": [sku("123", "234", "567")]}))

    assert total(bought, earn, rule("twice", Multiplier(2000, lines=sku("SKU123")))) == 1449


def test_a_discount_on_the_whole_order_takes_its_part_off_every_category():
    """PC-015, ours: the general discount is spread, so food earns on what was paid for food."""
    lines = spread_discount(basket(article("FOOD", 10_000, categories=("food",)), article("OTHER", 5000)).lines, 1500)
    food = on("line.categories", "has_any", ["food"])

    assert total(basket(*lines), rule("food", PerMoney(1, 100, lines=food))) == 90


@pytest.mark.parametrize(
    ("counted", "expected"),
    [
        (Base(), 800),
        (Base(tax=True), 952),
        (Base(discounts=True), 1000),
        (Base(tax=True, discounts=True), 1190),
        (Base(shipping=True), 1200),
        (Base(tax=True, shipping=True), 1428),
    ],
)
def test_a_rule_says_which_money_counts(counted, expected):
    bought = basket(article("A", 1190, tax=190, discount=238), shipping(476, tax=76))

    assert points(bought, rule("earn", PerMoney(1, 1, base=counted))) == {"earn": expected}


@pytest.mark.parametrize(
    ("kind", "counted", "expected"),
    [
        (TenderKind.POINTS, Base(), 600),
        (TenderKind.POINTS, Base(points=True), 1000),
        (TenderKind.CREDIT, Base(), 600),
        (TenderKind.CREDIT, Base(credit=True), 1000),
        (TenderKind.CREDIT, Base(points=True), 600),
    ],
)
def test_what_points_or_credit_paid_counts_where_the_rule_says_so(kind, counted, expected):
    bought = basket(1000, paid_by={kind: 400, TenderKind.CARD: 600})

    assert total(bought, rule("earn", PerMoney(1, 1, base=counted))) == expected


def test_the_base_before_discounts_loses_the_share_that_points_paid():
    bought = basket(article("A", 1000, discount=200), paid_by={TenderKind.POINTS: 400, TenderKind.CARD: 400})

    assert total(bought, rule("earn", PerMoney(1, 1, base=Base(discounts=True)))) == 500


@pytest.mark.parametrize(
    ("rounding", "spent", "expected"),
    [
        (Rounding.DOWN, 199, 1),
        (Rounding.UP, 101, 2),
        (Rounding.HALF_UP, 149, 1),
        (Rounding.HALF_UP, 150, 2),
        (Rounding.HALF_EVEN, 150, 2),
        (Rounding.HALF_EVEN, 250, 2),
        (Rounding.HALF_EVEN, 251, 3),
    ],
)
def test_a_rule_says_how_it_rounds(rounding, spent, expected):
    assert total(basket(spent), rule("earn", PerMoney(1, 100, EACH, rounding=rounding))) == expected


@pytest.mark.parametrize(
    ("rounding", "least"),
    [(Rounding.DOWN, 34), (Rounding.UP, 1), (Rounding.HALF_UP, 17), (Rounding.HALF_EVEN, 17)],
)
def test_what_is_too_little_says_what_would_do(rounding, least):
    earn = rule("earn", PerMoney(3, 100, EACH, rounding=rounding))

    assert decided(basket(least - 1), earn).rejections == (
        Rejection("below_block", "standing", 0, "earn", required=least, observed=least - 1, measure="money"),
    )
    assert total(basket(least), earn) == 1


@pytest.mark.parametrize(
    ("mode", "scope", "expected"),
    [(EACH, Scope.ORDER, 3), (EACH, Scope.LINE, 2), (Mode.BLOCK, Scope.ORDER, 3), (Mode.BLOCK, Scope.LINE, 2)],
)
def test_lines_are_rounded_each_or_together(mode, scope, expected):
    assert total(basket(150, 160), rule("earn", PerMoney(1, 100, mode, scope=scope))) == expected


def test_a_percentage_is_given_as_credit():
    """Five percent of 19.99 is 99.95 cents: 99 are given, 100 where a half is rounded up."""
    assert total(basket(1999), rule("back", Percent(500))) == 99
    assert total(basket(1999), rule("back", Percent(500, rounding=Rounding.HALF_UP))) == 100


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        (PerQuantity(2), 10),
        (PerQuantity(2, lines=sku("CAKE")), 6),
        (PerQuantity(5, per=2000), 10),
        (PerQuantity(5, per=2000, mode=EACH), 12),
        (PerQuantity(10, per=1000, lines=sku("FUEL"), mode=EACH), 325),
    ],
)
def test_quantities_earn_by_piece_and_by_measure(effect, expected):
    things = basket(article("CAKE", 900, 3), article("BREAD", 400, 2), shipping(500))
    fuel = basket(article("FUEL", 5000, 32.5))

    assert total(fuel if "FUEL" in str(effect.lines) else things, rule("each", effect)) == expected


def test_what_no_line_meets_is_said():
    decision = decided(basket(1000), rule("cake", PerQuantity(2, lines=sku("CAKE"))))

    assert why(decision) == {"cake": "no_matching_lines"}


def test_what_came_back_earns_nothing():
    bought = basket(article("CAKE", 900, 3))
    rules = [rule("each", PerQuantity(2)), rule("money", PerMoney(1, 100)), rule("twice", Multiplier(2000))]

    assert points(bought, *rules) == {"each": 6, "money": 9, "twice": 15}
    assert points(without_returned(bought, {1: 1000}), *rules) == {"each": 4, "money": 6, "twice": 10}
    assert points(without_returned(bought, {1: 3000}), *rules) == {}


@pytest.mark.parametrize(
    ("spent", "factor", "expected"),
    [
        pytest.param(4000, 1500, 6, id="PC-023-4"),
        pytest.param(5000, 1500, 7, id="PC-023-5"),
        pytest.param(5000, 3000, 15, id="PC-024"),
    ],
)
def test_a_multiplier_times_the_points(spent, factor, expected):
    assert total(basket(spent), rule("earn", PerMoney(1, 1000)), rule("more", Multiplier(factor))) == expected


def test_of_parts_the_multiplied_sum_is_rounded_once():
    assert total(basket(150), rule("earn", PerMoney(1, 100, EACH)), rule("twice", Multiplier(2000))) == 3


def test_fixed_bonuses_are_never_multiplied():
    assert points(basket(1000), rule("gift", Fixed(50)), rule("twice", Multiplier(2000))) == {"gift": 50}
    assert why(decided(basket(1000), rule("gift", Fixed(50)), rule("twice", Multiplier(2000)))) == {
        "twice": "nothing_to_multiply"
    }


TWICE, THRICE = rule("twice", Multiplier(2000)), rule("thrice", Multiplier(3000))
EARN = rule("earn", PerMoney(1, 100))


def test_of_several_multipliers_the_largest_counts():
    decision = decided(basket(1000), EARN, TWICE, THRICE)

    assert {grant.rule: grant.granted for grant in decision.grants} == {"earn": 10, "thrice": 20}
    assert decision.rejections == (
        Rejection(
            "beaten_by", "standing", 0, "twice", "standing/thrice", required=3000, observed=2000, measure="quantity"
        ),
    )


@pytest.mark.parametrize(("most", "expected"), [(None, 60), (5000, 50), (2500, 25), (1000, 10)])
def test_multipliers_come_to_their_product_where_the_campaign_says_so_up_to_its_cap(most, expected):
    together = in_force(EARN, TWICE, THRICE, multipliers=Multipliers(Combine.PRODUCT, most))

    assert total(basket(1000), together) == expected


def test_of_several_campaigns_the_largest_factor_counts_on_each_line():
    own = in_force(EARN, TWICE, THRICE, multipliers=Multipliers(Combine.PRODUCT))
    four, ten = (rule("four", Multiplier(4000, lines=sku("A2"))), rule("ten", Multiplier(10_000, lines=sku("A1"))))
    other = in_force(four, ten, campaign="other")

    assert total(basket(1000, 1000), own, other) == 100 + 60


def test_a_multiplier_may_name_what_it_multiplies():
    rules = [EARN, rule("each", PerQuantity(5)), rule("twice", Multiplier(2000, of=("each",)))]

    assert points(basket(1000), *rules) == {"earn": 10, "each": 5, "twice": 5}


def test_a_multiplier_leaves_other_units_alone():
    rules = [EARN, rule("status", PerMoney(1, 100), unit="status"), rule("twice", Multiplier(2000), unit="status")]

    assert points(basket(1000), *rules) == {"earn": 10, "status": 10, "twice": 10}


def test_whole_blocks_are_counted_among_the_lines_that_are_multiplied():
    rules = [rule("earn", PerMoney(1, 1000)), rule("twice", Multiplier(2000, lines=sku("A1")))]

    assert points(basket(1500, 1500), *rules) == {"earn": 3, "twice": 1}


def test_of_a_group_the_rule_that_gives_most_gives():
    """PC-012: several rules for one event, the largest wins."""
    rules = [
        rule("small", Fixed(50), group="welcome"),
        rule("large", Fixed(200), group="welcome"),
        rule("other", Fixed(7)),
    ]
    decision = decided(basket(1000), *rules)

    assert {grant.rule: grant.granted for grant in decision.grants} == {"large": 200, "other": 7}
    assert decision.rejections == (
        Rejection(
            "beaten_by", "standing", 0, "small", "standing/large", required=200, observed=50, measure="unit:points"
        ),
    )


def test_a_group_may_go_by_priority():
    rules = [
        rule("small", Fixed(50), group="welcome", choose="priority", priority=5),
        rule("large", Fixed(200), group="welcome", priority=1),
    ]

    assert points(basket(1000), *rules) == {"small": 50}


def test_groups_reach_across_campaigns():
    one = in_force(rule("here", Fixed(50), group="welcome"), campaign="a")
    other = in_force(rule("there", Fixed(60), group="welcome"), campaign="b")

    assert points(basket(1000), one, other) == {"there": 60}


def test_a_rule_that_does_not_apply_loses_its_group_to_one_that_does():
    rules = [
        rule("large", Fixed(200), group="welcome", when=on("order.total", "gte", 5000)),
        rule("small", Fixed(50), group="welcome"),
    ]

    assert points(basket(1000), *rules) == {"small": 50}
