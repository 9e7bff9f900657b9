"""Whole chunks of one unit that become another."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger import policies
from ledger.birth_months import birth_months
from ledger.errors import AmountNotPositive, ConversionNotOffered, InsufficientPoints
from ledger.models import ConversionTerms
from ledger.policies import BirthMonth
from ledger.queries import policies_at, policies_in_force
from ledger.services.decaying import Looked
from ledger.services.living import before_spending
from ledger.services.references import refused_when_reused


@dataclass(frozen=True, slots=True)
class Converted:
    """What a conversion did, in minor units of each unit; `fresh` is false for a repeat."""

    posting_id: int
    fresh: bool
    chunks: int
    taken: int
    given: int


def convert(  # noqa: PLR0913 -- the verb names every part of a posting
    *,
    wallet_id: int,
    terms: ConversionTerms,
    chunks: int | None,
    source: str,
    reference: str,
    at: datetime,
    actor: str,
    birth_month: int | None = None,
) -> Converted:
    """
    Convert whole chunks, or with None as many as the wallet has; what is left over stays. The new lot lives as the
    target unit's policy says.

    :raises ConversionNotOffered: if members may not do this themselves
    :raises AmountNotPositive: if `chunks` is below one
    :raises InsufficientPoints: if the wallet has less than that at `at`, or with None less than one chunk
    :raises ReferenceReused: if the reference stands for another conversion
    """
    if not terms.is_offered:
        raise ConversionNotOffered(conversion=terms.pk)
    if chunks is not None and chunks <= 0:
        raise AmountNotPositive(amount=chunks)
    before_spending(wallet_id=wallet_id, unit_id=terms.source_unit_id, at=at)
    policy, zone = policies_at(wallet_id, at=at)[terms.target_unit_id]
    ends = policies.expires_at(policy, active=at, zone=zone, birth_month=birth_month)
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT posting, fresh, chunks, taken, given, spendable"
            "  FROM ledger_convert(%s, %s, %s, %s, %s, %s, %s, %s, false)",
            [wallet_id, terms.pk, chunks, source, reference, at, ends, actor],
        )
        posting_id, fresh, done, taken, given, spendable = cursor.fetchone()
    if posting_id is None:
        raise InsufficientPoints(required=(chunks or 1) * terms.chunk, spendable=spendable)
    return Converted(posting_id, fresh, done, taken, given)


def convert_next(*, terms: ConversionTerms, midnight: datetime, after: int = 0, wallets: int = 500) -> Looked:
    """
    Convert all whole chunks that the next wallets after one held at a midnight, those included whose last day ended
    with it; each once a night.
    """
    unit = terms.target_unit
    policy = policies_in_force([unit], at=midnight)[unit.pk]
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_convertible(%s, %s, %s)", [terms.pk, after, wallets])
        (holders,) = cursor.fetchone()
        if not holders:
            return Looked(0, None)
        months = birth_months(holders) if isinstance(policy.expiry, BirthMonth) else {}
        ends = [
            policies.expires_at(policy, active=midnight, zone=unit.programme.zone, birth_month=months.get(holder))
            for holder in holders
        ]
        night = f"{terms.pk}:{midnight.isoformat()}"
        cursor.execute("SELECT ledger_convert_all(%s, %s, %s, %s, %s)", [terms.pk, night, midnight, holders, ends])
    return Looked(len(holders), holders[-1])
