"""Bars are as high as their numbers, on one scale."""

from datetime import date, timedelta

import pytest

from ledger.figures import Moved
from reports.chart import chart_of, rounded_up
from reports.queries import Day


def days(*points):
    first = date(2026, 3, 1)
    return [Day(first + timedelta(days=number), points=moved) for number, moved in enumerate(points)]


def test_earned_and_spent_share_one_scale():
    chart = chart_of(days(Moved(earned=100, spent=50), Moved(earned=25, spent=200)))

    assert chart.top == 200
    assert [(bar.earned, bar.spent) for bar in chart.bars] == [(50.0, 25.0), (12.5, 100.0)]


def test_every_seventh_day_is_named_counted_from_the_last():
    chart = chart_of(days(*[Moved()] * 30))

    assert [bar.day.day.day for bar in chart.bars if bar.is_named] == [2, 9, 16, 23, 30]
    assert (chart.first, chart.last) == (date(2026, 3, 1), date(2026, 3, 30))


def test_days_without_points_are_flat():
    chart = chart_of(days(Moved(), Moved()))

    assert (chart.top, [bar.earned + bar.spent for bar in chart.bars]) == (10, [0, 0])


@pytest.mark.parametrize(
    ("amount", "top"),
    [(0, 10), (10, 10), (11, 15), (21, 30), (51, 60), (101, 150), (499, 500), (501, 600), (801, 1000), (6001, 8000)],
)
def test_the_scale_ends_at_a_round_number(amount, top):
    assert rounded_up(amount) == top
