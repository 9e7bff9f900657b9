"""Reads about what members send each other. Amounts are minor units of the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet

from ledger.models import HoldLot, TransferTerms, Unit
from ledger.models import Transfer as Transfer  # noqa: PLC0414  # rooms above may name it
from ledger.queries import spendable
from ledger.sending import TransferRules
from shops.models import Programme


@dataclass(frozen=True, slots=True)
class Allowance:
    """
    What a wallet may still send at an instant, and what counted until then. `left` is what the month allows and
    `transfers_left` what the day does (None: no limit); `most` is the largest amount that it can send now.
    """

    spendable: int
    sent: int
    left: int | None
    made: int
    transfers_left: int | None
    most: int


@dataclass(frozen=True, slots=True)
class Part:
    """Points of a transfer that expire together (None: never)."""

    amount: int
    expires_at: datetime | None


def rules_of(unit: Unit) -> TransferRules | None:
    """On which terms members may send a unit; None where they may not."""
    stored = stored_rules(unit)
    return stored[0] if stored and stored[1] else None


def stored_rules(unit: Unit) -> tuple[TransferRules, bool] | None:
    """The terms of a unit and whether members may send it; None if nobody set them yet."""
    terms = TransferTerms.objects.filter(unit=unit).first()
    return (_rules(terms), terms.is_offered) if terms else None


def sendable(programme_id: int) -> dict[Unit, TransferRules]:
    """The units that members of a programme may send, oldest first, with their terms."""
    offered = TransferTerms.objects.filter(unit__programme=programme_id, is_offered=True)
    return {terms.unit: _rules(terms) for terms in offered.select_related("unit").order_by("unit_id")}


def allowance_of(wallet_id: int, unit: Unit, rules: TransferRules, *, programme: Programme, at: datetime) -> Allowance:
    """What a wallet may send of a unit at `at`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sent, made FROM ledger_transferred(%s, %s, %s, %s)", [wallet_id, unit.pk, at, programme.time_zone]
        )
        sent, made = cursor.fetchone()
    left = None if rules.sent_monthly is None else max(rules.sent_monthly - sent, 0)
    transfers_left = None if rules.made_daily is None else max(rules.made_daily - made, 0)
    free = spendable(wallet_id, unit.pk, at=at)
    most = 0 if transfers_left == 0 else rules.most(spendable=free, left=left)
    return Allowance(free, sent, left, made, transfers_left, most)


# What is free of each lot, in the order in which they pay: as `ledger_pick` finds them behind the lock, which frees
# what holds kept whose time is over.
_FREE = """
SELECT lot.remaining - coalesce(kept.amount, 0), lot.expires_at
  FROM ledger_account account
  JOIN ledger_unit unit ON unit.id = account.unit_id
  JOIN ledger_lot lot ON lot.account_id = account.id AND lot.remaining > 0
   AND lot.active_from <= %(at)s AND (lot.expires_at IS NULL OR lot.expires_at > %(at)s)
  LEFT JOIN LATERAL (
       SELECT sum(part.amount) AS amount FROM ledger_hold hold JOIN ledger_holdlot part ON part.hold_id = hold.id
        WHERE hold.account_id = account.id AND hold.state = 'HELD' AND hold.expires_at > %(at)s
          AND part.lot_id = lot.id) kept ON true
 WHERE account.wallet_id = %(wallet)s AND account.unit_id = %(unit)s AND account.kind = 'MEMBER'
 ORDER BY CASE WHEN unit.spend_order = 'NEWEST' THEN lot.id END DESC, lot.expires_at, lot.id
"""


def parts_to_send(wallet_id: int, unit: Unit, *, amount: int, fee: int, at: datetime) -> list[Part]:
    """What the receiver would get of `amount` at `at`, by when it expires: the fee is taken of the first."""
    with connection.cursor() as cursor:
        cursor.execute(_FREE, {"wallet": wallet_id, "unit": unit.pk, "at": at})
        rows = [(int(free), expires_at) for free, expires_at in cursor.fetchall()]
    return _arriving(rows, amount=amount, fee=fee)


def parts_of(offers: Sequence[Transfer]) -> dict[int, list[Part]]:
    """What the receivers of offers get, by when it expires now, by id of the offer."""
    kept: dict[int, list[tuple[int, datetime | None]]] = {}
    rows = HoldLot.objects.filter(hold__in=[offer.hold_id for offer in offers]).order_by("pk")
    for hold_id, amount, expires_at in rows.values_list("hold_id", "amount", "lot__expires_at"):
        kept.setdefault(hold_id, []).append((amount, expires_at))
    return {
        offer.pk: _arriving(kept.get(offer.hold_id or 0, []), amount=offer.amount, fee=offer.fee) for offer in offers
    }


def _arriving(rows: Sequence[tuple[int, datetime | None]], *, amount: int, fee: int) -> list[Part]:
    parts: list[Part] = []
    for free, expires_at in rows:
        paid = min(fee, free)
        fee -= paid
        part = min(free - paid, amount)
        amount -= part
        if part and parts and parts[-1].expires_at == expires_at:
            parts[-1] = Part(parts[-1].amount + part, expires_at)
        elif part:
            parts.append(Part(part, expires_at))
    return parts


def transfers() -> QuerySet[Transfer]:
    """All transfers with their units."""
    return Transfer.objects.select_related("unit")


def transfers_of(wallet_id: int) -> QuerySet[Transfer]:
    """What a wallet sent and was sent, newest first."""
    return transfers().filter(Q(from_wallet=wallet_id) | Q(to_wallet=wallet_id)).order_by("-pk")


def open_offers(wallet_id: int, *, at: datetime) -> list[Transfer]:
    """Offers to and from a wallet that wait for an answer at `at`, the first to end first."""
    found = transfers_of(wallet_id).filter(state=Transfer.State.OFFERED, ends_at__gt=at)
    return list(found.order_by("ends_at", "pk"))


def by_posting(posting_ids: Sequence[int]) -> dict[int, Transfer]:
    """The transfers that postings carried out, by posting id; postings that move something else are left out."""
    return {row.posting_id: row for row in transfers().filter(posting__in=posting_ids) if row.posting_id is not None}


def lapsing(programme_id: int, *, at: datetime) -> int:
    """How many offers of a programme are over at `at` and not written down as such."""
    return Transfer.objects.filter(programme=programme_id, state=Transfer.State.OFFERED, ends_at__lte=at).count()


def _rules(terms: TransferTerms) -> TransferRules:
    return TransferRules(
        minimum=terms.minimum,
        maximum=terms.maximum,
        step=terms.step,
        sent_monthly=terms.sent_monthly,
        made_daily=terms.made_daily,
        received_monthly=terms.received_monthly,
        fee_fixed=terms.fee_fixed,
        fee_permille=terms.fee_permille,
        needs_acceptance=terms.needs_acceptance,
        days_to_accept=terms.days_to_accept,
    )
