"""Corrections: new postings that name the one they correct."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import AmountNotPositive
from ledger.services.references import refused_when_reused


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


@dataclass(frozen=True, slots=True)
class ClawBack:
    """Take back `amount` of the earning that `origin_posting_id` booked into `wallet_id`."""

    origin_posting_id: int
    wallet_id: int
    amount: int
    source: str
    reference: str
    at: datetime


def claw_back(*, claim: ClawBack, actor: str) -> ClawedBack:
    """
    Take back a part of an earning: from its own lot, then against what expired of it, then other lots, the rest is
    arrears.

    The sum of all claw-backs of an earning never exceeds it; the database refuses more. The same reference again moves
    nothing and answers what the first did.

    :raises AmountNotPositive: if the amount is below one minor unit
    :raises ReferenceReused: if the reference stands for another earning or amount
    """
    (clawed,) = claw_back_many(claims=[claim], actor=actor)
    return clawed


def claw_back_many(*, claims: Sequence[ClawBack], actor: str) -> list[ClawedBack]:
    """`claw_back` for many by one statement; the claims of a wallet are worked off in the given order."""
    if not claims:
        return []
    for claim in claims:
        if claim.amount <= 0:
            raise AmountNotPositive(amount=claim.amount)
    # Wallet by wallet in order of id: two batches then never wait for each other in a circle.
    order = sorted(range(len(claims)), key=lambda position: (claims[position].wallet_id, position))
    ordered = [claims[position] for position in order]
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT posting, fresh, taken, lapsed, owed"
            "  FROM ledger_claw_back_many(%s, %s, %s, %s, %s, %s::timestamptz[], %s)",
            [
                sorted({claim.wallet_id for claim in ordered}),
                [claim.origin_posting_id for claim in ordered],
                [claim.amount for claim in ordered],
                [claim.source for claim in ordered],
                [claim.reference for claim in ordered],
                [claim.at for claim in ordered],
                actor,
            ],
        )
        answers = dict(zip(order, (ClawedBack(*row) for row in cursor.fetchall()), strict=True))
    return [answers[position] for position in range(len(claims))]
