"""Numbers about a programme, read from the rooms below; nothing here is stored."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from itertools import dropwhile
from zoneinfo import ZoneInfo

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncDate

from kernel.periods import local_day, start_of_day
from ledger import figures
from ledger.figures import Moved, Points
from members.models import Member
from orders.models import Order
from shops.models import Programme

DAYS = 30


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: orders placed, their money in minor units, and what happened to members' points."""

    day: date
    orders: int = 0
    turnover: int = 0
    points: Moved = field(default_factory=Moved)


@dataclass(frozen=True, slots=True)
class Compared:
    """
    A figure so far today, yesterday's until this time of day, and what a whole day brings on average.

    The average is over the whole days since the first one with an order, 29 at most; None while there is no such day.
    """

    now: int
    yesterday: int
    average: int | None = None

    @property
    def change(self) -> int:
        return self.now - self.yesterday


@dataclass(frozen=True, slots=True)
class Active:
    """Members who bought something in the last 30 days, and in the 30 days before those."""

    now: int
    before: int

    @property
    def change(self) -> int:
        return self.now - self.before


@dataclass(frozen=True, slots=True)
class Today:
    """A programme as it is now; `days` are the last 30 with today, oldest first."""

    points: Points
    orders: Compared
    turnover: Compared
    earned: Compared
    spent: Compared
    joined: Compared
    active: Active
    outstanding: int
    days: list[Day]

    @property
    def total(self) -> Moved:
        """The points of all days."""
        return Moved(*(sum(getattr(day.points, name) for day in self.days) for name in Moved.__slots__))


@dataclass(frozen=True, slots=True)
class _Clock:
    """The instants that today's figures are cut at, in the programme's zone."""

    at: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        return local_day(self.at, self.zone)

    @property
    def yesterday(self) -> date:
        return self.today - timedelta(days=1)

    @property
    def yesterday_now(self) -> datetime:
        """Yesterday at the time that the clock on the wall shows now."""
        wall = self.at.astimezone(self.zone).timetz()
        return datetime.combine(self.yesterday, wall).astimezone(UTC)

    @property
    def days(self) -> list[date]:
        return [self.today - timedelta(days=ago) for ago in range(DAYS - 1, -1, -1)]

    def start(self, day: date) -> datetime:
        return start_of_day(day, self.zone)


def today(programme: Programme, *, at: datetime) -> Today | None:
    """The programme's figures at `at`; None while it has no points to count."""
    points = figures.points_of(programme.pk)
    if points is None:
        return None
    clock = _Clock(at, programme.zone)
    days = _days(points, clock)
    yesterday = _until_now_yesterday(points, clock)
    return Today(
        points=points,
        orders=_compared(days, lambda day: day.orders, yesterday),
        turnover=_compared(days, lambda day: day.turnover, yesterday),
        earned=_compared(days, lambda day: day.points.earned, yesterday),
        spent=_compared(days, lambda day: day.points.spent, yesterday),
        joined=_joined(programme.pk, clock),
        active=_active(programme.pk, clock),
        outstanding=figures.outstanding(points, at=at),
        days=days,
    )


def _compared(days: Sequence[Day], figure: Callable[[Day], int], yesterday: Day) -> Compared:
    whole_days = list(dropwhile(lambda day: day.orders == 0, days[:-1]))
    average = round(sum(map(figure, whole_days)) / len(whole_days)) if whole_days else None
    return Compared(figure(days[-1]), figure(yesterday), average)


def _days(points: Points, clock: _Clock) -> list[Day]:
    start, end = clock.start(clock.days[0]), clock.at
    moved = figures.moved_by_day(points, start=start, end=end, zone=clock.zone)
    placed = {
        row["day"]: row
        for row in Order.objects.filter(programme_id=points.programme_id, placed_at__gte=start, placed_at__lt=end)
        .annotate(day=TruncDate("placed_at", tzinfo=clock.zone))
        .values("day")
        .annotate(orders=Count("pk"), turnover=Sum("total"))
    }
    nothing = {"orders": 0, "turnover": 0}
    return [
        Day(day, placed.get(day, nothing)["orders"], placed.get(day, nothing)["turnover"], moved.get(day, Moved()))
        for day in clock.days
    ]


def _until_now_yesterday(points: Points, clock: _Clock) -> Day:
    start, end = clock.start(clock.yesterday), clock.yesterday_now
    sums = Order.objects.filter(programme_id=points.programme_id, placed_at__gte=start, placed_at__lt=end).aggregate(
        orders=Count("pk"), turnover=Sum("total", default=0)
    )
    return Day(clock.yesterday, sums["orders"], sums["turnover"], figures.moved(points, start=start, end=end))


def _joined(programme_id: int, clock: _Clock) -> Compared:
    today, yesterday = clock.start(clock.today), clock.start(clock.yesterday)
    sums = Member.objects.filter(programme_id=programme_id, joined_at__gte=yesterday, joined_at__lt=clock.at).aggregate(
        now=Count("pk", filter=Q(joined_at__gte=today)),
        yesterday=Count("pk", filter=Q(joined_at__lt=clock.yesterday_now)),
    )
    return Compared(sums["now"], sums["yesterday"])


def _active(programme_id: int, clock: _Clock) -> Active:
    since, before = clock.at - timedelta(days=DAYS), clock.at - timedelta(days=2 * DAYS)
    sums = Order.objects.filter(
        programme_id=programme_id, member__isnull=False, placed_at__gte=before, placed_at__lt=clock.at
    ).aggregate(
        now=Count("member", distinct=True, filter=Q(placed_at__gte=since)),
        before=Count("member", distinct=True, filter=Q(placed_at__lt=since)),
    )
    return Active(sums["now"], sums["before"])
