"""
How many requests a key has left this minute.

A process takes requests from the shared count in small leases and hands them out by itself, so most requests touch no
database. Leases shrink as the limit comes near: the limit is never exceeded, and at most a twentieth of what is left is
reserved by a process that does not use it.
"""

from dataclasses import dataclass
from datetime import datetime
from threading import Lock

from django.db import connection

WINDOW_SECONDS = 60
_LEASE_PART = 20


@dataclass(frozen=True, slots=True)
class Allowance:
    """The answer for one request: whether it is granted, and what the caller may still do in how many seconds."""

    granted: bool
    limit: int
    remaining: int
    reset_seconds: int


@dataclass(slots=True)
class _Lease:
    window: int
    left: int
    shared: int


class Allowances:
    """The leases of this process, by key."""

    def __init__(self) -> None:
        self._leases: dict[int, _Lease] = {}
        self._lock = Lock()

    def take(self, *, key_id: int, limit: int, at: datetime) -> Allowance:
        """Use one request of the key's minute."""
        window, elapsed = divmod(int(at.timestamp()), WINDOW_SECONDS)
        reset = WINDOW_SECONDS - elapsed
        left = self._spend(key_id, window)
        if left is None:
            left = self._renew(key_id, window, limit)
        return Allowance(granted=left is not None, limit=limit, remaining=left or 0, reset_seconds=reset)

    def _spend(self, key_id: int, window: int) -> int | None:
        """Hand out one request of the lease and say what is left of the minute; None when the lease is empty."""
        with self._lock:
            lease = self._leases.get(key_id)
            if lease is None or lease.window != window or lease.left == 0:
                return None
            lease.left -= 1
            return lease.left + lease.shared

    def _renew(self, key_id: int, window: int, limit: int) -> int | None:
        """Take a new lease and hand out its first request; None when the minute is used up."""
        with self._lock:
            lease = self._leases.get(key_id)
            shared = lease.shared if lease is not None and lease.window == window else limit
        if shared == 0:
            return None
        wanted = max(1, shared // _LEASE_PART)
        free = limit - (_count(key_id, window, wanted) - wanted)
        with self._lock:
            lease = self._leases.get(key_id)
            # Another thread may have taken a lease meanwhile; what is left of it stays good.
            kept = lease.left if lease is not None and lease.window == window else 0
            self._leases[key_id] = lease = _Lease(window, kept + max(0, min(wanted, free)), max(0, free - wanted))
            if lease.left == 0:
                return None
            lease.left -= 1
            return lease.left + lease.shared


def _count(key_id: int, window: int, requests: int) -> int:
    """Add to the shared count of the window and return it."""
    with connection.cursor() as cursor:
        cursor.execute(
            'INSERT INTO integrations_ratewindow AS shared (key_id, "window", granted) VALUES (%s, %s, %s)'
            ' ON CONFLICT (key_id) DO UPDATE SET "window" = excluded."window", granted = excluded.granted'
            ' + CASE WHEN shared."window" = excluded."window" THEN shared.granted ELSE 0 END RETURNING granted',
            [key_id, window, requests],
        )
        (counted,) = cursor.fetchone()
        return int(counted)
