"""Reads about buying: what is on offer, what was bought, and what it adds up to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Q, QuerySet, Sum

from kernel.periods import local_day
from ledger import buying, policies
from ledger.buying import Offer, Price
from ledger.models import Account, Entry, PaymentNotice, Posting, Purchase, PurchaseTerms, Unit
from ledger.queries import policies_in_force

# What these reads yield: rooms above may name it.
__all__ = ["ClearingRow", "PaymentNotice", "Purchase", "PurchaseQuote", "PurchaseTerms"]


@dataclass(frozen=True, slots=True)
class PurchaseQuote:
    """
    What buying of a unit would mean for a wallet now, in minor units.

    From `offer.minimum` to `maximum` in steps; a `maximum` of 0 means that the year's limit is used up. `bought` is
    what the wallet bought this calendar year. `amount` costs `price` and lives until `expires_at` (None: for ever).
    """

    terms: PurchaseTerms
    offer: Offer
    bought: int
    maximum: int
    amount: int
    price: Price
    expires_at: datetime | None

    @property
    def unit(self) -> Unit:
        return self.terms.unit


@dataclass(frozen=True, slots=True)
class ClearingRow:
    """
    Money that came in and went back through a provider in a local month (`2026-03`), in minor units of `currency`; and
    the units that entered wallets for it, and left.
    """

    programme_id: int
    month: str
    provider: str
    currency: str
    unit_id: int
    captured: int
    refunded: int
    sold: int
    taken_back: int

    @property
    def net(self) -> int:
        return self.captured - self.refunded

    @property
    def net_units(self) -> int:
        return self.sold - self.taken_back


def offer_of(terms: PurchaseTerms) -> Offer:
    """Stored terms as plain numbers."""
    return Offer(
        terms.step,
        terms.price,
        terms.fee,
        terms.minimum,
        terms.maximum,
        terms.max_per_year,
        terms.withdrawal_days,
    )


def latest_terms(unit: Unit) -> PurchaseTerms | None:
    """The terms in force, on offer or not; None if none were ever set."""
    return PurchaseTerms.objects.filter(unit=unit).order_by("-number").first()


def terms_of(programme_id: int) -> list[PurchaseTerms]:
    """What members of a programme can buy, with the units, oldest unit first."""
    newest = (
        PurchaseTerms.objects.filter(unit__programme_id=programme_id)
        .select_related("unit__programme")
        .order_by("unit_id", "-number")
        .distinct("unit_id")
    )
    return [terms for terms in newest if terms.is_offered]


def quote(*, wallet_id: int, terms: PurchaseTerms, at: datetime, amount: int | None = None) -> PurchaseQuote:
    """What buying `amount` would mean; one that can't be bought, or None, is quoted as the nearest that can."""
    offer, unit = offer_of(terms), terms.unit
    zone = unit.programme.zone
    bought = bought_in(wallet_id=wallet_id, unit_id=unit.pk, year=local_day(at, zone).year)
    limit = buying.most(offer, bought=bought)
    nearest = buying.nearest(offer, amount or offer.minimum, limit=limit)
    return PurchaseQuote(
        terms=terms,
        offer=offer,
        bought=bought,
        maximum=limit,
        amount=nearest,
        price=buying.price_of(offer, nearest),
        expires_at=policies.expires_at(policies_in_force([unit], at=at)[unit.pk], active=at, zone=zone),
    )


def bought_in(*, wallet_id: int, unit_id: int, year: int) -> int:
    """What of a unit a wallet bought in a calendar year: authorised and paid, less what went back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_bought(%s, %s, %s)", [wallet_id, unit_id, year])
        return int(cursor.fetchone()[0])


def purchases(programme_id: int) -> QuerySet[Purchase]:
    """Purchases of a programme with their units and terms, newest first."""
    found = Purchase.objects.filter(programme_id=programme_id)
    return found.select_related("unit__programme", "terms").order_by("-pk")


def purchases_of(wallet_id: int) -> QuerySet[Purchase]:
    """Purchases of a wallet, newest first."""
    return Purchase.objects.filter(wallet_id=wallet_id).select_related("unit__programme", "terms").order_by("-pk")


def waiting_of(wallet_id: int, *, at: datetime) -> list[Purchase]:
    """What of a wallet still waits for its payment, newest first."""
    return list(purchases_of(wallet_id).filter(state=Purchase.State.REQUESTED, expires_at__gt=at))


def untouched(purchase: Purchase, *, at: datetime) -> bool:
    """Whether the member can withdraw at `at`: the right lasts, and nothing of what was bought was used."""
    if purchase.state != Purchase.State.CAPTURED or purchase.withdraw_until is None or at >= purchase.withdraw_until:
        return False
    lot = purchase.posting.lots.get() if purchase.posting else None
    if lot is None or lot.reserved or (lot.expires_at is not None and lot.expires_at <= at):
        return False
    return bool(lot.remaining == purchase.amount - purchase.taken_back)


# Sums that went back are told in all so far: what a notice adds is what no notice before it had said.
_CLEARING = """
WITH told AS (
    SELECT notice.purchase_id, notice.told_at, coalesce(notice.amount, purchase.total) AS upto,
           coalesce(max(coalesce(notice.amount, purchase.total)) OVER earlier, 0) AS before
      FROM ledger_paymentnotice notice JOIN ledger_purchase purchase ON purchase.id = notice.purchase_id
     WHERE notice.kind IN ('REFUNDED', 'WITHDRAWN') AND notice.refusal = ''
       AND notice.programme_id = ANY(%(programmes)s)
    WINDOW earlier AS (PARTITION BY notice.purchase_id ORDER BY notice.id
                       ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)
), moved AS (
    SELECT id, captured_at AS at, captured, 0 AS refunded, amount AS sold, 0 AS taken_back
      FROM ledger_purchase WHERE captured > 0 AND programme_id = ANY(%(programmes)s)
    UNION ALL
    SELECT bought.id, told.told_at, 0, upto - before, 0,
           ceil(least(price, upto)::numeric * amount / price) - ceil(least(price, before)::numeric * amount / price)
      FROM told JOIN ledger_purchase bought ON bought.id = told.purchase_id WHERE upto > before
)
SELECT purchase.programme_id, to_char(moved.at AT TIME ZONE programme.time_zone, 'YYYY-MM') AS month, purchase.provider,
       purchase.currency, purchase.unit_id, sum(moved.captured)::bigint, sum(moved.refunded)::bigint,
       sum(moved.sold)::bigint, sum(moved.taken_back)::bigint
  FROM moved JOIN ledger_purchase purchase ON purchase.id = moved.id
  JOIN shops_programme programme ON programme.id = purchase.programme_id
 GROUP BY 1, 2, 3, 4, 5 ORDER BY month DESC, provider, purchase.programme_id, purchase.unit_id
"""


def clearing(programme_ids: Sequence[int]) -> list[ClearingRow]:
    """What came in and went back, newest month first. All of a unit adds up to its clearing account."""
    with connection.cursor() as cursor:
        cursor.execute(_CLEARING, {"programmes": list(programme_ids)})
        return [ClearingRow(*row) for row in cursor.fetchall()]


def clearing_balances(programme_ids: Sequence[int]) -> dict[int, int]:
    """What stands on the clearing accounts, by unit id, in minor units: minus what was sold and not taken back."""
    found = Entry.objects.filter(programme_id__in=programme_ids, account__kind=Account.Kind.CLEARING)
    sums = found.order_by().values_list("unit_id").annotate(total=Sum("amount"))
    return {unit_id: int(total) for unit_id, total in sums}


def notices_of(purchase: Purchase) -> QuerySet[PaymentNotice]:
    """Everything that was said about its payment, in the order in which it was told."""
    return PaymentNotice.objects.filter(purchase=purchase).order_by("pk")


def postings_of(purchase: Purchase) -> list[Posting]:
    """What it moved: the purchase, and what was taken back of it."""
    if purchase.posting_id is None:
        return []
    return list(Posting.objects.filter(Q(pk=purchase.posting_id) | Q(corrects=purchase.posting_id)).order_by("pk"))
