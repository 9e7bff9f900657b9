"""What silent accounts lose."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.policies import Decay


@dataclass(frozen=True, slots=True)
class Looked:
    """One batch: how many wallets it looked at, and the last of them; None when none was left."""

    wallets: int
    upto: int | None


def decay_wallet(*, wallet_id: int, unit_id: int, decay: Decay, at: datetime) -> int:
    """
    Post what a wallet lost of a unit by `at`, each week with a posting of its own; return how much, in minor units.

    Doing it again, or late, comes to the same.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_decay_wallet(%s, %s, %s, %s, %s, %s, %s)", [wallet_id, unit_id, at, *_figures(decay)]
        )
        (lost,) = cursor.fetchone()
    return int(lost)


def decay_next(*, unit_id: int, decay: Decay, at: datetime, after: int = 0, wallets: int = 500) -> Looked:
    """`decay_wallet` for the next silent wallets after one, in the order of their ids."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT looked, upto FROM ledger_decay_next(%s, %s, %s, %s, %s, %s, %s, %s)",
            [unit_id, at, *_figures(decay), after, wallets],
        )
        return Looked(*cursor.fetchone())


def settle_next(*, programme_id: int, at: datetime, after: int = 0, wallets: int = 500) -> Looked:
    """Set off arrears against what became active by `at`, for the next owing wallets after one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT looked, upto FROM ledger_settle_next(%s, %s, %s, %s)", [programme_id, at, after, wallets]
        )
        return Looked(*cursor.fetchone())


def _figures(decay: Decay) -> list[int | None]:
    return [decay.after_weeks, decay.share_permille, decay.fixed, decay.rest_after_weeks]
