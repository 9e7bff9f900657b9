"""Reads of pools: whose what is in them is, and when it expires."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.models import Unit


@dataclass(frozen=True, slots=True)
class Part:
    """
    What one wallet gave that is left in a pool and expires at one instant (None: never), in minor units. `reserved` is
    the part of `amount` that open holds keep.
    """

    wallet_id: int
    unit: Unit
    amount: int
    reserved: int
    expires_at: datetime | None

    @property
    def free(self) -> int:
        return self.amount - self.reserved


# Lots past their time count only as far as an open hold keeps them, as in balances.
_PARTS = """
SELECT account.wallet_id, origin.from_wallet_id, account.unit_id, lot.expires_at,
       sum(CASE WHEN lot.expires_at <= %(at)s THEN coalesce(kept.amount, 0) ELSE lot.remaining END),
       sum(coalesce(kept.amount, 0))
  FROM ledger_account account
  JOIN ledger_lot lot ON lot.account_id = account.id AND lot.remaining > 0
  JOIN ledger_lotorigin origin ON origin.lot_id = lot.id
  LEFT JOIN LATERAL (
       SELECT sum(part.amount) AS amount FROM ledger_hold hold JOIN ledger_holdlot part ON part.hold_id = hold.id
        WHERE hold.account_id = account.id AND hold.state = 'HELD' AND hold.expires_at > %(at)s
          AND part.lot_id = lot.id) kept ON true
 WHERE account.wallet_id = ANY(%(pools)s) AND account.kind = 'MEMBER'
   AND (lot.expires_at IS NULL OR lot.expires_at > %(at)s OR kept.amount > 0)
 GROUP BY account.wallet_id, origin.from_wallet_id, account.unit_id, lot.expires_at
 ORDER BY account.unit_id, lot.expires_at, origin.from_wallet_id
"""


def parts_of_pools(pool_ids: Sequence[int], *, at: datetime) -> dict[int, list[Part]]:
    """By pool, what is left in it: whose, of which unit, until when; what expires soonest first."""
    with connection.cursor() as cursor:
        cursor.execute(_PARTS, {"pools": list(pool_ids), "at": at})
        rows = cursor.fetchall()
    units = Unit.objects.in_bulk({unit_id for _, _, unit_id, *_ in rows})
    found: dict[int, list[Part]] = {pool_id: [] for pool_id in pool_ids}
    for pool_id, wallet_id, unit_id, expires_at, amount, reserved in rows:
        found[pool_id].append(Part(wallet_id, units[unit_id], int(amount), int(reserved), expires_at))
    return found


def parts_of(pool_id: int, *, at: datetime) -> list[Part]:
    """`parts_of_pools` for one pool."""
    return parts_of_pools([pool_id], at=at)[pool_id]
