"""Amounts that one wallet gives another."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.errors import AmountNotPositive, InsufficientPoints, UnitNotMovable, WalletsNotApart
from ledger.models import Unit
from ledger.services.living import before_spending
from ledger.services.references import refused_when_reused


@dataclass(frozen=True, slots=True)
class Moved:
    """A move; `fresh` is false when the same request had made it before."""

    posting_id: int
    fresh: bool


def move(  # noqa: PLR0913 -- the verb names every part of a posting
    *,
    wallet_id: int,
    to_wallet_id: int,
    unit: Unit,
    amount: int,
    source: str,
    reference: str,
    at: datetime,
    actor: str,
    fee: int = 0,
    counts_as_earning: bool = False,
) -> Moved:
    """
    Give `amount` to another wallet, whose lots then live as long as they did here; the programme gets `fee` beside it.

    What expires soonest goes first, and the fee before the rest. Neither side becomes more active by it, unless
    `counts_as_earning` says that the receiver is as active as the giver.

    :raises AmountNotPositive: if `amount` is below one minor unit, or `fee` below none
    :raises WalletsNotApart: if both are one wallet
    :raises UnitNotMovable: if the unit only counts towards something
    :raises InsufficientPoints: if the wallet has less than both at `at`
    :raises ReferenceReused: if the reference stands for another move
    """
    if amount <= 0 or fee < 0:
        raise AmountNotPositive(amount=min(amount, fee))
    if wallet_id == to_wallet_id:
        raise WalletsNotApart(wallet_id=wallet_id)
    if unit.klass == Unit.Klass.QUALIFYING:
        raise UnitNotMovable(unit=unit.code)
    # Both before anything arrives: what the receiver lost until now is counted from what it had until now.
    for one in sorted((wallet_id, to_wallet_id)):
        before_spending(wallet_id=one, unit_id=unit.pk, at=at)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT posting, fresh, spendable FROM ledger_transfer(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            [wallet_id, to_wallet_id, unit.pk, amount, fee, source, reference, at, actor, counts_as_earning],
        )
        posting_id, fresh, spendable = cursor.fetchone()
    if posting_id is None:
        raise InsufficientPoints(required=amount + fee, spendable=spendable)
    return Moved(posting_id, fresh)
