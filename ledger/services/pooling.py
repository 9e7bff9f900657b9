"""Pools: wallets that others fill, where each lot names whose it is and goes home when its giver leaves."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, connection
from psycopg import errors

from ledger import policies
from ledger.errors import NotOfPool
from ledger.models import Unit
from ledger.policies import Activity
from ledger.queries import policies_at
from ledger.services.decaying import Looked
from ledger.services.living import before_spending
from ledger.services.moving import Moved, move
from ledger.services.opening import open_wallets
from ledger.services.references import refused_when_reused
from ledger.services.refunding import lock_wallets


@dataclass(frozen=True, slots=True)
class Pooled:
    """What went into a pool out of one earning, in minor units: nothing when none of it was active and free."""

    posting_id: int | None
    fresh: bool
    amount: int


def open_pool(*, programme_id: int, at: datetime) -> int:
    """Open an empty pool, which nobody fills yet; return its wallet's id."""
    (pool_id,) = open_wallets(programme_id=programme_id, count=1, at=at, as_pools=True)
    return pool_id


def join_pool(*, pool_id: int, wallet_id: int, at: datetime) -> None:
    """From now on the wallet may fill the pool. What holds still keep of what it gave before stays there again."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_join_pool(%s, %s, %s)", [pool_id, wallet_id, at])


def leave_pool(*, pool_id: int, wallet_id: int, at: datetime) -> None:
    """
    All that is left and free of what the wallet gave goes home, in lots that live as long as they did in the pool; what
    holds keep follows the moment they end without spending it, and so does what a refund gives back.
    """
    _count_silence(pool_id, wallet_id, at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_leave_pool(%s, %s, %s)", [pool_id, wallet_id, at])


def contribute(  # noqa: PLR0913 -- the verb names every part of a posting
    *, wallet_id: int, pool_id: int, unit: Unit, amount: int, source: str, reference: str, at: datetime, actor: str
) -> Moved:
    """
    Give `amount` to a pool that the wallet fills; no activity of anybody.

    :raises NotOfPool: if the wallet does not fill the pool, or does not any more
    :raises AmountNotPositive: if `amount` is below one minor unit
    :raises UnitNotMovable: if the unit only counts towards something
    :raises InsufficientPoints: if the wallet has less at `at`
    :raises ReferenceReused: if the reference stands for another move
    """
    _count_silence(pool_id, wallet_id, at)
    with _refused_to_strangers(pool_id, wallet_id):
        return move(
            wallet_id=wallet_id,
            to_wallet_id=pool_id,
            unit=unit,
            amount=amount,
            source=source,
            reference=reference,
            at=at,
            actor=actor,
        )


def contribute_earning(  # noqa: PLR0913 -- the verb names every part of a posting
    *, earning_id: int, pool_id: int, amount: int, source: str, reference: str, at: datetime, actor: str
) -> Pooled:
    """
    Give up to `amount` of what an earning's posting made to a pool, out of its very lot, as far as it is active and
    free. The same reference again moves nothing.

    :raises NotOfPool: if the wallet that earned does not fill the pool
    :raises ReferenceReused: if the reference stands for something else
    """
    with connection.cursor() as cursor, refused_when_reused(), _refused_to_strangers(pool_id, None):
        cursor.execute(
            "SELECT posting, fresh, amount FROM ledger_pool_lot(%s, %s, %s, %s, %s, %s, %s)",
            [earning_id, pool_id, amount, source, reference, at, actor],
        )
        return Pooled(*cursor.fetchone())


def pool_earned(*, pool_id: int, unit_ids: list[int], at: datetime) -> None:
    """One of those who fill a pool earned at `at`: so the pool is not silent, and what listens to earning lives on."""
    found = policies_at(pool_id, at=at)
    until = []
    for unit_id in unit_ids:
        policy, zone = found[unit_id]
        until.append(policies.kept_alive(policy, Activity.EARN, at=at, zone=zone))
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_pool_earned(%s, %s, %s::timestamptz[], %s)", [pool_id, unit_ids, until, at])


def send_home_next(*, programme_id: int, at: datetime, after: int = 0, pools: int = 500) -> Looked:
    """What came free of those who left goes home, for the next pools after one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT looked, upto FROM ledger_send_home_next(%s, %s, %s, %s)", [programme_id, at, after, pools]
        )
        return Looked(*cursor.fetchone())


def _count_silence(pool_id: int, wallet_id: int, at: datetime) -> None:
    """What either lost until now is counted from what it had until now."""
    decaying = [unit_id for unit_id, (policy, _zone) in policies_at(pool_id, at=at).items() if policy.decay is not None]
    if decaying:
        lock_wallets([pool_id, wallet_id])
    for one in (pool_id, wallet_id):
        for unit_id in decaying:
            before_spending(wallet_id=one, unit_id=unit_id, at=at)


@contextmanager
def _refused_to_strangers(pool_id: int, wallet_id: int | None) -> Iterator[None]:
    try:
        yield
    except IntegrityError as clash:
        cause = clash.__cause__
        if isinstance(cause, errors.CheckViolation) and cause.diag.constraint_name == "pool_is_filled_by_its_members":
            raise NotOfPool(pool=pool_id, wallet=wallet_id) from clash
        raise
