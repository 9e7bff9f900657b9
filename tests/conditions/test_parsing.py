"""Reading a condition tree: what is understood, and what is refused with its place."""

import pytest

from conditions import tree as language
from conditions.errors import ConditionInvalid
from conditions.operators import Op
from conditions.tree import EVERYTHING, MAX_DEPTH, Among, Group, Sum, Which, parse
from tests.conditions.basket import BASKET, PIECES, SKU, THINGS, TOTAL

SHAPES = "all, any, none, or field with op and value, or of with which or sum, or history with measure and within"
ORDERED = ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in"]
THING_NAMES = ["thing.labels", "thing.pieces", "thing.price", "thing.sku"]
CAKE = {"field": "thing.sku", "op": "eq", "value": "CAKE"}
SOME_CAKE = {"of": "basket.things", "which": "any", "where": CAKE}
THREE_CAKES = {"of": "basket.things", "sum": "thing.pieces", "where": CAKE, "op": "gte", "value": 3000}
LARGE = {"field": "basket.total", "op": "gte", "value": 5000}


def test_a_test_names_its_field_and_keeps_its_value():
    read = parse(LARGE, BASKET)

    assert read == language.Test(TOTAL, Op.GTE, 5000)


def test_groups_nest():
    read = parse({"all": [LARGE, {"none": [LARGE]}]}, BASKET)

    test = language.Test(TOTAL, Op.GTE, 5000)
    assert read == Group("all", (test, Group("none", (test,))))


def test_things_are_asked_in_their_own_words():
    read = parse(SOME_CAKE, BASKET)

    assert read == Among(THINGS, Which.ANY, language.Test(SKU, Op.EQ, "CAKE"), SOME_CAKE)


def test_a_sum_names_what_is_summed_and_over_which():
    written = {name: THREE_CAKES[name] for name in ("of", "sum", "where")}

    read = parse(THREE_CAKES, BASKET)

    assert read == Sum(THINGS, PIECES, language.Test(SKU, Op.EQ, "CAKE"), Op.GTE, 3000, written)


def test_a_number_of_things_sums_nothing():
    read = parse({"of": "basket.things", "sum": None, "op": "lt", "value": 3}, BASKET)

    assert read == Sum(THINGS, None, EVERYTHING, Op.LT, 3, {"of": "basket.things", "sum": None})


def test_a_tree_may_be_as_deep_as_the_limit_says():
    tree = LARGE
    for _ in range(MAX_DEPTH):
        tree = {"all": [tree]}

    assert isinstance(parse(tree, BASKET), Group)


@pytest.mark.parametrize(
    ("tree", "pointer", "problem", "expected"),
    [
        ([], "", "list", "an object"),
        (None, "", "NoneType", "an object"),
        ({}, "", [], SHAPES),
        ({"all": [], "any": []}, "", ["all", "any"], SHAPES),
        ({"field": "basket.total"}, "", ["field"], SHAPES),
        ({"all": LARGE}, "/all", "dict", "a list"),
        ({"any": []}, "/any", "empty", "at least one part"),
        ({"none": []}, "/none", "empty", "at least one part"),
        ({"none": [{"all": []}]}, "/none/0/all", "empty", "at least one part"),
        ({"all": [LARGE, 7]}, "/all/1", "int", "an object"),
        (
            {"all": [{**LARGE, "field": "basket.colour"}]},
            "/all/0/field",
            "basket.colour",
            ["basket.channel", "basket.pieces", "basket.total"],
        ),
        (
            {**LARGE, "field": ["basket.total"]},
            "/field",
            ["basket.total"],
            ["basket.channel", "basket.pieces", "basket.total"],
        ),
        ({**LARGE, "op": "about"}, "/op", "about", ORDERED),
        ({**LARGE, "op": {}}, "/op", {}, ORDERED),
        ({"field": "basket.channel", "op": "lt", "value": "web"}, "/op", "lt", ["eq", "ne", "in", "not_in"]),
        ({**LARGE, "value": "5000"}, "/value", "5000", "a whole number"),
        ({**LARGE, "value": 50.0}, "/value", 50.0, "a whole number"),
        ({**LARGE, "value": True}, "/value", True, "a whole number"),
        ({**LARGE, "value": None}, "/value", None, "a whole number"),
        ({"field": "basket.channel", "op": "eq", "value": 7}, "/value", 7, "text"),
        ({"field": "basket.channel", "op": "in", "value": "web"}, "/value", "web", "a list, each text"),
        ({"field": "basket.channel", "op": "in", "value": []}, "/value", [], "a list, each text"),
        ({**LARGE, "op": "in", "value": [1, True]}, "/value", [1, True], "a list, each a whole number"),
        ({**SOME_CAKE, "of": "basket.colours"}, "/of", "basket.colours", ["basket.things"]),
        ({**SOME_CAKE, "which": "most"}, "/which", "most", ["any", "every", "none", "cheapest", "dearest"]),
        ({**SOME_CAKE, "where": LARGE}, "/where/field", "basket.total", THING_NAMES),
        ({**THREE_CAKES, "sum": "thing.sku"}, "/sum", "thing.sku", ["thing.pieces", "thing.price"]),
        ({**THREE_CAKES, "sum": "thing.weight"}, "/sum", "thing.weight", THING_NAMES),
        ({**THREE_CAKES, "where": {"any": [7]}}, "/where/any/0", "int", "an object"),
        ({**THREE_CAKES, "op": "has_any"}, "/op", "has_any", ORDERED),
        ({**THREE_CAKES, "value": "3"}, "/value", "3", "a whole number"),
        (
            {**SOME_CAKE, "where": {"field": "thing.labels", "op": "eq", "value": "new"}},
            "/where/op",
            "eq",
            ["has_any", "has_all", "has_none"],
        ),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(tree, pointer, problem, expected):
    with pytest.raises(ConditionInvalid) as refused:
        parse(tree, BASKET)

    assert refused.value.facts == {"pointer": pointer, "problem": problem, "expected": expected}


def test_a_tree_deeper_than_the_limit_is_refused():
    tree = LARGE
    for _ in range(MAX_DEPTH + 1):
        tree = {"any": [tree]}

    with pytest.raises(ConditionInvalid) as refused:
        parse(tree, BASKET)

    assert refused.value.facts["problem"] == "too deep"
    assert refused.value.facts["pointer"] == "/any/0" * (MAX_DEPTH + 1)


def test_pointers_begin_where_the_condition_stands():
    with pytest.raises(ConditionInvalid) as refused:
        parse({"all": [3]}, BASKET, pointer="/rules/2/when")

    assert refused.value.facts["pointer"] == "/rules/2/when/all/0"
