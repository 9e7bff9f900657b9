"""Points earned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter

import msgspec
from django.db import connection

from ledger.errors import AmountNotPositive
from ledger.services.references import refused_when_reused
from roundtrips import Change, Question

_encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Accrual:
    """
    One earning: `amount` minor units, spendable in `[active_from, expires_at)`; `(source, reference)` makes it
    happen once.

    `posting_id` is one of `new_posting_ids`, for those who name the posting before it is written; the reference must
    be new then. What the account has already lives until `keeps_until` at least, where the policy listens to earning;
    what `has_own_end` is left alone by activities and later policies.
    """

    wallet_id: int
    unit_id: int
    amount: int
    source: str
    reference: str
    occurred_at: datetime
    active_from: datetime
    expires_at: datetime | None
    posting_id: int | None = None
    has_own_end: bool = False
    keeps_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Accrued:
    """What became of an accrual; `fresh` is false when it was posted before and nothing was written."""

    posting_id: int
    fresh: bool


def accrue(*, programme_id: int, accruals: Sequence[Accrual], actor: str) -> list[Accrued]:
    """
    Post earnings, one or a thousand by the same statement, in the given order; open arrears are offset at once.

    :raises AmountNotPositive: if an amount is below one minor unit
    :raises ReferenceReused: if a reference stands for another wallet, unit or amount; nothing is written then
    """
    if not accruals:
        return []
    change = accruing(programme_id=programme_id, accruals=accruals, actor=actor)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(f"SELECT {change.call}", change.parameters)
        (posted,) = cursor.fetchone()
    earlier = _posted_before(programme_id, [item for item, new in zip(accruals, posted, strict=True) if new is None])
    return [
        Accrued(new, fresh=True) if new else Accrued(earlier[item.source, item.reference], fresh=False)
        for item, new in zip(accruals, posted, strict=True)
    ]


def accruing(*, programme_id: int, accruals: Sequence[Accrual], actor: str) -> Change:
    """
    What `accrue` writes, for those who write more at once. Asks for at least one accrual.

    :raises AmountNotPositive: if an amount is below one minor unit
    """
    for item in accruals:
        if item.amount <= 0:
            raise AmountNotPositive(amount=item.amount)
    return Change("ledger_accrue(%s, %s, %s)", (programme_id, actor, _encode(accruals).decode()))


def new_posting_ids(count: int) -> Question[list[int]]:
    """Ids for postings that are named before they are written."""
    return Question(("ledger_new_posting_ids(%s)",), (count,), itemgetter(0))


def _posted_before(programme_id: int, accruals: Sequence[Accrual]) -> dict[tuple[str, str], int]:
    if not accruals:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, reference, id FROM ledger_posting WHERE programme_id = %s AND kind = 'ACCRUE'"
            " AND (source, reference) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            [programme_id, [item.source for item in accruals], [item.reference for item in accruals]],
        )
        return {(source, reference): posting_id for source, reference, posting_id in cursor.fetchall()}
