"""A marketer writes every rule of a campaign at the desk, from words and numbers."""

import json
from typing import Any

import pytest

from campaigns.definitions import (
    Base,
    Count,
    Definition,
    Discount,
    Fixed,
    Limit,
    Mode,
    Multiplier,
    Per,
    Percent,
    PerQuantity,
    Rounding,
    Rule,
    Scope,
)
from campaigns.definitions.discounts import AmountOff, BuyGet, End, PercentOff, SetPrice, ShippingOff, Step, Tiered
from campaigns.definitions.effects import PerMoney
from campaigns.queries import definition_of
from ledger import services as ledger
from ledger.policies import Rolling
from tests.admin import people
from tests.admin.forms import rule_fields
from tests.admin.people import the_draft
from tests.campaigns import happenings, trade
from tests.campaigns.trade import NOON, per_money
from tests.cockpit.people import text_of

CAKE = {"all": [{"field": "line.categories", "op": "has_any", "value": ["cake"]}]}
SATURDAY = {"all": [{"field": "clock.weekday", "op": "eq", "value": "sat"}]}
A_MONTH = Limit(Count.UNITS, 100, per=Per.MEMBER, period="month")


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(mara):
    return people.at_the_desk(mara)


def path_of(campaign, page="rule", **asked):
    query = "&".join(f"{name}={value}" for name, value in asked.items())
    address = people.address("campaigns.campaign", page, campaign.pk)
    return f"{address}?{query}" if query else address


def write(desk, campaign, changed, **asked):
    """Fill in the rule that is asked for, as a browser would, and save it."""
    path = path_of(campaign, **asked)
    return desk.post(path, rule_fields(desk.get(path), changed))


def drafted(campaign):
    return definition_of(the_draft(campaign))


EFFECTS = [
    PerMoney(3, 250, Mode.CONTINUOUS, Base(tax=True, credit=True), CAKE, rounding=Rounding.HALF_EVEN, scope=Scope.LINE),
    Percent(250, Base(shipping=True), CAKE, rounding=Rounding.UP),
    PerQuantity(5, 1500, Mode.CONTINUOUS, lines=CAKE),
    Fixed(50),
    Multiplier(1500, CAKE, ("base",)),
    PercentOff(1250, lane=2, base="list", lines=CAKE, most=500),
    AmountOff(500, lane=3, lines=CAKE),
    SetPrice(0, 3, lines=CAKE, times=2),
    BuyGet(1, 2, End.DEAREST, 5000, lines=CAKE, get_lines=CAKE, times=4),
    Tiered("amount", (Step(0, percent=500), Step(5000, amount=1000)), lines=CAKE),
    Tiered("pieces", (Step(3, percent=1000), Step(6, percent=2000)), lane=4),
    ShippingOff(5000, most=300),
]


@pytest.mark.parametrize("effect", EFFECTS, ids=lambda effect: type(effect).__name__)
def test_every_kind_of_rule_is_found_in_its_form_as_it_is(effect, desk, grocer):
    most = Limit(Count.DISCOUNT, 1250) if isinstance(effect, Discount) else A_MONTH
    limits = (most, Limit(Count.EXECUTIONS, 3, over="pause", gives_back=False))
    whole = Rule(
        "whole",
        effect,
        when=SATURDAY,
        expiry=Rolling(30) if isinstance(effect, Fixed) else None,
        group="cakes",
        choose="priority",
        priority=7,
        limits=limits,
        instead_of="limited",
    )
    before = Definition((Rule("base", per_money()), Rule("limited", Fixed(1), limits=(A_MONTH,)), whole))
    campaign = trade.a_campaign(grocer, before, key="kinds")

    answer = write(desk, campaign, {}, key="whole")

    assert answer.url == people.address("campaigns.campaign", "change", campaign.pk)
    assert drafted(campaign) == before


OF_ORDERS: dict[str, tuple[dict[str, Any], Any]] = {
    "per_money": ({"units": "2", "per": "0.50"}, PerMoney(2, 50)),
    "percent": ({"percent": "2.5"}, Percent(250)),
    "per_quantity": ({"units": "2", "pieces": "1.5"}, PerQuantity(2, 1500)),
    "fixed": ({"units": "7"}, Fixed(7)),
    "multiplier": ({"factor": "1,5", "of_rules": ["r1"]}, Multiplier(1500, of=("r1",))),
    "percent_off": ({"percent": "10"}, PercentOff(1000)),
    "amount_off": ({"amount": "5"}, AmountOff(500)),
    "set_price": ({"price": "9.99", "count": "3"}, SetPrice(999, 3)),
    "buy_get": ({"buy": "2", "get": "1", "percent": "100"}, BuyGet(1, 2)),
    "tiered_off": (
        {"step-0-least": "20", "step-0-percent": "5", "step-2-least": "50", "step-2-amount": "4"},
        Tiered("amount", (Step(2000, percent=500), Step(5000, amount=400))),
    ),
    "shipping_off": ({"percent": "100"}, ShippingOff()),
}


@pytest.mark.parametrize("kind", OF_ORDERS)
def test_a_rule_of_every_kind_is_added_behind_the_others(kind, desk, standing):
    fields, effect = OF_ORDERS[kind]

    write(desk, standing, {"kind": kind, "key": "more"} | fields)

    first, added = drafted(standing).rules
    assert first == Rule("r1", per_money())
    assert added == Rule("more", effect)
    assert the_draft(standing).edited_by == "Mara"


def test_amounts_are_written_and_told_in_the_decimals_of_their_unit(desk, grocer, standing):
    ledger.open_unit(programme_id=grocer.pk, code="credit", name="Credit", klass="CREDIT", decimals=2)
    limit = {"limit-0-most": "20.50", "limit-0-period": "year"}

    write(desk, standing, {"kind": "fixed", "unit": "credit", "units": "1,5", "key": "gift"} | limit)

    yearly = Limit(Count.UNITS, 2050, per=Per.MEMBER, period="year")
    assert drafted(standing).rules[1] == Rule("gift", Fixed(150), unit="credit", limits=(yearly,))
    page = text_of(desk.get(path_of(standing, "change")).content)
    assert page.count("1.50 points each time, at most 20.50 points for each member a year") == 2
    again = desk.get(path_of(standing, key="gift")).content.decode()
    assert 'name="units" value="1.50"' in again
    assert 'name="limit-0-most" value="20.5"' in again


def test_what_stands_in_the_fields_of_another_kind_is_not_read(desk, standing):
    write(desk, standing, {"kind": "fixed", "units": "7", "percent": "much", "amount": "-1", "step-0-least": "x"})

    assert drafted(standing).rules[1].effect == Fixed(7)


TOO_MUCH_OFF = "That is more than possible: at most 100 for money off."
WRONG = [
    ({"kind": "fixed", "units": ""}, {"units": ["This field is required."]}),
    (
        {"kind": "percent_off", "percent": "101"},
        {"percent": ["That is more than possible: at most 100 for money off."]},
    ),
    ({"kind": "multiplier", "factor": "1"}, {"factor": ["Write a factor above 1, at most 100."]}),
    ({"kind": "multiplier", "factor": "101"}, {"factor": ["Write a factor above 1, at most 100."]}),
    ({"kind": "amount_off", "amount": "0"}, {"amount": ["It has to be more than 0."]}),
    ({"kind": "set_price", "price": "1", "count": ""}, {"count": ["This field is required."]}),
    ({"key": "r1"}, {"key": ["Another rule of the campaign has this key."]}),
    ({"when": '{"all": [{"field": "order.moon", "op": "eq", "value": 1}]}'}, {"when"}),
    ({"lines": '{"all": [{"field": "line.price", "op": "gte", "value": "much"}]}'}, {"lines"}),
    ({"kind": "sold"}, {"kind"}),
]


@pytest.mark.parametrize(("changed", "errors"), WRONG)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_saved(changed, errors, desk, standing):
    answer = write(desk, standing, changed)

    told = answer.context["form"].errors
    assert told == errors if isinstance(errors, dict) else set(told) == errors
    assert the_draft(standing) is None
    assert 'name="draft" value=""' in answer.content.decode()


WRONG_LIMITS = [
    ({"most": "1.5"}, {"most": ["Write a plain number with at most 0 decimals, such as 1."]}),
    ({"most": "5", "per": "order", "period": "day"}, {"period": ["An order is no period: choose “for ever”."]}),
    ({"most": "5", "count": "balance", "per": "shop"}, {"per": ["A balance is each member's, for ever."]}),
    (
        {"most": "5", "count": "executions", "per": "order"},
        {"count": ["An order has a rule only once: limit points or money."]},
    ),
    ({"most": "5", "count": "discount"}, {"count": ["It takes no money off."]}),
]


@pytest.mark.parametrize(("limit", "errors"), WRONG_LIMITS)
def test_a_wrong_limit_is_told_in_its_row(limit, errors, desk, standing):
    answer = write(desk, standing, {f"limit-0-{name}": value for name, value in limit.items()})

    assert answer.context["form"].limits.rows[0].errors == errors
    assert the_draft(standing) is None


def test_a_limit_of_points_on_money_off_is_told_as_it_would_limit_nothing(desk, standing):
    answer = write(desk, standing, {"kind": "percent_off", "percent": "10", "limit-0-most": "5"})

    told = answer.context["form"].limits.rows[0].errors
    assert told == {"count": ["It takes money off and gives no points."]}
    assert the_draft(standing) is None


def test_two_limits_of_a_kind_are_told_at_the_second(desk, standing):
    answer = write(desk, standing, {"limit-0-most": "5", "limit-1-most": "6"})

    first, second = answer.context["form"].limits.rows[:2]
    assert (first.errors, second.errors) == ({}, {"most": ["Another limit counts the same."]})
    assert the_draft(standing) is None


def test_limits_are_written_in_what_they_count(desk, standing):
    second = {"most": "12.50", "count": "order_value", "per": "all", "over": "reject", "period": "year"}

    write(desk, standing, {"limit-0-most": "100", "limit-0-period": "month"} | _row(1, second), key="r1")

    money = Limit(Count.ORDER_VALUE, 1250, period="year", over="reject")
    assert drafted(standing).rules[0].limits == (A_MONTH, money)
    page = text_of(desk.get(path_of(standing, key="r1")).content)
    assert "at most 100 points for each member a month, at most orders of €12.50 in all a year" in page


def _row(number, limit):
    return {f"limit-{number}-{name}": value for name, value in limit.items()}


def test_a_limit_without_its_number_is_gone(desk, standing):
    write(desk, standing, {"limit-0-most": "100", "limit-0-period": "month"}, key="r1")

    write(desk, standing, {"limit-0-most": ""}, key="r1")

    assert drafted(standing).rules[0].limits == ()


def test_steps_that_do_not_grow_are_told_at_their_step(desk, standing):
    steps = {"step-0-least": "50", "step-0-percent": "5", "step-1-least": "20", "step-1-percent": "10"}

    answer = write(desk, standing, {"kind": "tiered_off"} | steps)

    assert answer.context["form"].steps.rows[1].errors == {"least": ["Begin each step above the one before."]}
    assert the_draft(standing) is None


def test_a_discount_in_steps_needs_one(desk, standing):
    answer = write(desk, standing, {"kind": "tiered_off"})

    assert answer.context["form"].steps.rows[0].errors == {"least": ["Say at least one step."]}
    assert the_draft(standing) is None


def test_while_it_is_written_the_page_says_what_the_rule_would_do(desk, standing):
    path = path_of(standing, trigger="order")
    typed = {"kind": "multiplier", "factor": "2", "when": json.dumps(SATURDAY), "limit-0-most": "100"}

    told = desk.post(f"{path}&example", rule_fields(desk.get(path), typed))

    assert text_of(told.content) == (
        "2 times the points, if the day of the week is Saturday, at most 100 points for each member"
    )
    assert the_draft(standing) is None
    unfinished = desk.post(f"{path}&example", rule_fields(desk.get(path), typed | {"factor": ""}))
    assert text_of(unfinished.content) == "Complete the rule to read what it does."


def test_a_rule_for_an_event_gives_for_what_the_event_tells(desk, grocer, standing):
    happenings.a_type(grocer, happenings.RATING, happenings.WITH_PHOTO)
    trigger = "event:checkin"
    assert (trigger, "a check-in") in desk.get(path_of(standing, "change")).context["triggers"]

    write(desk, standing, {"kind": "per_quantity", "units": "3", "pieces": "1", "key": "stars"}, trigger=trigger)

    added = drafted(standing).rules[1]
    assert (added.trigger, added.effect) == (trigger, PerQuantity(3, 1000, of="rating"))


def test_an_event_without_numbers_can_only_give_the_same_each_time(desk, standing):
    page = desk.get(path_of(standing, trigger="event:member.enrolled"))

    assert [kind for kind, _label in page.context["form"].fields["kind"].choices] == ["fixed"]
    write(desk, standing, {"units": "25", "key": "welcome"}, trigger="event:member.enrolled")
    assert drafted(standing).rules[1] == Rule("welcome", Fixed(25), trigger="event:member.enrolled")


def test_a_balance_without_a_mark_is_told_at_the_condition(desk, standing):
    answer = write(desk, standing, {"units": "25"}, trigger="event:balance.reached")

    assert set(answer.context["form"].errors) == {"when"}
    assert the_draft(standing) is None
