"""When points become active and when they expire: real programmes' published dates, and what makes dates hard."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec
import pytest

from ledger import policies
from ledger.errors import PolicyInvalid
from ledger.policies import (
    Activity,
    AfterDays,
    BirthMonth,
    Dates,
    Decay,
    Expiry,
    Inactivity,
    Never,
    OnDelivery,
    Policy,
    Rolling,
    RoundUp,
    Span,
    Sweep,
)
from ledger.sentences import policy_sentences
from tests.ledger import tables

INSTANT = timedelta(microseconds=1)
BERLIN = ZoneInfo("Europe/Berlin")
MONTHS, YEARS, DAYS = Span.MONTHS, Span.YEARS, Span.DAYS


def day(text: str) -> date:
    return date.fromisoformat(text)


TABLE = tables.rows("expiry.md", "who")


@pytest.mark.parametrize("row", TABLE, ids=[row["who"] for row in TABLE])
def test_points_live_as_long_as_the_table_of_docs_algorithms_expiry_says(row):
    expiry = msgspec.json.decode(row["policy"].strip("`"), type=Expiry)
    policies.check_expiry(expiry, "/expiry")

    last = policies.last_day(expiry, day(row["active on"]))

    assert last == (None if row["last day"] == "never" else day(row["last day"]))


@pytest.mark.parametrize(
    ("earned", "birth_month", "last"),
    [("2007-06-15", 8, "2010-08-31"), ("2020-01-15", 2, "2023-02-28"), ("2021-01-15", 2, "2024-02-29")],
)
def test_emirates_miles_end_with_the_birth_month_of_the_third_year(earned, birth_month, last):
    assert policies.last_day(BirthMonth(3), day(earned), birth_month=birth_month) == day(last)


def test_an_unknown_birth_month_is_the_month_of_earning():
    assert policies.last_day(BirthMonth(1), day("2026-05-02")) == day("2027-05-31")


@pytest.mark.parametrize(
    ("expiry", "earned", "last"),
    [
        (Rolling(1, MONTHS), "2025-01-31", "2025-02-28"),
        (Rolling(1, MONTHS), "2024-01-31", "2024-02-29"),
        (Rolling(1, YEARS), "2024-02-29", "2025-02-28"),
        (Rolling(4, YEARS), "2024-02-29", "2028-02-29"),
        (Rolling(30, MONTHS), "2024-02-29", "2026-08-29"),
        (Rolling(90, DAYS), "2026-11-22", "2027-02-20"),
        (Rolling(6, MONTHS, RoundUp.HALF_YEAR), "2025-12-31", "2026-06-30"),
        (Rolling(6, MONTHS, RoundUp.HALF_YEAR), "2026-01-01", "2026-12-31"),
        (Rolling(1, MONTHS, RoundUp.QUARTER), "2025-12-31", "2026-03-31"),
        (Rolling(12, MONTHS, round_to_month=3), "2025-03-31", "2026-03-31"),
        (Rolling(12, MONTHS, round_to_month=3), "2025-04-01", "2027-03-31"),
        (Rolling(12, MONTHS, round_to_month=2), "2027-02-28", "2028-02-29"),
        (Dates(("12-31",)), "2026-12-31", "2026-12-31"),
        (Dates(("12-31",)), "2027-01-01", "2027-12-31"),
        (Dates(("12-31",), at_least_days=30), "2026-12-02", "2027-12-31"),
        (Dates(("12-31",), at_least_days=30), "2026-12-01", "2026-12-31"),
        (Dates(("06-30", "12-31")), "2026-07-01", "2026-12-31"),
        (Dates(("02-29",)), "2026-01-01", "2026-02-28"),
        (Dates(("02-29",)), "2027-06-01", "2028-02-29"),
        (Sweep(date(2026, 12, 31)), "2026-12-31", "2026-12-31"),
        (Sweep(date(2026, 12, 31)), "2027-01-01", None),
        (Never(), "2026-01-01", None),
    ],
)
def test_a_last_day(expiry, earned, last):
    assert policies.last_day(expiry, day(earned)) == (last and day(last))


ZONES = ["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Pacific/Apia", "America/Sao_Paulo"]
# Both nights of the change in Berlin and New York, the days around them in Auckland, the day Apia skipped, a midnight
# that Sao Paulo skipped, 29 February, ends of months and of the year.
EARNED = [
    "2025-03-29", "2025-03-30", "2025-10-25", "2025-10-26", "2025-03-08", "2025-03-09", "2025-11-01", "2025-11-02",
    "2025-04-05", "2025-04-06", "2025-09-27", "2025-09-28", "2011-12-28", "2011-12-29", "2018-11-02", "2018-11-03",
    "2024-02-28", "2024-02-29", "2025-01-31", "2025-12-31",
]  # fmt: skip


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("earned", EARNED)
@pytest.mark.parametrize("days", [1, 2, 365])
@pytest.mark.parametrize("hour", [0, 23])
def test_points_end_with_their_last_local_day(zone, earned, days, hour):
    """P08: not a second earlier, not a second later, in six zones."""
    local = ZoneInfo(zone)
    active = datetime.combine(day(earned), datetime.min.time(), local).replace(hour=hour, minute=59).astimezone(UTC)
    if active.astimezone(local).date() != day(earned):
        active += timedelta(hours=1)

    ends = policies.expires_at(policies.after(days), active=active, zone=local)

    assert ends is not None
    assert (ends - INSTANT).astimezone(local).date() <= day(earned) + timedelta(days=days)
    assert ends.astimezone(local).date() > day(earned) + timedelta(days=days)
    assert (ends - timedelta(hours=2)).astimezone(local).date() <= day(earned) + timedelta(days=days)


def test_nothing_outlives_the_programme():
    policy = Policy(expiry=Rolling(12, MONTHS), last_day=date(2026, 6, 30))

    ends = policies.expires_at(policy, active=datetime(2026, 3, 1, tzinfo=UTC), zone=BERLIN)

    assert ends == datetime(2026, 6, 30, 22, tzinfo=UTC)


def test_what_is_earned_after_the_programmes_end_is_worthless_the_moment_it_is():
    policy = Policy(last_day=date(2026, 6, 30))
    earned = datetime(2026, 7, 1, 12, tzinfo=UTC)

    assert policies.expires_at(policy, active=earned, zone=BERLIN) == earned + INSTANT


def test_a_rule_may_say_how_long_what_it_grants_lives():
    policy = policies.after(365)

    ends = policies.expires_at(
        policy, active=datetime(2026, 3, 1, 12, tzinfo=UTC), zone=BERLIN, expiry=Rolling(7, DAYS)
    )

    assert ends == datetime(2026, 3, 8, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("activation", "active"),
    [
        (policies.AtOnce(), datetime(2026, 3, 28, 12, tzinfo=UTC)),
        (AfterDays(1), datetime(2026, 3, 28, 23, tzinfo=UTC)),
        (AfterDays(2), datetime(2026, 3, 29, 22, tzinfo=UTC)),
        (OnDelivery(14), datetime(2026, 4, 10, 22, tzinfo=UTC)),
    ],
)
def test_points_become_active_at_the_start_of_a_local_day(activation, active):
    policy = Policy(activation=activation)

    assert policies.active_from(policy, earned_at=datetime(2026, 3, 28, 12, tzinfo=UTC), zone=BERLIN) == active


def test_pc_089_the_clock_of_expiry_starts_when_points_become_active():
    policy = Policy(expiry=Rolling(1, MONTHS), activation=AfterDays(14))

    active = policies.active_from(policy, earned_at=datetime(2026, 1, 20, 12, tzinfo=UTC), zone=BERLIN)

    assert policies.expires_at(policy, active=active, zone=BERLIN) == datetime(2026, 3, 3, 23, tzinfo=UTC)


def test_only_listed_activities_keep_points_alive():
    policy = Policy(expiry=Inactivity(12, MONTHS, activities=(Activity.EARN,)))
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)

    assert policies.kept_alive(policy, Activity.EARN, at=noon, zone=BERLIN) == datetime(2027, 3, 1, 23, tzinfo=UTC)
    assert policies.kept_alive(policy, Activity.SPEND, at=noon, zone=BERLIN) is None
    assert policies.kept_alive(policies.after(30), Activity.EARN, at=noon, zone=BERLIN) is None


DECAYS = (
    "After 12 weeks without earning, each further week takes 5 % of them, at least 5. After 20 weeks the rest is gone."
)
WHOLE = Policy(
    expiry=Inactivity(12, MONTHS, round_to_month=3, activities=(Activity.SPEND,)),
    activation=OnDelivery(30),
    last_day=date(2030, 12, 31),
    decay=Decay(after_weeks=12, share_permille=50, fixed=5, rest_after_weeks=20),
)


@pytest.mark.parametrize(
    "policy", [Policy(), WHOLE, Policy(expiry=Dates(("12-31",), 30)), Policy(expiry=BirthMonth(2))]
)
def test_what_is_stored_reads_as_it_was_written(policy):
    assert policies.read(policies.write(policy)) == policy


@pytest.mark.parametrize(
    ("stored", "pointer", "expected"),
    [
        ({"expiry": {"kind": "rolling", "count": 0}}, "/expiry/count", "between 1 and 1200"),
        ({"expiry": {"kind": "rolling", "count": -1, "round_up": "year"}}, "/expiry/count", "between 0 and 1200"),
        ({"expiry": {"kind": "rolling", "count": 101, "span": "years"}}, "/expiry/count", "between 1 and 100"),
        (
            {"expiry": {"kind": "rolling", "count": 1, "round_to_month": 13}},
            "/expiry/round_to_month",
            "between 1 and 12",
        ),
        (
            {"expiry": {"kind": "rolling", "count": 1, "round_up": "year", "round_to_month": 3}},
            "/expiry/round_up",
            "one way of rounding, not two",
        ),
        (
            {"expiry": {"kind": "inactivity", "count": 1, "activities": []}},
            "/expiry/activities",
            "at least one activity",
        ),
        ({"expiry": {"kind": "inactivity", "count": 0, "round_up": "year"}}, "/expiry/count", "between 1 and 1200"),
        ({"expiry": {"kind": "dates", "days": []}}, "/expiry/days", "between 1 and 20"),
        ({"expiry": {"kind": "dates", "days": ["02-30"]}}, "/expiry/days", "a day of the year such as 12-31"),
        ({"expiry": {"kind": "dates", "days": ["31.12."]}}, "/expiry/days", "a day of the year such as 12-31"),
        ({"expiry": {"kind": "birth_month", "years": 0}}, "/expiry/years", "between 1 and 50"),
        ({"expiry": {"kind": "lunar"}}, "/expiry/kind", "a policy of a unit"),
        ({"activation": {"kind": "after_days", "days": 0}}, "/activation/days", "between 1 and 365"),
        (
            {"decay": {"after_weeks": 12, "share_permille": 0, "fixed": 0}},
            "/decay/fixed",
            "a share or an amount to lose",
        ),
        (
            {"decay": {"after_weeks": 12, "share_permille": 50, "fixed": 5, "rest_after_weeks": 12}},
            "/decay/rest_after_weeks",
            "between 13 and 1040",
        ),
        ({"unknown": 1}, "", "a policy of a unit"),
    ],
)
def test_a_policy_that_no_earning_could_follow_is_refused(stored, pointer, expected):
    with pytest.raises(PolicyInvalid) as refusal:
        policies.read(stored)

    assert (refusal.value.facts["pointer"], refusal.value.facts["expected"]) == (pointer, expected)


@pytest.mark.parametrize(
    ("policy", "said"),
    [
        (Policy(), ["Points never expire."]),
        (policies.after(365), ["Points expire 365 days after they can be spent."]),
        (policies.after(1, YEARS), ["Points expire 1 year after they can be spent."]),
        (
            Policy(expiry=Rolling(12, MONTHS, RoundUp.QUARTER), activation=AfterDays(14)),
            [
                "Points expire 12 months after they can be spent, at the end of that quarter.",
                "They can be spent 14 days after they were earned.",
            ],
        ),
        (
            Policy(expiry=Rolling(0, MONTHS, RoundUp.MONTH)),
            ["Points expire at the end of that month in which they can be spent."],
        ),
        (Policy(expiry=Rolling(0, MONTHS, round_to_month=3)), ["Points expire at the end of the next March."]),
        (
            Policy(expiry=Dates(("06-30", "12-31"), at_least_days=30)),
            ["Points expire at the end of the next 30 June or 31 December that is at least 30 days away."],
        ),
        (Policy(expiry=Sweep(date(2026, 12, 31))), ["Points all expire at the end of December 31, 2026."]),
        (
            Policy(expiry=BirthMonth(3)),
            ["Points expire at the end of the birth month, 3 calendar years later."],
        ),
        (
            WHOLE,
            [
                "Points expire 12 months after the last activity (spending), at the end of the next March.",
                "They can be spent when the order is delivered, at the latest after 30 days.",
                "Nothing lives longer than December 31, 2030, the programme's last day.",
                DECAYS,
            ],
        ),
    ],
)
def test_a_policy_reads_as_sentences(policy, said):
    assert policy_sentences(policy, name="Points") == said
