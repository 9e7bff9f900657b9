"""Who has a birthday, or an anniversary of their membership. Reads only."""

from collections.abc import Collection
from datetime import date
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import F, Q, QuerySet
from django.db.models.functions import ExtractDay, ExtractMonth

from kernel.periods import local_day
from members.models import Member
from shops.models import Programme

_LEAP_DAY = (2, 29)


class Celebrating(msgspec.Struct, frozen=True):
    """An active member with the local day that is theirs; `years` since they joined, 0 for a birthday."""

    member_id: int
    number: str
    day: date
    years: int = 0


def days_of_year(days: Collection[date]) -> dict[tuple[int, int], date]:
    """The days of the year (month, day) that are celebrated on `days`: 29 February on the 28th where there is none."""
    found = {(day.month, day.day): day for day in days}
    for day in days:
        if (day.month, day.day) == (2, 28) and not _is_leap(day.year):
            found[_LEAP_DAY] = day
    return found


def birthdays(programme: Programme, days: Collection[date]) -> QuerySet[Member]:
    """Active members who told that they were born on a day of the year that is celebrated on one of `days`."""
    rows = Member.objects.annotate(of_month=F("birth_month"), of_day=F("birth_day"))
    return _on(rows, programme, days)


def anniversaries(programme: Programme, days: Collection[date]) -> QuerySet[Member]:
    """Active members who joined on a day of the year that is celebrated on one of `days`, those of that day too."""
    zone = programme.zone
    rows = Member.objects.annotate(
        of_month=ExtractMonth("joined_at", tzinfo=zone), of_day=ExtractDay("joined_at", tzinfo=zone)
    )
    return _on(rows, programme, days)


def birthday_of(member: Member, days: Collection[date]) -> Celebrating:
    """On which of `days` a member that `birthdays` gave celebrates."""
    day = days_of_year(days)[member.birth_month or 0, member.birth_day or 0]
    return Celebrating(member.pk, member.number, day)


def anniversary_of(member: Member, days: Collection[date], zone: ZoneInfo) -> Celebrating:
    """On which of `days` a member that `anniversaries` gave celebrates, and how many years."""
    joined = local_day(member.joined_at, zone)
    day = days_of_year(days)[joined.month, joined.day]
    return Celebrating(member.pk, member.number, day, day.year - joined.year)


def _on(rows: QuerySet[Member], programme: Programme, days: Collection[date]) -> QuerySet[Member]:
    wanted = Q()
    for month, day in days_of_year(days):
        wanted |= Q(of_month=month, of_day=day)
    return rows.filter(wanted, programme=programme, status=Member.Status.ACTIVE).order_by("pk")


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
