"""Corrections: new postings that name the one they correct."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import AmountNotPositive


@dataclass(frozen=True, slots=True)
class ClawedBack:
    """
    Where a claw-back found its points, in minor units.

    `taken` left the wallet, `lapsed` had expired unspent (the member lost it already), `owed` became arrears.
    """

    posting_id: int
    fresh: bool
    taken: int
    lapsed: int
    owed: int


def claw_back(
    *, origin_posting_id: int, amount: int, source: str, reference: str, at: datetime, actor: str
) -> ClawedBack:
    """
    Take back `amount` of an earning: from its own lot, then against what expired of it, then other lots, the rest is arrears.

    The sum of all claw-backs of an earning never exceeds it; the database refuses more.

    :raises AmountNotPositive: if `amount` is below one minor unit
    """
    if amount <= 0:
        raise AmountNotPositive(amount=amount)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posting, fresh, coalesce(taken, 0), coalesce(lapsed, 0), coalesce(owed, 0)"
            " FROM ledger_claw_back(%s, %s, %s, %s, %s, %s)",
            [origin_posting_id, amount, source, reference, at, actor],
        )
        return ClawedBack(*cursor.fetchone())


def reverse(*, burn_posting_id: int, at: datetime, grace_until: datetime, actor: str) -> int:
    """
    Undo a spending once: points go back to their lots; what expired meanwhile comes back in a lot until `grace_until`.

    Asking again returns the first reversal's posting id and moves nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posting FROM ledger_reverse(%s, %s, %s, %s)", [burn_posting_id, at, grace_until, actor]
        )
        (posting_id,) = cursor.fetchone()
    return int(posting_id)
