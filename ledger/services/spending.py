"""Points spent at once, without a reservation before."""

from datetime import datetime

from django.db import connection

from ledger.errors import AmountNotPositive, InsufficientPoints, ReferenceReused
from ledger.models import Entry
from ledger.policies import Activity
from ledger.services.living import before_spending, keep_alive


def burn(  # noqa: PLR0913 -- the verb names every part of a posting
    *,
    programme_id: int,
    wallet_id: int,
    unit_id: int,
    amount: int,
    source: str,
    reference: str,
    at: datetime,
    actor: str,
) -> int:
    """
    Take `amount` out of the wallet, soonest-to-expire lots first; return the posting's id.

    The same `(source, reference)` again takes nothing more and returns the first posting.

    :raises AmountNotPositive: if `amount` is below one minor unit
    :raises InsufficientPoints: if the wallet can't pay at `at`
    :raises ReferenceReused: if the reference stands for another wallet or amount
    """
    if amount <= 0:
        raise AmountNotPositive(amount=amount)
    policies = before_spending(wallet_id=wallet_id, unit_id=unit_id, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT posting, fresh, spendable FROM ledger_burn(%s, %s, %s, %s, %s, %s, %s, %s)",
            [programme_id, wallet_id, unit_id, amount, source, reference, at, actor],
        )
        posting_id, fresh, spendable = cursor.fetchone()
    if posting_id is None:
        raise InsufficientPoints(required=amount, spendable=spendable)
    if not fresh and not _is_same(posting_id, wallet_id, unit_id, amount):
        raise ReferenceReused(reference=reference)
    if fresh:
        keep_alive(wallet_id=wallet_id, activity=Activity.SPEND, at=at, by=policies)
    return int(posting_id)


def _is_same(posting_id: int, wallet_id: int, unit_id: int, amount: int) -> bool:
    return Entry.objects.filter(posting_id=posting_id, wallet_id=wallet_id, unit_id=unit_id, amount=-amount).exists()
