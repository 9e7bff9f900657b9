"""Sums over the books for reports: set-based reads over many wallets. Amounts are minor units of the unit."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from ledger.models import Unit


@dataclass(frozen=True, slots=True)
class Points:
    """The unit that a programme's reports are about."""

    programme_id: int
    unit_id: int
    name: str
    decimals: int


@dataclass(frozen=True, slots=True)
class Moved:
    """
    What happened to members' points, each a positive number.

    `corrected` is what undone spendings brought back less what returns took back; it may be below zero.
    """

    earned: int = 0
    spent: int = 0
    expired: int = 0
    corrected: int = 0

    @property
    def change(self) -> int:
        """By how much members hold more than before."""
        return self.earned - self.spent - self.expired + self.corrected


@dataclass(frozen=True, slots=True)
class Lapsing:
    """What will expire if it is not spent, and in how many wallets."""

    amount: int
    wallets: int


@dataclass(frozen=True, slots=True)
class Open:
    """What members have of a unit that will expire: minor units, lots, wallets."""

    amount: int
    lots: int
    wallets: int


_MOVED = """
       coalesce(sum(entry.amount) FILTER (WHERE posting.kind = 'ACCRUE'), 0)::bigint,
       coalesce(-sum(entry.amount) FILTER (WHERE posting.kind = 'BURN'), 0)::bigint,
       coalesce(-sum(entry.amount) FILTER (WHERE posting.kind = 'EXPIRE'), 0)::bigint,
       coalesce(sum(entry.amount) FILTER (WHERE posting.kind NOT IN ('ACCRUE', 'BURN', 'EXPIRE')), 0)::bigint
  FROM ledger_posting posting
  JOIN ledger_entry entry ON entry.posting_id = posting.id AND entry.unit_id = %(unit)s
  JOIN ledger_account account ON account.id = entry.account_id AND account.kind = 'MEMBER'
 WHERE posting.programme_id = %(programme)s AND posting.occurred_at >= %(start)s AND posting.occurred_at < %(end)s
"""


def points_of(programme_id: int) -> Points | None:
    """The programme's oldest unit of points."""
    unit = Unit.objects.filter(programme_id=programme_id, klass=Unit.Klass.POINTS).order_by("pk").first()
    return Points(programme_id, unit.pk, unit.name, unit.decimals) if unit else None


def moved(points: Points, *, start: datetime, end: datetime) -> Moved:
    """What happened to members' points in `[start, end)`, by the time of the event."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {_MOVED}", _values(points, start=start, end=end))
        return Moved(*cursor.fetchone())


def moved_by_day(points: Points, *, start: datetime, end: datetime, zone: ZoneInfo) -> dict[date, Moved]:
    """`moved` by local day; days on which nothing happened are left out."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT (posting.occurred_at AT TIME ZONE %(zone)s)::date, {_MOVED} GROUP BY 1",
            {**_values(points, start=start, end=end), "zone": zone.key},
        )
        return {day: Moved(*sums) for day, *sums in cursor.fetchall()}


def outstanding(points: Points, *, at: datetime) -> int:
    """
    What members hold at `at`, pending and reserved included: the liability.

    Lapsed lots are left out, whether or not their expiry is posted yet.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce((SELECT sum(balance) FROM ledger_account
                              WHERE programme_id = %(programme)s AND unit_id = %(unit)s AND kind = 'MEMBER'), 0)
                 - coalesce((SELECT sum(lot.remaining - lot.reserved)
                               FROM ledger_lot lot JOIN ledger_account account ON account.id = lot.account_id
                              WHERE lot.expires_at <= %(at)s AND lot.remaining > 0 AND lot.expires_at IS NOT NULL
                                AND account.programme_id = %(programme)s AND account.unit_id = %(unit)s), 0)
            """,
            {"programme": points.programme_id, "unit": points.unit_id, "at": at},
        )
        (total,) = cursor.fetchone()
    return int(total)


def lapsing(points: Points, *, at: datetime, within: timedelta) -> Lapsing:
    """What expires in `(at, at + within]`."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(lot.remaining - lot.reserved), 0), count(DISTINCT lot.wallet_id)
              FROM ledger_lot lot JOIN ledger_account account ON account.id = lot.account_id
             WHERE lot.expires_at > %(at)s AND lot.expires_at <= %(until)s AND lot.expires_at IS NOT NULL
               AND lot.remaining > 0 AND lot.remaining > lot.reserved
               AND account.programme_id = %(programme)s AND account.unit_id = %(unit)s
            """,
            {"programme": points.programme_id, "unit": points.unit_id, "at": at, "until": at + within},
        )
        amount, wallets = cursor.fetchone()
    return Lapsing(int(amount), int(wallets))


def open_points(unit_id: int, *, at: datetime) -> Open:
    """What members have at `at` that will expire some day."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT coalesce(sum(lot.remaining), 0), count(*), count(DISTINCT lot.wallet_id)
              FROM ledger_lot lot JOIN ledger_account account ON account.id = lot.account_id
             WHERE account.unit_id = %s AND lot.remaining > 0 AND lot.expires_at > %s
            """,
            [unit_id, at],
        )
        amount, lots, wallets = cursor.fetchone()
    return Open(int(amount), int(lots), int(wallets))


def _values(points: Points, *, start: datetime, end: datetime) -> dict[str, Any]:
    return {"unit": points.unit_id, "programme": points.programme_id, "start": start, "end": end}
