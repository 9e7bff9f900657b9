"""Whether a condition holds, and which test is to blame when it does not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from conditions.tree import Failure, first_failure, parse
from tests.conditions.basket import BASKET, Basket


def total(op, value):
    return {"field": "basket.total", "op": op, "value": value}


def channel(op, value):
    return {"field": "basket.channel", "op": op, "value": value}


def failure(tree, basket):
    return first_failure(parse(tree, BASKET), basket)


@pytest.mark.parametrize(
    ("tree", "basket", "holds"),
    [
        (total("eq", 5000), Basket(total=5000), True),
        (total("eq", 5000), Basket(total=5001), False),
        (total("ne", 5000), Basket(total=5001), True),
        (total("ne", 5000), Basket(total=5000), False),
        (total("gte", 5000), Basket(total=5000), True),
        (total("gte", 5000), Basket(total=4999), False),
        (total("lt", 5000), Basket(total=4999), True),
        (total("lt", 5000), Basket(total=5000), False),
        (total("in", [1, 5000]), Basket(total=5000), True),
        (total("in", [1, 5000]), Basket(total=2), False),
        (channel("eq", "web"), Basket(channel="web"), True),
        (channel("eq", "web"), Basket(channel="Web"), False),
        (channel("in", ["web", "app"]), Basket(channel="app"), True),
    ],
)
def test_operators_compare(tree, basket, holds):
    assert (failure(tree, basket) is None) is holds


@pytest.mark.parametrize(("op", "value"), [("eq", "web"), ("in", ["web"])])
def test_a_missing_value_fails_every_test_of_text(op, value):
    assert failure(channel(op, value), Basket()) == Failure("basket.channel", op, value, None)


@pytest.mark.parametrize(("op", "value"), [("eq", 0), ("gte", 0), ("lt", 1), ("in", [0])])
def test_a_missing_value_fails_every_test_of_numbers(op, value):
    assert failure(total(op, value), Basket()) == Failure("basket.total", op, value, None)


def test_a_missing_value_is_not_equal_to_anything():
    assert failure(channel("ne", "web"), Basket()) is None


def test_an_empty_all_always_holds():
    assert failure({"all": []}, Basket()) is None


def test_all_blames_the_first_test_that_fails():
    tree = {"all": [total("gte", 10), channel("eq", "web"), total("lt", 20)]}

    assert failure(tree, Basket(total=30, channel="app")) == Failure("basket.channel", "eq", "web", "app")


def test_any_holds_with_one_and_blames_the_first_with_none():
    tree = {"any": [total("gte", 10), channel("eq", "web")]}

    assert failure(tree, Basket(total=3, channel="web")) is None
    assert failure(tree, Basket(total=3, channel="app")) == Failure("basket.total", "gte", 10, 3)


def test_none_blames_the_test_that_held():
    tree = {"none": [total("gte", 10), channel("in", ["web", "app"])]}

    assert failure(tree, Basket(total=3, channel="phone")) is None
    assert failure(tree, Basket(total=3, channel="app")) == Failure("basket.channel", "not_in", ["app", "web"], "app")


def test_none_blames_inside_a_group_the_part_that_held():
    tree = {"none": [{"any": [total("gte", 10), channel("eq", "web")]}]}

    assert failure(tree, Basket(total=3, channel="web")) == Failure("basket.channel", "not_eq", "web", "web")


def test_a_double_negation_asks_for_what_stands_inside():
    tree = {"none": [{"none": [channel("eq", "web")]}]}

    assert failure(tree, Basket(channel="web")) is None
    assert failure(tree, Basket(channel="app")) == Failure("basket.channel", "eq", "web", "app")


TESTS = st.one_of(
    st.builds(total, st.sampled_from(["eq", "ne", "gte", "lt"]), st.integers(0, 4)),
    st.builds(total, st.just("in"), st.lists(st.integers(0, 4), min_size=1, max_size=3)),
    st.builds(channel, st.sampled_from(["eq", "ne"]), st.sampled_from(["web", "app"])),
    st.builds(channel, st.just("in"), st.lists(st.sampled_from(["web", "app"]), min_size=1, max_size=2)),
)
TREES = st.recursive(
    TESTS,
    lambda parts: st.builds(
        lambda joint, inside: {joint: inside},
        st.sampled_from(["all", "any", "none"]),
        st.lists(parts, min_size=1, max_size=3),
    ),
    max_leaves=8,
)
BASKETS = st.builds(
    Basket, total=st.none() | st.integers(0, 4), channel=st.none() | st.sampled_from(["web", "app", "phone"])
)


def plainly_holds(tree, basket):
    """The language in its simplest words, to check the other against."""
    if "all" in tree:
        return all(plainly_holds(part, basket) for part in tree["all"])
    if "any" in tree:
        return any(plainly_holds(part, basket) for part in tree["any"])
    if "none" in tree:
        return not any(plainly_holds(part, basket) for part in tree["none"])
    observed = getattr(basket, tree["field"].removeprefix("basket."))
    wanted = tree["value"]
    if observed is None:
        return tree["op"] == "ne"
    return {
        "eq": lambda: observed == wanted,
        "ne": lambda: observed != wanted,
        "gte": lambda: observed >= wanted,
        "lt": lambda: observed < wanted,
        "in": lambda: observed in wanted,
    }[tree["op"]]()


@given(tree=TREES, basket=BASKETS)
@example(tree={"none": [{"none": [channel("ne", "web")]}]}, basket=Basket())
def test_a_condition_fails_exactly_when_its_plain_reading_is_false(tree, basket):
    assert (failure(tree, basket) is None) is plainly_holds(tree, basket)


@given(tree=TREES, basket=BASKETS)
def test_who_is_blamed_met_what_is_said(tree, basket):
    blamed = failure(tree, basket)

    if blamed is not None:
        op = blamed.op.removeprefix("not_")
        leaf = {"field": blamed.field, "op": op, "value": blamed.required}
        assert plainly_holds(leaf, basket) is blamed.op.startswith("not_")
        assert blamed.observed == getattr(basket, blamed.field.removeprefix("basket."))
