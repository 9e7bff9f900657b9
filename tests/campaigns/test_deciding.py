"""What rules grant for a purchase: pure decisions, no database."""

import pytest

from campaigns.definitions import Definition, Fixed, Mode, Rule, condition_of
from campaigns.engine import Decision, Grant, Rejection, RuleInForce
from conditions.deciding import Failure
from orders.allocation import spread_discount, without_returned
from orders.facts import PIECE, LineKind, Purchase, TenderKind
from tests.campaigns.trade import NOON, decided, goods, line, paid, per_money, rules


def in_force(definition, campaign="standing", number=1, *, stopped=False):
    return [RuleInForce(campaign, 70 + number, number, rule, condition_of(rule), stopped) for rule in definition.rules]


def purchase(*lines, discount=0, **fields):
    named = [goods(item, no) if isinstance(item, int) else item for no, item in enumerate(lines, 1)]
    return Purchase(placed_at=NOON, currency="EUR", lines=spread_discount(named, discount), **fields)


def points(bought, *effects, **fields):
    return sum(grant.granted for grant in decided(bought, in_force(rules(*effects, **fields))).grants)


@pytest.mark.parametrize(
    ("spent", "effect", "expected"),
    [
        (99, per_money(), 0),
        (100, per_money(), 1),
        (199, per_money(), 1),
        (1050, per_money(units=3, per=500), 6),
        (1050, per_money(units=3, per=500, mode=Mode.CONTINUOUS), 6),
        (1100, per_money(units=3, per=500, mode=Mode.CONTINUOUS), 6),
        (1167, per_money(units=3, per=500, mode=Mode.CONTINUOUS), 7),
        (333, per_money(units=2, per=100, mode=Mode.CONTINUOUS), 6),
        (350, per_money(units=2, per=100, mode=Mode.CONTINUOUS), 7),
        (1, per_money(units=10**4, per=1), 10**4),
        (10**14, per_money(units=10**4, per=1), 10**18),
    ],
)
def test_money_earns_by_whole_blocks_or_by_its_parts(spent, effect, expected):
    assert points(purchase(spent), effect) == expected


def test_blocks_are_counted_over_the_whole_order_not_per_line():
    assert points(purchase(60, 60, 80), per_money()) == 2


def test_a_grant_carries_every_number_of_its_formula():
    decision = decided(purchase(goods(1250, 1, tax=200), goods(0, 2)), in_force(rules(per_money(units=2))))

    assert decision == Decision(
        grants=(
            Grant(
                campaign="standing",
                version_id=71,
                version=1,
                rule="r1",
                unit="points",
                effect={"kind": "per_money", "units": 2, "per": 100},
                desired=20,
                granted=20,
                base=1050,
                lines=(1,),
            ),
        ),
        versions=(71,),
    )


@pytest.mark.parametrize(
    ("effect", "spent", "least"),
    [
        (per_money(), 99, 100),
        (per_money(units=5, per=1000), 999, 1000),
        (per_money(units=3, per=100, mode=Mode.CONTINUOUS), 33, 34),
        (per_money(units=1, per=100, mode=Mode.CONTINUOUS), 99, 100),
    ],
)
def test_too_little_to_earn_is_rejected_with_the_least_that_earns(effect, spent, least):
    decision = decided(purchase(spent), in_force(rules(effect)))

    assert decision.grants == ()
    assert decision.rejections == (
        Rejection("below_block", "standing", 1, "r1", required=least, observed=spent, measure="money"),
    )
    assert points(purchase(least), effect) > 0


@pytest.mark.parametrize(
    "kind",
    [
        LineKind.SHIPPING,
        LineKind.FEE,
        LineKind.DEPOSIT,
        LineKind.GIFT_CARD,
        LineKind.TOP_UP,
        LineKind.ADJUSTMENT,
    ],
)
def test_only_goods_earn(kind):
    assert points(purchase(1000, line(kind, 5000)), per_money()) == 10


def test_services_earn_like_products():
    assert points(purchase(1000, line(LineKind.SERVICE, 5000)), per_money()) == 60


def test_tax_earns_nothing():
    assert points(purchase(goods(11900, tax=1900)), per_money()) == 100


def test_a_line_discount_is_in_the_price_and_an_order_discount_takes_its_share_of_price_and_tax():
    assert points(purchase(goods(11900, tax=1900), discount=1190), per_money()) == 90


def test_rounding_the_tax_of_a_discounted_line_never_understates_what_earns():
    decision = decided(purchase(goods(101, tax=17), discount=50), in_force(rules(per_money(per=1))))

    # 51 are left to pay; of the tax 17 * 51 / 101 = 8.58 whole cents are taken off, 8.
    assert decision.grants[0].base == 43


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (TenderKind.CASH, 100),
        (TenderKind.CARD, 100),
        (TenderKind.ONLINE, 100),
        (TenderKind.GIFT_CARD, 100),
        (TenderKind.STORED_VALUE, 100),
        (TenderKind.POINTS, 60),
        (TenderKind.CREDIT, 60),
    ],
)
def test_what_points_or_credit_paid_earns_nothing_and_every_other_tender_earns_like_money(kind, expected):
    bought = purchase(10000, tenders=(paid(kind, 4000), paid(TenderKind.CARD, 6000)))

    assert points(bought, per_money()) == expected


def test_what_points_paid_is_taken_off_every_line_shipping_too():
    tenders = (paid(TenderKind.POINTS, 5000), paid(TenderKind.CARD, 5000))
    bought = purchase(6000, 2000, line(LineKind.SHIPPING, 2000), tenders=tenders)

    decision = decided(bought, in_force(rules(per_money())))

    assert (decision.grants[0].base, decision.grants[0].granted) == (4000, 40)


def test_an_order_paid_by_points_alone_earns_nothing():
    assert points(purchase(5000, tenders=(paid(TenderKind.POINTS, 5000),)), per_money()) == 0


def test_rules_add_up_in_their_order():
    decision = decided(purchase(1500), in_force(rules(per_money(), Fixed(units=50), per_money(units=2, per=1000))))

    assert [(grant.rule, grant.granted) for grant in decision.grants] == [("r1", 15), ("r2", 50), ("r3", 2)]


def test_campaigns_add_up_and_every_version_asked_is_named():
    asked = [*in_force(rules(Fixed(units=5)), "autumn", 3), *in_force(rules(per_money(per=10**6)), "standing", 2)]

    decision = decided(purchase(1500), asked)

    assert [(grant.campaign, grant.version, grant.granted) for grant in decision.grants] == [("autumn", 3, 5)]
    assert [(rejection.campaign, rejection.code) for rejection in decision.rejections] == [("standing", "below_block")]
    assert decision.versions == (73, 72)


LARGE = {"field": "order.total", "op": "gte", "value": 5000}


def test_a_condition_that_fails_says_what_was_required_and_observed():
    decision = decided(purchase(4999), in_force(rules(per_money(), when=LARGE)))

    assert decision.grants == ()
    assert decision.rejections == (
        Rejection("condition_failed", "standing", 1, "r1", "order.total", "gte", 5000, 4999),
    )


def test_a_condition_that_holds_with_equality_grants():
    assert points(purchase(5000), per_money(), when=LARGE) == 50


@pytest.mark.parametrize(
    ("field", "value", "holds"),
    [
        ("order.total", 1890, True),
        ("order.total", 1891, False),
        ("order.goods", 1400, True),
        ("order.goods", 1401, False),
    ],
)
def test_conditions_may_ask_for_the_total_and_for_the_goods_behind_discounts(field, value, holds):
    bought = purchase(1500, line(LineKind.SHIPPING, 490), discount=100)

    decision = decided(bought, in_force(rules(Fixed(units=1), when={"field": field, "op": "gte", "value": value})))

    assert bool(decision.grants) is holds


@pytest.mark.parametrize(
    ("field", "op", "value", "holds"),
    [
        ("order.channel", "eq", "web", True),
        ("order.channel", "in", ["app", "till"], False),
        ("order.shop", "eq", "market", True),
        ("order.shop", "ne", "market", False),
    ],
)
def test_conditions_may_ask_for_channel_and_shop(field, op, value, holds):
    bought = purchase(1500, channel="web", shop_code="market")

    decision = decided(bought, in_force(rules(Fixed(units=1), when={"field": field, "op": op, "value": value})))

    assert bool(decision.grants) is holds


def some(which, field, op, value):
    return {"of": "order.lines", "which": which, "where": {"field": f"line.{field}", "op": op, "value": value}}


def summed(field, op, value, **where):
    return {"of": "order.lines", "sum": field, "op": op, "value": value, **where}


CARD = {"where": {"field": "tender.kind", "op": "eq", "value": "card"}}
CAKES = {"where": {"field": "line.sku", "op": "eq", "value": "CAKE"}}


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        (some("any", "sku", "eq", "CAKE"), True),
        (some("any", "sku", "eq", "TEA"), False),
        (some("every", "sku", "in", ["CAKE", "BREAD"]), True),
        (some("every", "labels", "has_any", ["fresh"]), False),
        (some("none", "categories", "has_any", ["drinks"]), True),
        (some("any", "categories", "has_all", ["bakery", "sweet"]), True),
        (some("any", "sku", "eq", "SHIP"), False),
        (some("any", "sku", "eq", "GONE"), False),
        # Behind a discount of a tenth a cake costs 3.60 and the bread 3.24.
        (some("cheapest", "sku", "eq", "BREAD"), True),
        (some("dearest", "unit_price", "eq", 360), True),
        (some("any", "unit_price", "gt", 360), False),
        (summed("line.quantity", "gte", 3000, **CAKES), True),
        (summed("line.quantity", "gt", 3000, **CAKES), False),
        (summed("line.quantity", "eq", 4000), True),
        (summed("line.price", "eq", 1080, **CAKES), True),
        (summed(None, "eq", 2), True),
    ],
)
def test_conditions_may_ask_for_lines(when, holds):
    bought = purchase(
        goods(1200, 1, "CAKE", pieces=3, categories=("bakery", "sweet")),
        goods(360, 2, "BREAD", labels=("fresh",)),
        goods(0, 3, "GONE", returned=PIECE),
        line(LineKind.SHIPPING, 100, 4, sku="SHIP"),
        discount=156,
    )

    decision = decided(bought, in_force(rules(Fixed(units=1), when=when)))

    assert bool(decision.grants) is holds, decision


@pytest.mark.parametrize(
    ("test", "holds"),
    [
        ({"which": "any", "where": {"field": "tender.kind", "op": "eq", "value": "gift_card"}}, True),
        ({"which": "every", "where": {"field": "tender.kind", "op": "in", "value": ["cash", "card"]}}, False),
        ({"which": "dearest", "where": {"field": "tender.kind", "op": "eq", "value": "card"}}, True),
        ({"sum": "tender.amount", **CARD, "op": "gte", "value": 1000}, True),
        ({"sum": "tender.amount", **CARD, "op": "gt", "value": 1000}, False),
    ],
)
def test_conditions_may_ask_how_it_was_paid(test, holds):
    tenders = (paid(TenderKind.CARD, 600), paid(TenderKind.GIFT_CARD, 500), paid(TenderKind.CARD, 400))
    when = {"of": "order.tenders", **test}

    decision = decided(purchase(1500, tenders=tenders), in_force(rules(Fixed(units=1), when=when)))

    assert bool(decision.grants) is holds, decision


def test_what_came_back_is_asked_no_more():
    bought = purchase(goods(1200, 1, "CAKE", pieces=3))
    three = {"when": summed("line.quantity", "gte", 3000, **CAKES)}
    assert points(bought, Fixed(units=1), **three) == 1

    kept = without_returned(bought, {1: PIECE})

    assert decided(kept, in_force(rules(Fixed(units=1), **three))).rejections[0].failure == Failure(
        "order.lines", "gte", 3000, 2000, {"of": "order.lines", "sum": "line.quantity", **CAKES}
    )


def test_an_order_without_channel_has_none_to_compare():
    when = {"field": "order.channel", "op": "eq", "value": "web"}

    decision = decided(purchase(1500), in_force(rules(Fixed(units=1), when=when)))

    assert decision.rejections[0].observed is None


def test_a_fixed_grant_needs_goods():
    decision = decided(purchase(line(LineKind.GIFT_CARD, 5000)), in_force(rules(Fixed(units=50))))

    assert decision.grants == ()
    assert decision.rejections == (Rejection("no_goods", "standing", 1, "r1"),)


def test_a_stopped_campaign_grants_nothing_and_says_so():
    decision = decided(purchase(1500), in_force(rules(per_money(), Fixed(units=5)), stopped=True))

    assert decision.grants == ()
    assert [(rejection.code, rejection.rule) for rejection in decision.rejections] == [
        ("stopped", "r1"),
        ("stopped", "r2"),
    ]


def test_without_any_rule_in_force_the_decision_says_so():
    assert decided(purchase(1500), []) == Decision(rejections=(Rejection("no_campaign"),))


def test_what_came_back_leaves_the_others_their_shares_of_discount_and_of_points_paid():
    tenders = (paid(TenderKind.POINTS, 3000), paid(TenderKind.CARD, 6000))
    bought = purchase(5000, 5000, discount=1000, tenders=tenders)
    assert points(bought, per_money()) == 60

    left = without_returned(bought, {1: PIECE})

    assert left.total == 4500
    assert points(left, per_money()) == 30


def test_a_part_of_a_line_takes_its_part_of_price_and_tax_rounded_down():
    bought = purchase(goods(1000, pieces=3, tax=160))

    left = without_returned(bought, {1: PIECE})

    assert left.total == 666
    assert decided(left, in_force(rules(per_money(per=1)))).grants[0].base == 560


def test_when_all_goods_came_back_nothing_is_left_to_grant():
    bought = purchase(goods(1000, pieces=2), line(LineKind.SHIPPING, 490, no=2))

    left = without_returned(bought, {1: 2 * PIECE})

    assert decided(left, in_force(rules(per_money(), Fixed(units=50)))).grants == ()


def test_a_definition_survives_being_stored():
    definition = Definition(
        rules=(
            Rule(key="base", effect=per_money(units=3, mode=Mode.CONTINUOUS)),
            Rule(key="welcome", effect=Fixed(units=50), unit="miles", when=LARGE),
        )
    )

    assert [rule.rule for rule in in_force(definition)] == list(definition.rules)
