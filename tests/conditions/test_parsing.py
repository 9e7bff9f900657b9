"""Reading a condition tree: what is understood, and what is refused with its place."""

import pytest

from conditions import tree as language
from conditions.errors import ConditionInvalid
from conditions.tree import MAX_DEPTH, Group, Op, parse
from tests.conditions.basket import BASKET, TOTAL

LARGE = {"field": "basket.total", "op": "gte", "value": 5000}


def test_a_test_names_its_field_and_keeps_its_value():
    read = parse(LARGE, BASKET)

    assert read == language.Test(TOTAL, Op.GTE, 5000)


def test_groups_nest():
    read = parse({"all": [LARGE, {"none": [LARGE]}]}, BASKET)

    test = language.Test(TOTAL, Op.GTE, 5000)
    assert read == Group("all", (test, Group("none", (test,))))


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
        ({}, "", [], "all, any, none, or field with op and value"),
        ({"all": [], "any": []}, "", ["all", "any"], "all, any, none, or field with op and value"),
        ({"field": "basket.total"}, "", ["field"], "all, any, none, or field with op and value"),
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
        ({**LARGE, "op": "about"}, "/op", "about", ["eq", "ne", "gte", "lt", "in"]),
        ({**LARGE, "op": {}}, "/op", {}, ["eq", "ne", "gte", "lt", "in"]),
        ({"field": "basket.channel", "op": "lt", "value": "web"}, "/op", "lt", ["eq", "ne", "in"]),
        ({**LARGE, "value": "5000"}, "/value", "5000", "a whole number"),
        ({**LARGE, "value": 50.0}, "/value", 50.0, "a whole number"),
        ({**LARGE, "value": True}, "/value", True, "a whole number"),
        ({**LARGE, "value": None}, "/value", None, "a whole number"),
        ({"field": "basket.channel", "op": "eq", "value": 7}, "/value", 7, "text"),
        ({"field": "basket.channel", "op": "in", "value": "web"}, "/value", "web", "a list, each text"),
        ({"field": "basket.channel", "op": "in", "value": []}, "/value", [], "a list, each text"),
        ({**LARGE, "op": "in", "value": [1, True]}, "/value", [1, True], "a list, each a whole number"),
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
