"""
An exact limit on failed sign-ins, for every door people come in by, and on looking for others by their number.

One row per door and subject, moved by one conditional statement: however many tries arrive at once, no more than the
limit are ever looked at. A try is counted before its password or code is looked at, and forgotten when that was right.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.db import connection
from django.db.models import Q

from shops.errors import TooManyAttempts
from shops.models import AttemptCount


class Door(StrEnum):
    """Where somebody tries to come in. Each door counts for itself."""

    ADMIN = "admin"
    COUNTER = "counter"
    COCKPIT = "cockpit"
    RECEIVER = "receiver"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `tries` in `window`, which begins with the first one."""

    tries: int
    window: timedelta


# Enough to mistype, too few to guess; and nobody can lock somebody else out for longer than the window.
SIGN_IN = Limit(tries=5, window=timedelta(minutes=15))
# For `Door.RECEIVER`, found or not: enough for a large family, too few to find anybody by trying.
LOOK_UPS = Limit(tries=20, window=timedelta(hours=24))


def take(*, door: Door, subject: str, at: datetime, limit: Limit = SIGN_IN) -> None:
    """
    Count a try of `subject` (the e-mail address as typed, known or not) before its password or code is looked at.

    Must be called outside a transaction that may be rolled back: a try that is forgotten was never limited.

    :raises TooManyAttempts: if the window's tries are used up; fact `until` is its end. This try must not be looked at
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO shops_attemptcount AS row (door, subject_sha256, tries, since)
            VALUES (%(door)s, %(subject)s, 1, %(at)s)
            ON CONFLICT (door, subject_sha256) DO UPDATE
               SET tries = CASE WHEN row.since <= %(ended)s THEN 1 ELSE row.tries + 1 END,
                   since = CASE WHEN row.since <= %(ended)s THEN %(at)s ELSE row.since END
             WHERE row.since <= %(ended)s OR row.tries < %(limit)s
            RETURNING tries
            """,
            {
                "door": door,
                "subject": _sha256(subject),
                "at": at,
                "ended": at - limit.window,
                "limit": limit.tries,
            },
        )
        if cursor.fetchone() is None:
            raise TooManyAttempts(until=_since(door, subject, at) + limit.window)


def forget(*, door: Door, subject: str) -> None:
    """Begin anew after a sign-in that succeeded."""
    AttemptCount.objects.filter(door=door, subject_sha256=_sha256(subject)).delete()


def clear_ended(*, at: datetime) -> int:
    """Delete counts whose window is over; return how many."""
    over = Q(since__lte=at - SIGN_IN.window) & ~Q(door=Door.RECEIVER)
    deleted, _ = AttemptCount.objects.filter(over | Q(since__lte=at - LOOK_UPS.window)).delete()
    return deleted


def _since(door: Door, subject: str, at: datetime) -> datetime:
    row = AttemptCount.objects.filter(door=door, subject_sha256=_sha256(subject)).first()
    return row.since if row else at


def _sha256(subject: str) -> bytes:
    # Hashed, so that the table is no list of addresses; folded, as sign-ins are compared without case.
    return hashlib.sha256(subject.strip().casefold().encode()).digest()
