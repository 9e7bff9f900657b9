"""Limits leave less, or nothing, and say so: pure decisions."""

import msgspec
import pytest

from campaigns.definitions import Count, Fixed, Limit, Multiplier, Per, PerMoney
from campaigns.engine import Rejection, Use
from tests.campaigns.baskets import basket, decided, in_force, points, rule, why

A_MONTH = Limit(Count.UNITS, 100, Per.MEMBER, "month")
SOCIAL = "used:standing/social/units/member/month"


def used(amount, slot=SOCIAL, period="2026-03"):
    return {slot: (amount, period)}


@pytest.mark.parametrize(("before", "expected"), [(0, 40), (40, 40), (80, 20)])
def test_a_hundred_points_a_month_for_social_activity(before, expected):
    """PC-181, PC-028: what is left is given."""
    social = rule("social", Fixed(40), limits=(A_MONTH,))
    decision = decided(basket(1000), social, known=used(before))

    (grant,) = decision.grants
    assert (grant.desired, grant.granted) == (40, expected)
    assert decision.uses == (Use("social", SOCIAL, "2026-03", expected, 100 - expected, 100),)


def test_when_nothing_is_left_the_rule_says_so():
    decision = decided(basket(1000), rule("social", Fixed(40), limits=(A_MONTH,)), known=used(100))

    assert (decision.grants, decision.uses) == ((), ())
    (rejection,) = decision.rejections
    assert (rejection.code, rejection.required, rejection.observed) == ("limit_reached", 100, 100)
    assert rejection.test == {"count": "units", "most": 100, "per": "member", "period": "month"}


def test_a_rule_may_give_all_or_nothing():
    """What is left is too little for all: PC-029 and PC-180 are the two answers, chosen by rule."""
    all_or_nothing = Limit(Count.UNITS, 30, over="reject")

    assert why(decided(basket(1000), rule("social", Fixed(50), limits=(all_or_nothing,)))) == {
        "social": "limit_reached"
    }
    assert points(basket(1000), rule("social", Fixed(50), limits=(Limit(Count.UNITS, 30),))) == {"social": 30}


def test_one_order_can_have_a_cap_of_its_own():
    """PC-029, ours: 100 of the 120, and nothing is kept of the counter."""
    decision = decided(basket(12_000), rule("earn", PerMoney(1, 100), limits=(Limit(Count.UNITS, 100, Per.ORDER),)))

    (grant,) = decision.grants
    assert (grant.desired, grant.granted, decision.uses) == (120, 100, ())


def test_a_balance_has_a_cap_that_counts_what_is_pending():
    """PC-030: 900 active and 80 pending leave 20."""
    cap = Limit(Count.BALANCE, 1000, Per.MEMBER)
    decision = decided(basket(1000), rule("social", Fixed(50), limits=(cap,)), known={"balance:points": (980, "")})

    assert [grant.granted for grant in decision.grants] == [20]
    assert decision.uses == (Use("social", "balance:points", "", 20, 980, 1000),)


def test_executions_are_counted_whatever_they_give():
    first_500 = Limit(Count.EXECUTIONS, 500)
    slot = "used:standing/gift/executions/all/"
    gift = rule("gift", Fixed(10), limits=(first_500,))

    assert decided(basket(1000), gift, known={slot: (499, "")}).uses == (Use("gift", slot, "", 1, 499, 500),)
    assert why(decided(basket(1000), gift, known={slot: (500, "")})) == {"gift": "limit_reached"}


@pytest.mark.parametrize(
    ("before", "over", "given"),
    [
        (0, "left", True),
        (99_500, "left", True),
        (100_000, "left", False),
        (99_500, "reject", False),
        (99_000, "reject", True),
    ],
)
def test_the_order_that_crosses_an_order_value_is_the_last_or_refused(before, over, given):
    limit = Limit(Count.ORDER_VALUE, 100_000, over=over)
    slot = "used:standing/gift/order_value/all/"
    decision = decided(basket(1000), rule("gift", Fixed(10), limits=(limit,)), known={slot: (before, "")})

    assert bool(decision.grants) is given
    assert [use.room for use in decision.uses] == ([99_999 if over == "left" else 99_000] if given else [])


def test_a_campaign_limits_all_its_rules_together_and_counts_an_order_once():
    limits = (Limit(Count.UNITS, 30), Limit(Count.EXECUTIONS, 1))
    rules = in_force(rule("earn", PerMoney(1, 100)), rule("gift", Fixed(25)), rule("more", Fixed(5)), limits=limits)
    decision = decided(basket(1000), rules)

    assert {grant.rule: grant.granted for grant in decision.grants} == {"earn": 10, "gift": 20}
    assert why(decision) == {"more": "limit_reached"}
    assert [(use.slot, use.count) for use in decision.uses] == [
        ("used:standing//units/all/", 10),
        ("used:standing//executions/all/", 1),
        ("used:standing//units/all/", 20),
    ]


def test_what_a_multiplier_adds_counts_for_the_campaign():
    rules = in_force(rule("earn", PerMoney(1, 100)), rule("twice", Multiplier(2000)), limits=(Limit(Count.UNITS, 15),))

    assert points(basket(1000), rules) == {"earn": 10, "twice": 5}


def test_another_rule_stands_in_when_a_limit_left_nothing():
    rules = [
        rule("gift", Fixed(100), limits=(Limit(Count.EXECUTIONS, 500),)),
        rule("thanks", Fixed(5), instead_of="gift"),
    ]
    slot = "used:standing/gift/executions/all/"

    assert points(basket(1000), *rules, known={slot: (499, "")}) == {"gift": 100}
    assert why(decided(basket(1000), *rules)) == {"thanks": "not_needed"}
    assert points(basket(1000), *rules, known={slot: (500, "")}) == {"thanks": 5}


def test_a_limit_may_pause_its_campaign():
    pausing = Limit(Count.UNITS, 30, over="pause")
    decision = decided(basket(1000), rule("gift", Fixed(50), limits=(pausing,)))

    assert [grant.granted for grant in decision.grants] == [30]
    assert decision.pauses == ("standing",)


def test_the_sharpest_of_several_limits_counts():
    limits = (Limit(Count.UNITS, 100), Limit(Count.UNITS, 30, Per.MEMBER), Limit(Count.UNITS, 50, Per.ORDER))

    (grant,) = decided(basket(1000), rule("gift", Fixed(80), limits=limits)).grants
    assert (grant.granted, grant.cut.limit) == (30, limits[1])


def test_versions_with_another_most_count_on_with_the_same_counter():
    slots = {Limit(Count.UNITS, most, Per.MEMBER, "month").slot("standing", "social") for most in (100, 200)}

    assert slots == {SOCIAL}


def test_a_stopped_rule_uses_nothing():
    (entry,) = in_force(rule("gift", Fixed(5), limits=(Limit(Count.UNITS, 9),)))
    decision = decided(basket(1000), [msgspec.structs.replace(entry, stopped=True)])

    assert (decision.grants, decision.uses) == ((), ())
    assert decision.rejections == (Rejection("stopped", "standing", 0, "gift"),)
