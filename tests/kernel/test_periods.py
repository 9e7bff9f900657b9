"""Local days and the instants at which they begin and end, on ordinary days and on those when clocks are changed."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.periods import add_months, end_of_day, local_day, start_of_day

ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia", "America/Sao_Paulo"]
HOUR = timedelta(hours=1)
TICK = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        ("Europe/Berlin", date(2026, 1, 15), "2026-01-14 23:00", "2026-01-15 23:00"),
        ("Europe/Berlin", date(2026, 3, 29), "2026-03-28 23:00", "2026-03-29 22:00"),
        ("Europe/Berlin", date(2026, 10, 25), "2026-10-24 22:00", "2026-10-25 23:00"),
        ("America/New_York", date(2026, 3, 8), "2026-03-08 05:00", "2026-03-09 04:00"),
        ("America/New_York", date(2026, 11, 1), "2026-11-01 04:00", "2026-11-02 05:00"),
        ("Asia/Kolkata", date(2026, 3, 29), "2026-03-28 18:30", "2026-03-29 18:30"),
        ("Pacific/Auckland", date(2026, 4, 5), "2026-04-04 11:00", "2026-04-05 12:00"),
        ("Pacific/Auckland", date(2026, 9, 27), "2026-09-26 12:00", "2026-09-27 11:00"),
        # The clock went from midnight to one: the day began at one.
        ("America/Sao_Paulo", date(2018, 11, 4), "2018-11-04 03:00", "2018-11-05 02:00"),
        # At midnight the clock went back to eleven: the day before had 25 hours.
        ("America/Sao_Paulo", date(2018, 2, 17), "2018-02-17 02:00", "2018-02-18 03:00"),
        # Samoa crossed the date line: the 30th did not happen.
        ("Pacific/Apia", date(2011, 12, 29), "2011-12-29 10:00", "2011-12-30 10:00"),
        ("Pacific/Apia", date(2011, 12, 30), "2011-12-30 10:00", "2011-12-30 10:00"),
        ("Pacific/Apia", date(2011, 12, 31), "2011-12-30 10:00", "2011-12-31 10:00"),
        # Midnight came twice: the day begins with the first.
        ("America/Havana", date(2026, 11, 1), "2026-11-01 04:00", "2026-11-02 05:00"),
        ("UTC", date(2024, 2, 29), "2024-02-29 00:00", "2024-03-01 00:00"),
    ],
)
def test_when_a_local_day_begins_and_ends(zone, day, begins, ends):
    assert start_of_day(day, ZoneInfo(zone)) == utc(begins)
    assert end_of_day(day, ZoneInfo(zone)) == utc(ends)


@pytest.mark.parametrize("zone", ZONES)
def test_every_day_of_a_decade_begins_with_its_first_instant_and_ends_where_the_next_begins(zone):
    here = ZoneInfo(zone)
    day = date(2011, 1, 1)
    while day < date(2021, 1, 1):
        begin, end = start_of_day(day, here), end_of_day(day, here)

        happened = begin < end
        assert happened or (zone, day) == ("Pacific/Apia", date(2011, 12, 30))
        if happened:
            assert (local_day(begin, here), local_day(begin - TICK, here) < day) == (day, True)
            assert (local_day(end - TICK, here), local_day(end, here) > day) == (day, True)
            assert end - begin in {23 * HOUR, 24 * HOUR, 25 * HOUR}
        day += timedelta(days=1)


@given(at=st.datetimes(datetime(2000, 1, 1), datetime(2037, 1, 1), timezones=st.just(UTC)), zone=st.sampled_from(ZONES))  # noqa: DTZ001  # hypothesis wants naive bounds
def test_every_instant_is_within_its_local_day(at, zone):
    here = ZoneInfo(zone)
    day = local_day(at, here)

    assert start_of_day(day, here) <= at < end_of_day(day, here)


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(
    ("moment", "days_later"), [(-timedelta(seconds=1), 0), (timedelta(0), 1), (timedelta(seconds=1), 1)]
)
def test_a_second_before_its_end_it_is_still_the_day(zone, moment, days_later):
    day = date(2026, 3, 29)

    at = end_of_day(day, ZoneInfo(zone)) + moment

    assert local_day(at, ZoneInfo(zone)) == day + timedelta(days=days_later)


@pytest.mark.parametrize(
    ("day", "months", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2024, 2, 29), 48, date(2028, 2, 29)),
        (date(2023, 2, 28), 12, date(2024, 2, 28)),
        (date(2026, 3, 31), 1, date(2026, 4, 30)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 3, 15), 0, date(2026, 3, 15)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
    ],
)
def test_adding_months_stops_at_the_months_end(day, months, result):
    assert add_months(day, months) == result


@given(day=st.dates(date(2000, 1, 1), date(2100, 1, 1)), months=st.integers(0, 240))
def test_adding_months_never_skips_one(day, months):
    result = add_months(day, months)

    assert (result.year * 12 + result.month) - (day.year * 12 + day.month) == months
    assert result.day <= day.day
