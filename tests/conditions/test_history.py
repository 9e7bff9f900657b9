"""What conditions say about what happened before: read, refused and said."""

import msgspec
import pytest

from conditions.asking import asks_of
from conditions.deciding import Failure, first_failure
from conditions.errors import ConditionInvalid
from conditions.sentences import Reader
from conditions.situation import Situation
from conditions.tree import parse
from conditions.vocabulary import Expression, Field, FieldType, Past, Vocabulary


def _never(_facts):
    raise AssertionError


VISIT = Vocabulary("visit")
VISIT.declare(Field("visit.spent", FieldType.MONEY, "the spending", _never, sql=Expression("visit.spent")))
VISIT.declare(Field("visit.place", FieldType.TEXT, "the place", _never, sql=Expression("visit.place")))
GUEST = Vocabulary("guest")
GUEST.declare(Past("visits", "visit", "visits", VISIT, "visit", "visit.guest", "visit.house", "visit.at"))


def visits(measure="count", within="ever", op="gte", value=3, **more):
    return {"history": "visits", "measure": measure, "within": within, "op": op, "value": value, **more}


IN_TOWN = {"field": "visit.place", "op": "eq", "value": "town"}


def knowing(tree, value):
    (name,) = asks_of(parse(tree, GUEST))
    return first_failure(parse(tree, GUEST), Situation(None, None, {name: value}))


def test_the_same_question_has_one_name_however_it_is_written():
    plain = visits("sum", of="visit.spent", where={"all": []})
    other = {**dict(reversed(plain.items())), "value": 9, "op": "lt"}
    del other["where"]

    assert asks_of(parse(plain, GUEST)) == asks_of(parse(other, GUEST))
    (name,) = asks_of(parse(plain, GUEST))
    assert msgspec.json.decode(name) == {
        "history": "visits",
        "measure": "sum",
        "of": "visit.spent",
        "within": "ever",
    }


def test_what_is_known_is_compared_and_blamed():
    tree = visits("last", op="lte", value=7)

    assert knowing(tree, 7) is None
    assert knowing(tree, 8) == Failure(
        "visits", "lte", 7, 8, {"history": "visits", "measure": "last", "within": "ever"}
    )
    assert knowing(tree, None).observed is None


def test_who_never_came_did_not_come_long_ago_either():
    assert knowing(visits("last", op="gt", value=90), None) is not None
    assert knowing(visits("last", op="ne", value=90), None) is None


MEASURES = ["sum", "count", "average", "last", "distinct_days"]


@pytest.mark.parametrize(
    ("change", "pointer", "expected"),
    [
        ({"history": "orders"}, "/history", ["visits"]),
        ({"history": 7}, "/history", ["visits"]),
        ({"measure": "most"}, "/measure", MEASURES),
        ({"measure": "sum"}, "/of", ["visit.place", "visit.spent"]),
        ({"measure": "average", "of": "visit.place"}, "/of", ["visit.spent"]),
        ({"of": "visit.spent"}, "/of", "nothing: count is of no field"),
        ({"where": {"field": "visit.mood", "op": "eq", "value": "x"}}, "/where/field", ["visit.place", "visit.spent"]),
        ({"within": "never"}, "/within", "ever, or last with unit, or period with unit"),
        ({"within": {"last": 3}}, "/within", "ever, or last with unit, or period with unit"),
        ({"within": {"last": 0, "unit": "day"}}, "/within/last", "a whole number from 1 to 36500"),
        ({"within": {"last": True, "unit": "day"}}, "/within/last", "a whole number from 1 to 36500"),
        ({"within": {"last": 3, "unit": "quarter"}}, "/within/unit", ["day", "week", "month", "year"]),
        ({"within": {"period": "next", "unit": "day"}}, "/within/period", ["current", "previous"]),
        ({"within": {"period": "current", "unit": []}}, "/within/unit", ["day", "week", "month", "quarter", "year"]),
        ({"op": "has_any"}, "/op", ["eq", "ne", "gt", "gte", "lt", "lte", "in", "not_in"]),
        ({"value": "3"}, "/value", "a whole number"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(change, pointer, expected):
    with pytest.raises(ConditionInvalid) as refusal:
        parse({**visits(), **change}, GUEST)

    assert (refusal.value.facts["pointer"], refusal.value.facts["expected"]) == (pointer, expected)


@pytest.mark.parametrize(
    ("tree", "sentence"),
    [
        (visits(), "the number of visits is at least 3"),
        (visits(within={"last": 90, "unit": "day"}), "the number of visits in the last 90 days is at least 3"),
        (visits(within={"last": 1, "unit": "month"}), "the number of visits in the last month is at least 3"),
        (visits("last", op="gt", value=30), "the days since the last visit is more than 30"),
        (
            visits("sum", {"period": "previous", "unit": "quarter"}, of="visit.spent", value=5000),
            "the spending of all visits together in the quarter before is at least 50.00 Taler",
        ),
        (
            visits("average", {"period": "current", "unit": "year"}, of="visit.spent", where=IN_TOWN, value=100),
            "the spending of visits on average in the same year (only where the place is town) is at least 1.00 Taler",
        ),
        (visits("distinct_days", op="lt", value=2), "the number of days with visits is below 2"),
    ],
)
def test_it_is_said_in_words(tree, sentence):
    assert Reader(GUEST, lambda minor: f"{minor / 100:.2f} Taler").condition(tree) == sentence


def test_a_miss_is_told_with_what_was_required_and_what_there_was():
    reader = Reader(GUEST, lambda minor: f"{minor / 100:.2f} Taler")
    missed = knowing(visits("sum", of="visit.spent", value=5000), 4999)
    held = knowing({"none": [visits()]}, 4)

    assert reader.required(missed) == "the spending of all visits together is at least 50.00 Taler"
    assert reader.observed(missed) == "49.99 Taler"
    assert reader.required(held) == "the number of visits is below 3"
    assert reader.observed(held) == "4"
