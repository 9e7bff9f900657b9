"""From when to when something counts, and until when a tier is held: pure, in local days of the programme."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kernel.periods import add_months, end_of_day, local_day, start_of_day
from ledger.policies import month_and_day
from members.tiers.definitions import (
    PERIODS,
    CalendarMonth,
    CalendarYear,
    FiscalYear,
    Grace,
    Lasting,
    MembershipYear,
    RestOfPeriod,
    Rolling,
    SinceEntry,
    Span,
    UntilDay,
    Validity,
    Window,
)

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `start` up to, without, `end`; None is no limit."""

    start: datetime | None
    end: datetime | None


ALL = Stretch(None, None)


@dataclass(frozen=True, slots=True)
class Place:
    """What windows are reckoned by: the zone of local days, when the member joined, since when the tier is held."""

    zone: ZoneInfo
    joined_at: datetime
    since: datetime | None = None


def window_at(window: Window, at: datetime, place: Place) -> Stretch:
    """The stretch that counts at an instant: the whole period, or up to the end of the day."""
    if isinstance(window, SinceEntry):
        return Stretch(place.since, None)
    days = _days_of(window, local_day(at, place.zone), place)
    return Stretch(*(start_of_day(day, place.zone) for day in days)) if days else ALL


def _days_of(window: Window, day: date, place: Place) -> tuple[date, date] | None:
    """The first day, and the first that does not count any more."""
    match window:
        case Rolling(count, span):
            before = day - timedelta(days=count) if span is Span.DAYS else add_months(day, -count)
            days = before + timedelta(days=1), day + timedelta(days=1)
        case CalendarMonth():
            days = day.replace(day=1), add_months(day.replace(day=1), 1)
        case CalendarYear():
            days = _year(day, 1, 1)
        case FiscalYear(begins):
            days = _year(day, *month_and_day(begins))
        case MembershipYear():
            joined = local_day(place.joined_at, place.zone)
            days = _year(day, joined.month, joined.day)
        case _:
            return None
    return days


def window_before(window: Window, stretch: Stretch, place: Place) -> Stretch | None:
    """The period before one; None for windows without periods."""
    if not isinstance(window, PERIODS) or stretch.start is None:
        return None
    return window_at(window, stretch.start - _MOMENT, place)


def held_until(validity: Validity, *, window: Window, stretch: Stretch, at: datetime, place: Place) -> datetime | None:
    """
    The first instant at which a tier reached at `at`, by what counts in `stretch`, is not held any more; None is open.
    """
    match validity:
        case RestOfPeriod(further):
            end = stretch.end
            for _ in range(further):
                if end is not None:
                    end = window_at(window, end, place).end
            return end
        case Lasting():
            return _after(validity, local_day(at, place.zone), place.zone)
        case UntilDay(text, years):
            day = local_day(at, place.zone)
            if isinstance(window, PERIODS) and stretch.end is not None:
                day = min(day, local_day(stretch.end - _MOMENT, place.zone))
            return end_of_day(_in_year(day.year + years, *month_and_day(text)), place.zone)
        case _:
            return None


def grace_until(grace: Grace, *, at: datetime, zone: ZoneInfo) -> datetime:
    """The first instant after the grace period of a tier that ended at `at`."""
    return _after(grace, local_day(at, zone), zone)


def _after(of: Lasting | Grace, day: date, zone: ZoneInfo) -> datetime:
    """Months are whole ones, their first day included; days are whole ones after the day itself."""
    is_days = of.span is Span.DAYS
    last = day + timedelta(days=of.count) if is_days else add_months(day, of.count) - timedelta(days=1)
    if of.to_month_end:
        last = last.replace(day=monthrange(last.year, last.month)[1])
    return end_of_day(last, zone)


def _year(day: date, month: int, number: int) -> tuple[date, date]:
    year = day.year if day >= _in_year(day.year, month, number) else day.year - 1
    return _in_year(year, month, number), _in_year(year + 1, month, number)


def _in_year(year: int, month: int, number: int) -> date:
    """A day of a year; 29 February is the 28th where there is none."""
    return date(year, month, min(number, monthrange(year, month)[1]))
