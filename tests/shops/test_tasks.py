"""What runs by itself about shops and staff."""

from datetime import UTC, datetime, timedelta

import pytest

from loyalty_site.schedule import BEAT_SCHEDULE
from shops import attempts
from shops.attempts import Door
from shops.models import AttemptCount
from shops.tasks import forget_attempts

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_counts_whose_window_is_over_are_forgotten(time_machine):
    attempts.take(door=Door.ADMIN, subject="old@example.com", at=NOON - timedelta(minutes=15))
    attempts.take(door=Door.ADMIN, subject="new@example.com", at=NOON - timedelta(minutes=14))
    time_machine.move_to(NOON, tick=False)

    forget_attempts()

    assert AttemptCount.objects.get().since == NOON - timedelta(minutes=14)


def test_it_runs_by_itself():
    assert forget_attempts.name in {entry["task"] for entry in BEAT_SCHEDULE.values()}
