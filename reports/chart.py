"""Bars of the points earned and spent each day, as parts of the picture's height."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.queries import Day

# Every how many days one is named below the picture, counted back from the last.
NAMED_EVERY = 7


@dataclass(frozen=True, slots=True)
class Bar:
    """One day; heights are percent of the half of the picture that the bar stands in."""

    day: Day
    earned: float
    spent: float
    is_named: bool


@dataclass(frozen=True, slots=True)
class Chart:
    """The bars, and the amount that fills each half: one scale for both, so that they can be compared."""

    bars: list[Bar]
    top: int

    @property
    def first(self) -> date:
        return self.bars[0].day.day

    @property
    def last(self) -> date:
        return self.bars[-1].day.day


def chart_of(days: Sequence[Day]) -> Chart:
    """Draw days, oldest first."""
    top = rounded_up(max(max(day.points.earned, day.points.spent) for day in days))
    last = len(days) - 1
    return Chart(
        [
            Bar(
                day,
                earned=_percent(day.points.earned, top),
                spent=_percent(day.points.spent, top),
                is_named=(last - position) % NAMED_EVERY == 0,
            )
            for position, day in enumerate(days)
        ],
        top,
    )


def rounded_up(amount: int) -> int:
    """The next round number that is at least `amount`: 10, 15, 20, 30, 40, 50, 60, 80, 100, 150, ..."""
    power = 1
    while True:
        for step in (10, 15, 20, 30, 40, 50, 60, 80):
            if step * power >= amount:
                return step * power
        power *= 10


def _percent(part: int, whole: int) -> float:
    return round(100 * part / whole, 2)
