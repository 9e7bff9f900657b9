"""From when to when an earning can be spent: pure, in local days of the programme's time zone."""

from calendar import monthrange
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import add_months, end_of_day, local_day, start_of_day
from ledger.policies.terms import (
    Activity,
    AfterDays,
    BirthMonth,
    Dates,
    Expiry,
    Inactivity,
    OnDelivery,
    Policy,
    Rolling,
    RoundUp,
    Span,
    Sweep,
    month_and_day,
)

_MONTHS = {RoundUp.MONTH: 1, RoundUp.QUARTER: 3, RoundUp.HALF_YEAR: 6, RoundUp.YEAR: 12}


def active_from(policy: Policy, *, earned_at: datetime, zone: ZoneInfo) -> datetime:
    """From when an earning of `earned_at` can be spent if nothing else is reported."""
    match policy.activation:
        case AfterDays(days) | OnDelivery(days):
            return start_of_day(local_day(earned_at, zone) + timedelta(days=days), zone)
        case _:
            return earned_at


def expires_at(
    policy: Policy, *, active: datetime, zone: ZoneInfo, birth_month: int | None = None, expiry: Expiry | None = None
) -> datetime | None:
    """
    The first instant at which an earning that became active at `active` can't be spent any more; None is never.

    `expiry` is what a rule says instead of the policy. It is at least the end of the day on which points become
    active, unless the programme is over by then.
    """
    day = local_day(active, zone)
    last = last_day(expiry or policy.expiry, day, birth_month=birth_month)
    if policy.last_day is not None:
        last = policy.last_day if last is None else min(last, policy.last_day)
    if last is None:
        return None
    return max(end_of_day(last, zone), active + timedelta(microseconds=1))


def kept_alive(policy: Policy, activity: Activity, *, at: datetime, zone: ZoneInfo) -> datetime | None:
    """Until when `activity` at `at` keeps alive what a member has; None if the policy doesn't listen to it."""
    if isinstance(policy.expiry, Inactivity) and activity in policy.expiry.activities:
        return expires_at(policy, active=at, zone=zone)
    return None


def last_day(expiry: Expiry, day: date, *, birth_month: int | None = None) -> date | None:
    """The last local day of what became active, or was last used, on `day`; None is never."""
    match expiry:
        case Rolling(count, span, round_up, round_to_month) | Inactivity(count, span, round_up, round_to_month):
            return _rounded(_later(day, count, span), round_up, round_to_month)
        case Dates(days, at_least_days):
            return _next_of(days, day + timedelta(days=at_least_days))
        case Sweep(swept):
            return swept if day <= swept else None
        case BirthMonth(years):
            return _end_of_month(day.year + years, birth_month or day.month)
        case _:
            return None


def _later(day: date, count: int, span: Span) -> date:
    if span is Span.DAYS:
        return day + timedelta(days=count)
    return add_months(day, count * (12 if span is Span.YEARS else 1))


def _rounded(day: date, round_up: RoundUp | None, round_to_month: int | None) -> date:
    if round_to_month is not None:
        return _end_of_month(day.year + (day.month > round_to_month), round_to_month)
    if round_up is None:
        return day
    months = _MONTHS[round_up]
    return _end_of_month(day.year, -(-day.month // months) * months)


def _next_of(days: tuple[str, ...], earliest: date) -> date:
    # 29 February ends with the month in other years; the year after next has every day of this one's list.
    return min(
        end
        for year in (earliest.year, earliest.year + 1)
        for month, number in map(month_and_day, days)
        if (end := date(year, month, min(number, monthrange(year, month)[1]))) >= earliest
    )


def _end_of_month(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])
