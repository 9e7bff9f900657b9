"""Ladders of these tests: green for everybody, silver from 500 (400 to stay), gold from 1000 (800 to stay)."""

from dataclasses import replace as replaced
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import msgspec

from kernel.periods import end_of_day, start_of_day
from members.tiers.definitions import (
    CalendarMonth,
    CalendarYear,
    Definition,
    Drop,
    FiscalYear,
    ForEver,
    Grace,
    Lasting,
    MembershipYear,
    Quota,
    Requirement,
    RestOfPeriod,
    Rolling,
    Span,
    Tier,
    UntilDay,
    WhileMet,
)
from members.tiers.standing import Case, Cause, Own, Which
from members.tiers.windows import Place

BERLIN = ZoneInfo("Europe/Berlin")
JOINED = datetime(2024, 11, 20, 9, 0, tzinfo=UTC)


def at_least(amount, metric="points:points"):
    return Requirement(any_of=(Quota(metric, amount),))


def tiers(metric="points:points"):
    return (
        Tier("green", "Green"),
        Tier("silver", "Silver", at_least(500, metric), at_least(400, metric)),
        Tier("gold", "Gold", at_least(1000, metric), at_least(800, metric)),
    )


def harder(levels, factor):
    """The same tiers, so many times as hard to reach and to keep."""
    return tuple(
        msgspec.structs.replace(tier, entry=_more(tier.entry, factor), keep=_more(tier.keep, factor))
        if tier.entry
        else tier
        for tier in levels
    )


def _more(requirement, factor):
    (quota,) = requirement.any_of
    return at_least(quota.at_least * factor, quota.metric)


A = Definition(tiers(), CalendarYear(), RestOfPeriod(1))
MONTH = Grace(1)
LADDERS = {
    "A": A,
    "B": msgspec.structs.replace(A, grace=MONTH),
    "C": msgspec.structs.replace(A, drop=Drop.ONE),
    "D": msgspec.structs.replace(A, drop=Drop.FORMER),
    "E": Definition(tiers(), Rolling(12), Lasting(12)),
    "F": Definition(tiers(), Rolling(12), WhileMet(), MONTH),
    "G": Definition(tiers(), Rolling(12), WhileMet()),
    "H": Definition(tiers(), Rolling(12), WhileMet(), Grace(1, to_month_end=True)),
}
WINDOWS = {
    "calendar year": CalendarYear(),
    "calendar month": CalendarMonth(),
    "year from 04-06": FiscalYear("04-06"),
    "membership year": MembershipYear(),
    "last 12 months": Rolling(12),
    "last 13 months": Rolling(13),
    "last 90 days": Rolling(90, Span.DAYS),
}
VALIDITIES = {
    "rest of the period and 1 more": RestOfPeriod(1),
    "rest of the period and 0 more": RestOfPeriod(0),
    "12 months": Lasting(12),
    "12 months to the end of the month": Lasting(12, to_month_end=True),
    "30 days": Lasting(30, Span.DAYS),
    "to 02-29, 2 years on": UntilDay("02-29", 2),
    "while met": WhileMet(),
    "for ever": ForEver(),
}


def noon(day):
    return start_of_day(date.fromisoformat(day), BERLIN) + timedelta(hours=12)


def the_end_of(day):
    return end_of_day(date.fromisoformat(day), BERLIN) if day else None


def last_day(until):
    """The last local day of an exclusive end."""
    return (until - timedelta(microseconds=1)).astimezone(BERLIN).date().isoformat() if until else ""


def own(text, cause=None):
    """`gold to 2026-12-31 after silver`, reached in 2025; empty is nothing."""
    if not text:
        return None
    held, _, former = text.partition(" after ")
    tier, _, day = held.partition(" to ")
    since = datetime(2025, 6, 10, 10, 0, tzinfo=UTC)
    cause = cause or (Cause.ENTERED if tier == "green" else Cause.EARNED)
    return Own(tier, since, the_end_of(day), cause, former)


def told(held):
    """What `own` reads: of anything with a tier and an end."""
    if held is None:
        return ""
    return f"{held.tier} to {last_day(held.until)}" if held.until else held.tier


def a_case(day="2026-05-17", held="", **others):
    """One member, at noon of a day; the first instant of a day on which something ended is asked as that."""
    return Case(noon(day), Place(BERLIN, JOINED), own(held), **others)


def counts(now=0, before=0, ever=0, trial=0):
    """The same metric everywhere."""
    amounts = {Which.NOW: now, Which.BEFORE: before, Which.EVER: ever, Which.TRIAL: trial}
    return lambda which, _metric: amounts[which]


def again(case, outcome, *, at=None):
    """The case after an outcome."""
    grants = tuple(grant for grant in case.grants if grant.id not in outcome.ended)
    return replaced(case, at=at or case.at, own=outcome.own, grants=grants)
