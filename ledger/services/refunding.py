"""Spent points given back: a spending undone, in parts or whole."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import AmountNotPositive, RefundAboveSpent
from ledger.services.references import refused_when_reused


@dataclass(frozen=True, slots=True)
class Refunded:
    """What was given back, in minor units; `fresh` is false when the same request had done it before."""

    posting_id: int
    fresh: bool
    amount: int


def refund(  # noqa: PLR0913 -- the verb names every part of a posting
    *,
    burn_posting_id: int,
    source: str,
    reference: str,
    at: datetime,
    grace_until: datetime,
    actor: str,
    amount: int | None = None,
) -> Refunded:
    """
    Give back `amount` of a spending, or all that is left of it: what was taken last returns to its lot first, with the
    lot's expiry; what expired meanwhile comes back in a lot until `grace_until`.

    Many small refunds restore what one big one does. The same reference again moves nothing and answers what the first
    did.

    :raises AmountNotPositive: if `amount` is below one minor unit
    :raises RefundAboveSpent: if not so much is left of the spending, or nothing
    :raises ReferenceReused: if the reference stands for another spending or amount
    """
    if amount is not None and amount <= 0:
        raise AmountNotPositive(amount=amount)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT posting, fresh, amount, left_over FROM ledger_refund(%s, %s, %s, %s, %s, %s, %s)",
            [burn_posting_id, amount, source, reference, at, grace_until, actor],
        )
        posting_id, fresh, given, left = cursor.fetchone()
    if posting_id is None:
        raise RefundAboveSpent(left=left, amount=given)
    return Refunded(posting_id, fresh, given)


def reverse(*, burn_posting_id: int, at: datetime, grace_until: datetime, actor: str) -> int:
    """
    Undo a spending once: all that was not given back yet, as `refund` does it; return the posting's id.

    Asking again returns the first reversal's posting id and moves nothing.

    :raises RefundAboveSpent: if all of it was given back by refunds
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT posting FROM ledger_reverse(%s, %s, %s, %s)", [burn_posting_id, at, grace_until, actor])
        (posting_id,) = cursor.fetchone()
    if posting_id is None:
        raise RefundAboveSpent(left=0, amount=0)
    return int(posting_id)


def lock_wallets(wallet_ids: Iterable[int]) -> None:
    """
    Lock wallets in the order of locks until the end of the transaction, before one verb after the other is about them.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_lock_all(%s)", [sorted(set(wallet_ids))])
