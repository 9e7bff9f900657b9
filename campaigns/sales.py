"""Past sales as a return needs them: the purchase, what decided it, and what of its awards still stands."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import connection

from campaigns.engine import Decision, PriceCut, Use
from campaigns.payments import Paid, payments_of, with_terms
from ledger.queries import clawed_back
from orders.facts import Line, Purchase, Tender

_decode_decision = msgspec.json.Decoder(Decision).decode
_decode_lines = msgspec.json.Decoder(tuple[Line, ...]).decode
_decode_tenders = msgspec.json.Decoder(tuple[Tender, ...]).decode


class StandingAward(msgspec.Struct):
    """An award and what of it was not taken back yet; `standing` is counted down while returns are worked through."""

    id: int
    version_id: int
    rule: str
    unit: str
    unit_decimals: int
    posting_id: int
    standing: int


class Sale(msgspec.Struct, frozen=True):
    """
    An order with its member's wallet (0 for a guest), the versions that decided it and what they knew beside it, its
    awards and what points paid, what was taken off its prices and what it used of counters.
    """

    order_id: int
    source: str
    reference: str
    wallet_id: int
    purchase: Purchase
    versions: tuple[int, ...]
    known: Mapping[str, Any]
    awards: tuple[StandingAward, ...]
    paid: tuple[Paid, ...] = ()
    discounts: tuple[PriceCut, ...] = ()
    uses: tuple[Use, ...] = ()


_SALES = """
SELECT purchase.id, purchase.source, purchase.reference, coalesce(member.wallet_id, 0), purchase.placed_at,
       purchase.currency, purchase.lines::text, purchase.tenders::text, purchase.channel, coalesce(shop.code, ''),
       purchase.codes, decision.outcome::text
  FROM orders_order purchase
  JOIN campaigns_decision decision ON decision.order_id = purchase.id
  LEFT JOIN members_member member ON member.id = purchase.member_id
  LEFT JOIN shops_shop shop ON shop.id = purchase.shop_id
 WHERE purchase.id = ANY(%s)
"""


def sales_of(order_ids: Collection[int]) -> dict[int, Sale]:
    """Read sales by order id."""
    if not order_ids:
        return {}
    awards = _standing(order_ids)
    with connection.cursor() as cursor:
        cursor.execute(_SALES, [list(order_ids)])
        rows = cursor.fetchall()
    sales = {
        order_id: Sale(
            order_id=order_id,
            source=source,
            reference=reference,
            wallet_id=wallet_id,
            purchase=_purchase(*purchase),
            versions=decision.versions,
            known=decision.known,
            awards=tuple(awards[order_id]),
            discounts=decision.discounts,
            uses=decision.uses,
        )
        for order_id, source, reference, wallet_id, *purchase, outcome in rows
        for decision in (_decode_decision(outcome),)
    }
    return sales | _with_payments(sales.values())


def _with_payments(sales: Iterable[Sale]) -> dict[int, Sale]:
    """Those sales that points paid in part, as their terms let them earn."""
    named = {sale.order_id: sale for sale in sales if any(tender.hold for tender in sale.purchase.tenders)}
    payments = payments_of(named)
    return {
        order_id: msgspec.structs.replace(
            sale,
            purchase=with_terms(sale.purchase, ((paid.place, paid.earns) for paid in payments[order_id])),
            paid=payments[order_id],
        )
        for order_id, sale in named.items()
    }


def _purchase(placed_at: datetime, currency: str, lines: str, tenders: str, *where: Any) -> Purchase:
    channel, shop_code, codes = where
    return Purchase(
        placed_at, currency, _decode_lines(lines), _decode_tenders(tenders), channel, shop_code, tuple(codes)
    )


def _standing(order_ids: Collection[int]) -> dict[int, list[StandingAward]]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT award.order_id, award.id, award.version_id, award.rule, unit.code, unit.decimals,
                 award.posting_id, award.granted
              FROM campaigns_award award JOIN ledger_unit unit ON unit.id = award.unit_id
             WHERE award.order_id = ANY(%s) ORDER BY award.id
            """,
            [list(order_ids)],
        )
        rows = cursor.fetchall()
    gone = clawed_back([row[6] for row in rows])
    awards: dict[int, list[StandingAward]] = defaultdict(list)
    for order_id, award_id, version_id, rule, unit, decimals, posting_id, granted in rows:
        standing = granted - gone.get(posting_id, 0)
        awards[order_id].append(StandingAward(award_id, version_id, rule, unit, decimals, posting_id, standing))
    return awards
