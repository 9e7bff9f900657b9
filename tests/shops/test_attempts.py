"""Failed sign-ins are counted exactly."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from shops import attempts
from shops.attempts import Door
from shops.errors import TooManyAttempts
from shops.models import AttemptCount

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


def try_often(times: int, *, at: datetime = NOON, subject: str = "ada@example.com", door: Door = Door.ADMIN) -> None:
    for _ in range(times):
        attempts.take(door=door, subject=subject, at=at)


@pytest.mark.django_db
def test_the_sixth_try_is_refused_and_says_until_when():
    try_often(5)

    with pytest.raises(TooManyAttempts) as refusal:
        attempts.take(door=Door.ADMIN, subject="ada@example.com", at=NOON + timedelta(minutes=14))

    assert refusal.value.facts == {"until": NOON + timedelta(minutes=15)}
    assert AttemptCount.objects.get().tries == 5


@pytest.mark.django_db
def test_the_window_ends_after_fifteen_minutes_however_often_it_was_tried_meanwhile():
    try_often(5)
    with pytest.raises(TooManyAttempts):
        attempts.take(door=Door.ADMIN, subject="ada@example.com", at=NOON + timedelta(minutes=14, seconds=59))

    attempts.take(door=Door.ADMIN, subject="ada@example.com", at=NOON + timedelta(minutes=15))

    assert AttemptCount.objects.get().tries == 1


@pytest.mark.django_db
def test_another_spelling_is_the_same_address():
    try_often(5)

    with pytest.raises(TooManyAttempts):
        attempts.take(door=Door.ADMIN, subject=" Ada@Example.COM", at=NOON)


@pytest.mark.django_db
def test_other_people_and_other_doors_are_not_held_up():
    try_often(5)

    attempts.take(door=Door.ADMIN, subject="bob@example.com", at=NOON)
    attempts.take(door=Door.COUNTER, subject="ada@example.com", at=NOON)

    assert sorted(AttemptCount.objects.values_list("tries", flat=True)) == [1, 1, 5]


@pytest.mark.django_db
def test_a_success_begins_anew():
    try_often(4)

    attempts.forget(door=Door.ADMIN, subject="ADA@example.com")

    try_often(5)
    assert AttemptCount.objects.get().tries == 5


@pytest.mark.django_db
def test_ended_windows_are_cleared_and_running_ones_kept():
    try_often(1, subject="old@example.com", at=NOON - timedelta(minutes=15))
    try_often(1, subject="new@example.com", at=NOON - timedelta(minutes=14))

    cleared = attempts.clear_ended(at=NOON)

    assert cleared == 1
    assert AttemptCount.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_three_hundred_tries_at_once_are_five():
    def guess(_):
        try:
            attempts.take(door=Door.ADMIN, subject="ada@example.com", at=NOON)
        except TooManyAttempts:
            return False
        else:
            return True
        finally:
            connection.close()

    with ThreadPoolExecutor(32) as crowd:
        looked_at = sum(crowd.map(guess, range(300)))

    assert looked_at == 5
    assert AttemptCount.objects.get().tries == 5
