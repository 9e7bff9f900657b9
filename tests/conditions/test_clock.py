"""What conditions say about the time, on the clock of the shop."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from conditions.asking import asks_of
from conditions.deciding import Failure, first_failure
from conditions.errors import ConditionInvalid
from conditions.sentences import Reader
from conditions.situation import Situation
from conditions.tree import parse
from conditions.vocabulary import CLOCK

BERLIN = "Europe/Berlin"


def a_test(field, op, value):
    return {"field": field, "op": op, "value": value}


def at(text, zone=BERLIN):
    moment = datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))
    return Situation(None, moment, {"clock.zone": zone})


def holds(tree, asked):
    return first_failure(parse(tree, CLOCK), asked) is None


HAPPY_HOUR = {"all": [a_test("clock.time", "gte", "16:00"), a_test("clock.time", "lt", "18:00")]}
THIRD_FRIDAY = {"all": [a_test("clock.weekday", "eq", "fri"), a_test("clock.turn", "eq", 3)]}
LAST_FRIDAY = {"all": [a_test("clock.weekday", "eq", "fri"), a_test("clock.last_turn", "eq", True)]}


@pytest.mark.parametrize(
    ("time", "is_in"),
    [("15:59:59", False), ("16:00:00", True), ("17:59:59", True), ("18:00:00", False)],
)
def test_an_hour_begins_with_its_first_second_and_ends_before_its_last(time, is_in):
    assert holds(HAPPY_HOUR, at(f"2026-03-06T{time}")) is is_in


@pytest.mark.parametrize(
    ("day", "third", "last"),
    [
        ("2026-05-08", False, False),
        ("2026-05-15", True, False),
        ("2026-05-22", False, False),
        ("2026-05-29", False, True),
        ("2026-05-14", False, False),
        ("2026-02-27", False, True),
    ],
)
def test_a_day_recurs_by_its_turn_in_the_month(day, third, last):
    asked = at(f"{day}T12:00:00")

    assert (holds(THIRD_FRIDAY, asked), holds(LAST_FRIDAY, asked)) == (third, last)


@pytest.mark.parametrize(
    ("test", "held"),
    [
        (a_test("clock.date", "gte", "2026-12-24"), True),
        (a_test("clock.date", "lt", "2026-12-24"), False),
        (a_test("clock.date", "in", ["2026-12-24", "2026-12-31"]), True),
        (a_test("clock.month", "eq", 12), True),
        (a_test("clock.day", "lte", 23), False),
        (a_test("clock.week", "eq", 52), True),
        (a_test("clock.weekday", "in", ["sat", "sun"]), False),
        (a_test("clock.weekday", "eq", "thu"), True),
    ],
)
def test_dates_are_asked_by_the_calendar(test, held):
    assert holds(test, at("2026-12-24T09:30:00")) is held


def test_the_clock_is_the_shops():
    new_year_in_auckland = Situation(
        None, at("2027-01-01T00:30:00", "Pacific/Auckland").at, {"clock.zone": "Pacific/Auckland"}
    )
    still_december = Situation(None, new_year_in_auckland.at, {"clock.zone": "America/New_York"})

    assert holds(a_test("clock.date", "eq", "2027-01-01"), new_year_in_auckland)
    assert holds(a_test("clock.date", "eq", "2026-12-31"), still_december)


def test_the_hour_that_a_night_in_autumn_has_twice_counts_twice():
    first = datetime(2026, 10, 25, 2, 30, tzinfo=ZoneInfo(BERLIN)).astimezone(ZoneInfo("UTC"))
    again = first + timedelta(hours=1)
    at_half_past_two = a_test("clock.time", "eq", "02:30")

    assert holds(at_half_past_two, Situation(None, first, {"clock.zone": BERLIN}))
    assert holds(at_half_past_two, Situation(None, again, {"clock.zone": BERLIN}))


def test_only_what_is_asked_about_time_needs_the_zone():
    assert asks_of(parse({"any": [{"none": [THIRD_FRIDAY]}]}, CLOCK)) == {"clock.zone"}
    assert asks_of(parse({"all": []}, CLOCK)) == frozenset()


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        (a_test("clock.time", "eq", "24:00"), "a time such as 16:00"),
        (a_test("clock.time", "eq", "9:00"), "a time such as 16:00"),
        (a_test("clock.date", "eq", "2026-02-30"), "a date such as 2026-12-24"),
        (a_test("clock.date", "in", ["20261224"]), "a list, each a date such as 2026-12-24"),
        (a_test("clock.last_turn", "eq", 1), "true or false"),
        (a_test("clock.weekday", "eq", "freitag"), ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
        (a_test("clock.weekday", "in", ["fri", "x"]), ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]),
    ],
)
def test_a_value_that_no_clock_shows_is_refused(test, expected):
    with pytest.raises(ConditionInvalid) as refusal:
        parse(test, CLOCK)

    assert refusal.value.facts["pointer"] == "/value"
    assert refusal.value.facts["expected"] == expected


def test_times_are_said_as_people_say_them():
    reader = Reader(CLOCK, str)

    assert reader.condition(LAST_FRIDAY) == "the day of the week is Friday and it is the last such weekday of the month"
    assert reader.condition(a_test("clock.last_turn", "eq", False)) == "not: it is the last such weekday of the month"
    assert reader.condition(a_test("clock.date", "gte", "2026-12-24")) == "the date is at least December 24, 2026"


def test_a_failure_names_the_day_there_was():
    failure = first_failure(parse(a_test("clock.weekday", "eq", "fri"), CLOCK), at("2026-03-02T12:00:00"))
    reader = Reader(CLOCK, str)

    assert failure == Failure("clock.weekday", "eq", "fri", "mon")
    assert reader.required(failure) == "the day of the week is Friday"
    assert reader.observed(failure) == "Monday"


def test_a_flag_that_should_not_have_been_set_is_told():
    failure = first_failure(parse({"none": [a_test("clock.last_turn", "eq", True)]}, CLOCK), at("2026-05-29T12:00:00"))
    reader = Reader(CLOCK, str)

    assert failure == Failure("clock.last_turn", "not_eq", True, True)
    assert reader.required(failure) == "not: it is the last such weekday of the month"
    assert reader.observed(failure) == "yes"
