"""Reads for the checkout: which units pay, and what became of a hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger.models import Hold, PaymentTerms, Unit
from ledger.paying import Terms


@dataclass(frozen=True, slots=True)
class KnownHold:
    """
    A hold as it is at an instant, in minor units: over when its time is, whether or not anybody has written that down.

    `state` is HELD, CAPTURED or RELEASED; `posting_id` the spending that captured it, `refunded` what of that was given
    back.
    """

    id: int
    source: str
    reference: str
    wallet_id: int
    unit: Unit
    amount: int
    captured: int
    refunded: int
    state: str
    held_at: datetime
    expires_at: datetime
    closed_at: datetime | None
    posting_id: int | None


def hold_of(programme_id: int, hold_id: int, *, source: str, at: datetime) -> KnownHold | None:
    """One hold that `source` made; None for an unknown one, another programme's or another's."""
    hold = (
        Hold.objects.select_related("account__unit")
        .filter(pk=hold_id, programme_id=programme_id, source=source)
        .first()
    )
    if hold is None:
        return None
    is_over = hold.state == Hold.State.HELD and hold.expires_at <= at
    posting_id, refunded = _spending(hold) if hold.state == Hold.State.CAPTURED else (None, 0)
    return KnownHold(
        id=hold.pk,
        source=hold.source,
        reference=hold.reference,
        wallet_id=hold.wallet_id,
        unit=hold.account.unit,
        amount=hold.amount,
        captured=hold.captured,
        refunded=refunded,
        state=Hold.State.RELEASED if is_over else hold.state,
        held_at=hold.held_at,
        expires_at=hold.expires_at,
        closed_at=hold.expires_at if is_over else hold.closed_at,
        posting_id=posting_id,
    )


def _spending(hold: Hold) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, ledger_given_back(id) FROM ledger_posting"
            " WHERE programme_id = %s AND source = %s AND kind = 'BURN' AND reference = %s",
            [hold.programme_id, hold.source, hold.reference],
        )
        posting_id, refunded = cursor.fetchone()
    return posting_id, refunded


def payment_terms(unit_ids: Sequence[int], *, programme_id: int) -> dict[int, Terms]:
    """
    What units of a programme are worth at the checkout, by unit id; those that are no means of payment are left out.
    """
    accepted = PaymentTerms.objects.filter(unit__programme_id=programme_id, unit_id__in=unit_ids, is_accepted=True)
    return {row.unit_id: terms_from(row) for row in accepted}


def stored_terms(unit: Unit) -> tuple[Terms, bool] | None:
    """The terms that were last set for a unit, and whether they are in force; None if none ever were."""
    row = PaymentTerms.objects.filter(unit=unit).first()
    return (terms_from(row), row.is_accepted) if row else None


def terms_from(row: PaymentTerms) -> Terms:
    """Stored terms as plain numbers."""
    return Terms(row.units, row.money, row.minimum, row.maximum, row.step, row.share_percent, row.earns)
