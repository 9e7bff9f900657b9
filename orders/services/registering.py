"""Orders, once each."""

import hashlib
from collections.abc import Sequence
from typing import Any

import msgspec
from django.db import connection

from members.queries import FoundMember, MemberKey, find_many
from orders.allocation import GOODS, spread_discount
from orders.checks import check
from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import OrderDraft, Purchase
from shops.models import Programme, Shop

_encode = msgspec.json.Encoder().encode


class RegisteredOrder(msgspec.Struct, frozen=True):
    """An order that is on record. `fresh` is false when it was before; `member` is None for a guest."""

    order_id: int
    fresh: bool
    draft: OrderDraft
    purchase: Purchase
    member: FoundMember | None


class _Row(msgspec.Struct):
    draft: OrderDraft
    purchase: Purchase
    fingerprint: bytes
    member: FoundMember | None
    order_id: int = 0

    @property
    def identity(self) -> tuple[str, str]:
        return self.draft.source, self.draft.reference


def register_orders(
    *, programme: Programme, drafts: Sequence[OrderDraft]
) -> list[RegisteredOrder | OrderInvalid | OrderContradicted]:
    """
    Put orders on record by one statement; an answer per draft in the given order.

    The same `(source, reference)` with the same content is a repeat; with another content it is a refusal, and so is
    an order that makes no sense. Sound orders beside a refused one are registered.
    """
    shops = _shops(programme, drafts)
    refusals = [check(draft, currency=programme.currency) or _check_shop(draft, shops) for draft in drafts]
    rows = _rows(programme.pk, [draft for draft, refusal in zip(drafts, refusals, strict=True) if refusal is None])
    _insert(programme.pk, rows, shops)
    known = _known(programme.pk, [row for row in rows if not row.order_id])
    answers = iter([_answer(row, known) for row in rows])
    return [next(answers) if refusal is None else refusal for refusal in refusals]


def _answer(row: _Row, known: dict[tuple[str, str], tuple[int, bytes]]) -> RegisteredOrder | OrderContradicted:
    if row.order_id:
        return RegisteredOrder(
            order_id=row.order_id, fresh=True, draft=row.draft, purchase=row.purchase, member=row.member
        )
    order_id, fingerprint = known[row.identity]
    if fingerprint != row.fingerprint:
        return OrderContradicted(source=row.draft.source, reference=row.draft.reference)
    return RegisteredOrder(order_id=order_id, fresh=False, draft=row.draft, purchase=row.purchase, member=row.member)


def _rows(programme_id: int, drafts: Sequence[OrderDraft]) -> list[_Row]:
    keys = [MemberKey(draft.customer_source, draft.customer) if draft.customer else None for draft in drafts]
    members = find_many(programme_id=programme_id, keys=[key for key in keys if key])
    return [
        _Row(draft, _purchase(draft), hashlib.sha256(_encode(draft)).digest(), members.get(key) if key else None)
        for draft, key in zip(drafts, keys, strict=True)
    ]


def _purchase(draft: OrderDraft) -> Purchase:
    return Purchase(
        placed_at=draft.placed_at,
        currency=draft.currency,
        lines=spread_discount(draft.lines, draft.discount),
        tenders=draft.tenders,
        channel=draft.channel,
        shop_code=draft.shop_code,
    )


def _shops(programme: Programme, drafts: Sequence[OrderDraft]) -> dict[str, int]:
    codes = {draft.shop_code for draft in drafts if draft.shop_code}
    if not codes:
        return {}
    return dict(Shop.objects.filter(programme=programme, code__in=codes).values_list("code", "pk"))


def _check_shop(draft: OrderDraft, shops: dict[str, int]) -> OrderInvalid | None:
    if draft.shop_code and draft.shop_code not in shops:
        return OrderInvalid(pointer="/shop", problem=draft.shop_code, expected="the code of a shop of this programme")
    return None


def _insert(programme_id: int, rows: Sequence[_Row], shops: dict[str, int]) -> None:
    """
    Insert in order of identity, so that two batches with the same orders wait for each other and never in a circle.
    """
    if not rows:
        return
    ordered = sorted(rows, key=lambda row: row.identity)
    with connection.cursor() as cursor:
        # One JSON value, because escaping a dozen arrays of texts costs the client more than all the rest.
        cursor.execute(
            """
            INSERT INTO orders_order (programme_id, member_id, shop_id, source, reference, fingerprint, customer,
                                      channel, currency, total, lines, articles, tenders, placed_at)
            SELECT %s, member_id, shop_id, source, reference, decode(fingerprint, 'hex'), customer,
                   channel, currency, total, lines, articles, tenders, placed_at
              FROM json_to_recordset(%s::json)
                AS row (member_id bigint, shop_id bigint, source text, reference text, fingerprint text, customer text,
                        channel text, currency text, total bigint, lines jsonb, articles text[], tenders jsonb,
                        placed_at timestamptz)
            ON CONFLICT DO NOTHING RETURNING id, source, reference
            """,
            [programme_id, _encode([_stored(row, shops) for row in ordered]).decode()],
        )
        ids = {(source, reference): order_id for order_id, source, reference in cursor.fetchall()}
    for row in rows:
        # A reference that stands twice in one batch was inserted for its first row only.
        row.order_id = ids.pop(row.identity, 0)


def _stored(row: _Row, shops: dict[str, int]) -> dict[str, Any]:
    draft = row.draft
    return {
        "member_id": row.member.member_id if row.member else None,
        "shop_id": shops.get(draft.shop_code),
        "source": draft.source,
        "reference": draft.reference,
        "fingerprint": row.fingerprint.hex(),
        "customer": f"{draft.customer_source}:{draft.customer}" if draft.customer else "",
        "channel": draft.channel,
        "currency": draft.currency,
        "total": row.purchase.total,
        "lines": row.purchase.lines,
        "articles": [line.sku for line in row.purchase.lines if line.kind in GOODS],
        "tenders": draft.tenders,
        "placed_at": draft.placed_at,
    }


def _known(programme_id: int, rows: Sequence[_Row]) -> dict[tuple[str, str], tuple[int, bytes]]:
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT source, reference, id, fingerprint FROM orders_order WHERE programme_id = %s"
            " AND (source, reference) IN (SELECT * FROM unnest(%s::text[], %s::text[]))",
            [programme_id, [row.draft.source for row in rows], [row.draft.reference for row in rows]],
        )
        return {
            (source, reference): (order_id, bytes(fingerprint))
            for source, reference, order_id, fingerprint in cursor.fetchall()
        }
