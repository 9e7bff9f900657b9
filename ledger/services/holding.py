"""Points reserved for a checkout or a reward: reserve, then capture or release."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import AmountAboveHold, AmountNotPositive, HoldNotOpen, InsufficientPoints, ReferenceReused
from ledger.models import Hold
from ledger.policies import Activity
from ledger.services.living import before_spending, keep_alive
from ledger.services.references import refused_when_reused


@dataclass(frozen=True, slots=True)
class Reserved:
    """A reservation; `fresh` is false when the same request had made it before."""

    hold_id: int
    fresh: bool


def reserve(  # noqa: PLR0913 -- the verb names every part of a posting
    *,
    programme_id: int,
    wallet_id: int,
    unit_id: int,
    amount: int,
    source: str,
    reference: str,
    at: datetime,
    until: datetime,
) -> Reserved:
    """
    Keep `amount` of the wallet until `until`; lots it keeps are honoured even if they expire meanwhile.

    :raises AmountNotPositive: if `amount` is below one minor unit
    :raises InsufficientPoints: if the wallet can't pay at `at`
    :raises ReferenceReused: if the reference stands for another wallet or amount
    """
    if amount <= 0:
        raise AmountNotPositive(amount=amount)
    before_spending(wallet_id=wallet_id, unit_id=unit_id, at=at)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT hold, fresh, spendable FROM ledger_reserve(%s, %s, %s, %s, %s, %s, %s, %s)",
            [programme_id, wallet_id, unit_id, amount, source, reference, at, until],
        )
        hold_id, fresh, spendable = cursor.fetchone()
    if hold_id is None:
        raise InsufficientPoints(required=amount, spendable=spendable)
    same = (
        fresh or Hold.objects.filter(pk=hold_id, wallet_id=wallet_id, account__unit_id=unit_id, amount=amount).exists()
    )
    if not same:
        raise ReferenceReused(reference=reference)
    return Reserved(hold_id, fresh)


def capture(*, hold_id: int, at: datetime, actor: str, amount: int | None = None) -> int:
    """
    Spend what a hold keeps (all, or `amount` of it; the rest is free again); return the posting's id.

    :raises HoldNotOpen: if it was captured, released, or its time is over at `at`
    :raises AmountAboveHold: if `amount` is more than was reserved
    :raises AmountNotPositive: if `amount` is below one minor unit
    :raises ReferenceReused: if the hold's reference was spent without it
    """
    hold = Hold.objects.only("amount", "wallet_id").get(pk=hold_id)
    wanted = hold.amount if amount is None else amount
    if wanted <= 0:
        raise AmountNotPositive(amount=wanted)
    if wanted > hold.amount:
        raise AmountAboveHold(reserved=hold.amount, amount=wanted)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute("SELECT ledger_capture(%s, %s, %s, %s)", [hold_id, wanted, at, actor])
        (posting_id,) = cursor.fetchone()
    if posting_id is None:
        raise _not_open(hold_id)
    keep_alive(wallet_id=hold.wallet_id, activity=Activity.SPEND, at=at)
    return int(posting_id)


def release(*, hold_id: int, at: datetime) -> None:
    """
    Let a hold go; its points are free again.

    :raises HoldNotOpen: if it was captured, released, or its time is over at `at`
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_release(%s, %s)", [hold_id, at])
        (released,) = cursor.fetchone()
    if not released:
        raise _not_open(hold_id)


def _not_open(hold_id: int) -> HoldNotOpen:
    """Whoever found it ended has written that down by now."""
    state, closed_at = Hold.objects.values_list("state", "closed_at").get(pk=hold_id)
    return HoldNotOpen(hold=hold_id, state=state, closed_at=closed_at)
