"""Local days and the instants at which they end."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta


def local_day(at: datetime, zone: ZoneInfo) -> date:
    """The calendar day of an instant in `zone`."""
    return at.astimezone(zone).date()


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day, as an instant in UTC (right on both DST nights)."""
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(ZoneInfo("UTC"))


def end_of_day(day: date, zone: ZoneInfo) -> datetime:
    """The exclusive end of an inclusive local day, as an instant in UTC."""
    return start_of_day(day + timedelta(days=1), zone)


def add_months(day: date, months: int) -> date:
    """Add months, clamped to the month's end: 31 January + 1 month is 28 or 29 February."""
    return day + relativedelta(months=months)
