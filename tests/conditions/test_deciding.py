"""Whether a condition holds, and which test is to blame when it does not."""

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from conditions.deciding import Failure, first_failure
from conditions.tree import parse
from tests.conditions.basket import BASKET, Basket, Thing


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


NUMBERS = st.integers(0, 4)
ORDERED = st.sampled_from(["eq", "ne", "gt", "gte", "lt", "lte"])
SKUS = st.sampled_from(["CAKE", "BREAD"])
LABELS = st.sampled_from(["new", "vegan", "sale"])
LISTS = {"min_size": 1, "max_size": 2}


def comparisons(number, text):
    return st.one_of(
        st.builds(a_test, st.just(number), ORDERED, NUMBERS),
        st.builds(a_test, st.just(number), st.sampled_from(["in", "not_in"]), st.lists(NUMBERS, **LISTS)),
        st.builds(a_test, st.just(text), st.sampled_from(["eq", "ne"]), SKUS),
        st.builds(a_test, st.just(text), st.sampled_from(["in", "not_in"]), st.lists(SKUS, **LISTS)),
    )


def a_test(field, op, value):
    return {"field": field, "op": op, "value": value}


def grouped(tests):
    return st.recursive(
        tests,
        lambda parts: st.builds(
            lambda joint, inside: {joint: inside},
            st.sampled_from(["all", "any", "none"]),
            st.lists(parts, min_size=1, max_size=3),
        ),
        max_leaves=5,
    )


ABOUT_THINGS = grouped(
    comparisons("thing.price", "thing.sku")
    | st.builds(
        a_test,
        st.just("thing.labels"),
        st.sampled_from(["has_any", "has_all", "has_none"]),
        st.lists(LABELS, **LISTS),
    )
)
AMONG = st.builds(
    lambda which, where: {"of": "basket.things", "which": which, "where": where},
    st.sampled_from(["any", "every", "none", "cheapest", "dearest"]),
    ABOUT_THINGS,
)
SUMS = st.builds(
    lambda field, where, op, value: {"of": "basket.things", "sum": field, "where": where, "op": op, "value": value},
    st.sampled_from([None, "thing.price", "thing.pieces"]),
    ABOUT_THINGS,
    ORDERED,
    NUMBERS,
)
TREES = grouped(comparisons("basket.total", "basket.channel") | AMONG | SUMS)
THINGS = st.builds(
    Thing,
    sku=st.none() | SKUS,
    price=st.none() | NUMBERS,
    pieces=st.none() | NUMBERS,
    labels=st.lists(LABELS, max_size=2, unique=True).map(tuple),
)
BASKETS = st.builds(
    Basket, total=st.none() | NUMBERS, channel=st.none() | SKUS, things=st.lists(THINGS, max_size=3).map(tuple)
)


def plainly_holds(tree, facts):
    """The language in its simplest words, to check the other against."""
    for joint, joined in (("all", all), ("any", any), ("none", lambda parts: not any(parts))):
        if joint in tree:
            return joined([plainly_holds(part, facts) for part in tree[joint]])
    if "which" in tree:
        return plainly_among(tree, facts.things)
    observed = plain_sum(tree, facts.things) if "of" in tree else getattr(facts, tree["field"].partition(".")[2])
    return plainly_compares(observed, tree)


def plainly_among(tree, things):
    met = [plainly_holds(tree["where"], thing) for thing in things]
    if tree["which"] == "any":
        return any(met)
    if tree["which"] == "none":
        return not any(met)
    if tree["which"] == "every":
        return bool(met) and all(met)
    priced = [(thing.price, place) for place, thing in enumerate(things) if thing.price is not None]
    if not priced:
        return False
    if tree["which"] == "cheapest":
        _, place = min(priced)
    else:
        _, place = min((-price, place) for price, place in priced)
    return met[place]


def plain_sum(tree, things):
    counted = [thing for thing in things if plainly_holds(tree["where"], thing)]
    if tree["sum"] is None:
        return len(counted)
    return sum(getattr(thing, tree["sum"].partition(".")[2]) or 0 for thing in counted)


def plainly_compares(observed, tree):
    wanted = tree["value"]
    if observed is None:
        return tree["op"] in {"ne", "not_in", "has_none"}
    return {
        "eq": lambda: observed == wanted,
        "ne": lambda: observed != wanted,
        "gt": lambda: observed > wanted,
        "gte": lambda: observed >= wanted,
        "lt": lambda: observed < wanted,
        "lte": lambda: observed <= wanted,
        "in": lambda: observed in wanted,
        "not_in": lambda: observed not in wanted,
        "has_any": lambda: any(value in observed for value in wanted),
        "has_all": lambda: all(value in observed for value in wanted),
        "has_none": lambda: not any(value in observed for value in wanted),
    }[tree["op"]]()


@settings(max_examples=1000)
@given(tree=TREES, basket=BASKETS)
@example(tree={"none": [{"none": [channel("ne", "web")]}]}, basket=Basket())
def test_a_condition_fails_exactly_when_its_plain_reading_is_false(tree, basket):
    assert (failure(tree, basket) is None) is plainly_holds(tree, basket)


@settings(max_examples=1000)
@given(tree=TREES, basket=BASKETS)
def test_who_is_blamed_met_what_is_said(tree, basket):
    blamed = failure(tree, basket)

    if blamed is not None:
        is_turned, leaf = leaf_of(blamed, tree)
        assert plainly_holds(leaf, basket) is is_turned
        if "which" not in leaf:
            observed = plain_sum(leaf, basket.things) if "of" in leaf else getattr(basket, blamed.field[7:])
            assert blamed.observed == observed


def leaf_of(blamed, tree):
    """Whether a test is blamed because it held, and that test. `not_in` may be `in` that held."""
    for op in (blamed.op, blamed.op.removeprefix("not_")):
        if blamed.test is None:
            leaf = a_test(blamed.field, op, blamed.required)
        elif "which" in blamed.test:
            leaf = blamed.test
        else:
            leaf = blamed.test | {"op": op, "value": blamed.required}
        if any(same(leaf, known) for known in leaves(tree)):
            return op != blamed.op or ("which" in leaf and blamed.op != leaf["which"]), leaf
    raise AssertionError(blamed)


def leaves(tree):
    for joint in ("all", "any", "none"):
        if joint in tree:
            for part in tree[joint]:
                yield from leaves(part)
            return
    yield tree


def same(one, other):
    return (
        one == {**other, "value": sorted(set(other["value"]))} if isinstance(other.get("value"), list) else one == other
    )
