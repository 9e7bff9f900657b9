"""Stored numbers become sentences, exactly."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from campaigns.definitions import Definition, Fixed, Mode, Rule
from campaigns.effect_sentences import effect_sentence
from campaigns.engine import Grant, Rejection
from campaigns.sentences import condition_sentence, definition_sentence, grant_sentence, last_day, rejection_sentence
from campaigns.wording import Money, points
from tests.campaigns.trade import per_money

EURO = Money("EUR")
BLANK = "\N{NO-BREAK SPACE}"


def grant(effect, granted, base=0):
    return Grant(
        campaign="standing",
        version_id=70,
        version=3,
        rule="base",
        unit="points",
        effect=effect,
        desired=granted,
        granted=granted,
        base=base,
    )


PER_EURO = {"kind": "per_money", "units": 1, "per": 100}


@pytest.mark.parametrize(
    ("minor", "decimals", "expected"),
    [
        (0, 0, "0 points"),
        (1, 0, "1 point"),
        (-1, 0, "-1 point"),
        (2, 0, "2 points"),
        (12345, 0, "12,345 points"),
        (1, 1, "0.1 points"),
        (100, 2, "1.00 points"),
    ],
)
def test_points_are_counted_in_words(minor, decimals, expected):
    assert points(minor, decimals) == expected


@pytest.mark.parametrize(
    ("effect", "decimals", "expected"),
    [
        (per_money(), 0, "1 point per whole €1.00"),
        (per_money(units=5, per=1000), 0, "5 points per whole €10.00"),
        (per_money(units=2, mode=Mode.CONTINUOUS), 0, "2 points per €1.00, parts included"),
        (per_money(units=23, mode=Mode.CONTINUOUS), 1, "2.3 points per €1.00, parts included"),
        (Fixed(units=50), 0, "50 points each time"),
    ],
)
def test_an_effect_says_what_it_gives(effect, decimals, expected):
    assert effect_sentence(effect, EURO, decimals=decimals) == expected


def test_a_definition_says_its_rules_and_when_they_apply():
    large = {"field": "order.total", "op": "gte", "value": 5000}
    definition = Definition(
        rules=(
            Rule(key="base", effect=per_money()),
            Rule(key="always", effect=Fixed(units=1), when={"all": []}),
            Rule(key="large", effect=Fixed(units=50), when=large),
        )
    )

    assert definition_sentence(definition, EURO) == (
        "1 point per whole €1.00; 1 point each time; 50 points each time, if the order's total is at least €50.00"
    )


def asks(field, op, value):
    return {"field": field, "op": op, "value": value}


def some(which, where):
    return {"of": "order.lines", "which": which, "where": where}


def summed(field, op, value, **where):
    return {"of": "order.lines", "sum": field, **where, "op": op, "value": value}


def missed(required_of, op, observed, required=None):
    """A rejection by a test of lines."""
    test = {name: part for name, part in required_of.items() if name not in {"op", "value"}}
    return Rejection("condition_failed", "standing", 3, "cake", "order.lines", op, required, observed, test)


CAKE = asks("line.sku", "eq", "CAKE")
VEGAN = asks("line.labels", "has_any", ["bio", "vegan"])
DEAR = asks("line.unit_price", "gt", 1000)
CARD = asks("tender.kind", "eq", "card")
GIFTS = asks("line.categories", "has_all", ["gift", "set"])
NO_LINE = "on no line the article is CAKE or the labels include one of bio, vegan"
WEB, APP = asks("order.channel", "eq", "web"), asks("order.channel", "eq", "app")
SMALL = asks("order.goods", "lt", 2000)


@pytest.mark.parametrize(
    ("tree", "expected"),
    [
        (WEB, "the channel is web"),
        (asks("order.channel", "ne", "web"), "the channel is not web"),
        (asks("order.channel", "in", ["app", "web"]), "the channel is one of app, web"),
        (asks("order.shop", "eq", "market"), "the shop is market"),
        (asks("order.total", "gte", 123456), "the order's total is at least €1,234.56"),
        (SMALL, "the sum of the goods is below €20.00"),
        (asks("order.total", "in", [100, 200]), "the order's total is one of €1.00, €2.00"),
        ({"all": [WEB, SMALL]}, "the channel is web and the sum of the goods is below €20.00"),
        ({"any": [WEB, APP]}, "the channel is web or the channel is app"),
        ({"none": [WEB, APP]}, "not (the channel is web or the channel is app)"),
        (
            {"all": [{"any": [WEB, APP]}, SMALL]},
            "(the channel is web or the channel is app) and the sum of the goods is below €20.00",
        ),
        ({"any": [{"all": [WEB, SMALL]}]}, "the channel is web and the sum of the goods is below €20.00"),
        ({"all": [{"any": [WEB]}, {"none": [APP]}]}, "the channel is web and not (the channel is app)"),
        (
            {"none": [{"all": [WEB, SMALL]}]},
            "not (the channel is web and the sum of the goods is below €20.00)",
        ),
        (some("any", CAKE), "on some line the article is CAKE"),
        (some("every", VEGAN), "on every line the labels include one of bio, vegan"),
        (some("none", {"any": [CAKE, VEGAN]}), NO_LINE),
        (
            some("cheapest", asks("line.unit_price", "gt", 1000)),
            "on the cheapest line the price of a piece is more than €10.00",
        ),
        (
            some("dearest", asks("line.categories", "has_all", ["gift"])),
            "on the dearest line the categories include all of gift",
        ),
        (
            summed("line.quantity", "gte", 1500, where=CAKE),
            "the quantity of all lines on which the article is CAKE is at least 1.5",
        ),
        (summed("line.price", "lte", 5000), "the price of all lines together is at most €50.00"),
        (
            {"of": "order.tenders", "sum": "tender.amount", "where": CARD, "op": "gte", "value": 1000},
            "the amount of all payments on which the means is card is at least €10.00",
        ),
        (summed(None, "gt", 3), "the number of lines is more than 3"),
        (
            summed(None, "lt", 2, where=VEGAN),
            "the number of lines on which the labels include one of bio, vegan is below 2",
        ),
    ],
)
def test_a_condition_reads_as_it_is_meant(tree, expected):
    assert condition_sentence(tree, EURO) == expected


@pytest.mark.parametrize(
    ("given", "decimals", "expected"),
    [
        (
            grant(PER_EURO, 1, 199),
            0,
            "1 point for goods of €1.99: 1 point per whole €1.00 (version 3)",
        ),
        (
            grant({**PER_EURO, "units": 2, "mode": "continuous"}, 2501, 125050),
            0,
            "2,501 points for goods of €1,250.50: 2 points per €1.00, parts included (version 3)",
        ),
        (
            grant({**PER_EURO, "units": 23, "mode": "continuous"}, 1449, 6300),
            1,
            "144.9 points for goods of €63.00: 2.3 points per €1.00, parts included (version 3)",
        ),
        (grant({"kind": "fixed", "units": 50}, 50), 0, "50 points: 50 points each time (version 3)"),
    ],
)
def test_a_grant_says_why_with_its_numbers(given, decimals, expected):
    assert grant_sentence(given, EURO, decimals=decimals) == expected


@pytest.mark.parametrize(
    ("rejection", "expected"),
    [
        (
            Rejection("below_block", "standing", 3, "base", required=100, observed=99),
            "Goods of €0.99 are less than €1.00, so they earn nothing.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "large", "order.total", "gte", 5000, 4999),
            "Nothing from “large”: it asks that the order's total is at least €50.00; here it was €49.99.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "web", "order.channel", "in", ["app", "web"], "till"),
            "Nothing from “web”: it asks that the channel is one of app, web; here it was till.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "web", "order.channel", "eq", "web", None),
            "Nothing from “web”: it asks that the channel is web; here it was nothing.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "other", "order.channel", "not_eq", "web", "web"),
            "Nothing from “other”: it asks that the channel is not web; here it was web.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "small", "order.total", "not_gte", 5000, 5000),
            "Nothing from “small”: it asks that the order's total is below €50.00; here it was €50.00.",
        ),
        (
            Rejection("condition_failed", "standing", 3, "other", "order.channel", "not_in", ["app", "web"], "web"),
            "Nothing from “other”: it asks that the channel is none of app, web; here it was web.",
        ),
        (
            missed(some("any", CAKE), "any", 0),
            "Nothing from “cake”: it asks that on some line the article is CAKE; here it was on no line.",
        ),
        (
            missed(some("any", CAKE), "not_any", 1),
            "Nothing from “cake”: it asks that on no line the article is CAKE; here it was on one line.",
        ),
        (
            missed(some("every", CAKE), "every", 2),
            "Nothing from “cake”: it asks that on every line the article is CAKE; here it was on 2 lines.",
        ),
        (
            missed(some("every", CAKE), "not_every", 2),
            "Nothing from “cake”: it asks that not on every line the article is CAKE; here it was on 2 lines.",
        ),
        (
            missed(some("dearest", CAKE), "dearest", 0),
            "Nothing from “cake”: it asks that on the dearest line the article is CAKE; here it was otherwise.",
        ),
        (
            missed(summed("line.quantity", "gte", 3000), "gte", 750, 3000),
            "Nothing from “cake”: it asks that the quantity of all lines together is at least 3; here it was 0.75.",
        ),
        (
            missed(summed("line.price", "gte", 3000), "not_gte", 3000, 3000),
            "Nothing from “cake”: it asks that the price of all lines together is below €30.00; here it was €30.00.",
        ),
        (Rejection("no_goods", "standing", 3, "base"), "The order holds no goods, so it earned nothing."),
        (Rejection("stopped", "standing", 3, "base"), "The campaign is stopped, so the order earned nothing."),
        (Rejection("no_member"), "The order belongs to no member, so nobody could earn."),
        (Rejection("member_blocked"), "The member is blocked, so the order earned nothing."),
        (Rejection("no_campaign"), "No campaign was in force when the order was placed."),
    ],
)
def test_a_rejection_says_what_was_asked_and_what_was_there(rejection, expected):
    assert rejection_sentence(rejection, EURO) == expected


@pytest.mark.parametrize(
    ("expires_at", "zone", "expected"),
    [
        (datetime(2027, 3, 2, 23, tzinfo=UTC), "Europe/Berlin", "March 2, 2027"),
        (datetime(2027, 3, 3, tzinfo=UTC), "UTC", "March 2, 2027"),
        (datetime(2027, 3, 28, 22, tzinfo=UTC), "Europe/Berlin", "March 28, 2027"),
    ],
)
def test_the_last_day_is_the_one_before_the_end(expires_at, zone, expected):
    assert last_day(expires_at, ZoneInfo(zone)) == expected


def test_numbers_money_and_days_are_written_as_the_language_does():
    with translation.override("de"):
        assert points(12345) == "12.345 points"
        assert points(1234567, 2) == "12.345,67 points"
        assert EURO.show(125050) == f"1.250,50{BLANK}€"
        assert last_day(datetime(2027, 3, 2, 23, tzinfo=UTC), ZoneInfo("Europe/Berlin")) == "2. März 2027"
        assert (
            grant_sentence(grant({**PER_EURO, "units": 2}, 2500, 125050), EURO, decimals=0)
            == f"2.500 points for goods of 1.250,50{BLANK}€: 2 points per whole 1,00{BLANK}€ (version 3)"
        )


@pytest.mark.parametrize(
    ("currency", "decimals", "minor", "expected"),
    [("JPY", 0, 1250, "¥1,250"), ("GBP", 2, 5, "£0.05"), ("KWD", 3, 1234567, "KWD1,234.567")],
)
def test_money_has_its_currencys_own_decimals(currency, decimals, minor, expected):
    assert Money(currency, decimals).show(minor) == expected
