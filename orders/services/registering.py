"""Orders, once each."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, ClassVar

import msgspec

from members.queries import FoundMember, MemberKey, who_are
from orders.allocation import GOODS, spread_discount
from orders.checks import check
from orders.context import PREFIX, check_context, context_types
from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import OrderDraft, Purchase
from roundtrips import Change, Question, both
from shops.models import Programme
from shops.queries import FoundShop, shops_named

_encode = msgspec.json.Encoder().encode


class RegisteredOrder(msgspec.Struct, frozen=True):
    """
    An order that is on record, or will be with `registering`. `fresh` is false when it was before; `member` is None for
    a guest. `fingerprint` is of what was reported, in hexadecimal digits.
    """

    KIND: ClassVar[str] = "order"

    order_id: int
    fresh: bool
    draft: OrderDraft
    purchase: Purchase
    member: FoundMember | None
    fingerprint: str

    @property
    def id(self) -> int:
        return self.order_id

    @property
    def happened_at(self) -> datetime:
        return self.purchase.placed_at

    @property
    def subject(self) -> Purchase:
        return self.purchase

    @property
    def told(self) -> dict[str, Any]:
        """What the caller told beside it, by the names of words."""
        return {f"{PREFIX}{key}": value for key, value in self.draft.context.items()}

    @property
    def named(self) -> dict[str, Any]:
        """How facts name it."""
        return {"id": self.order_id, "source": self.draft.source, "reference": self.draft.reference}


class KnownOrder(msgspec.Struct, frozen=True):
    """An order that is on record already; `fingerprint` is in hexadecimal digits."""

    source: str
    reference: str
    id: int
    fingerprint: str


class Circumstances(msgspec.Struct, frozen=True):
    """
    What registering needs to know: who the customers are, which orders are on record by `(source, reference)`, shops by
    code, the types of what may be told beside an order, and an id for each order that is not on record.
    """

    members: dict[MemberKey, FoundMember]
    known: dict[tuple[str, str], KnownOrder]
    shops: dict[str, FoundShop]
    context_types: dict[str, str]
    order_ids: list[int]

    def zone_of(self, shop_code: str) -> str:
        """The time zone of a shop; empty for the programme's."""
        shop = self.shops.get(shop_code)
        return shop.time_zone if shop else ""


_decode_known = msgspec.json.Decoder(list[KnownOrder]).decode


def circumstances_of(
    *, programme: Programme, drafts: Sequence[OrderDraft], will_register: bool = True
) -> Question[Circumstances]:
    """What is to be asked before orders can be registered; who only wants to know draws no ids for them."""
    keys = [_member_key(draft) for draft in drafts if draft.customer]
    asked = both(
        both(who_are(programme_id=programme.pk, keys=keys), _known(programme.pk, drafts)),
        both(
            both(
                shops_named(programme.pk, {draft.shop_code for draft in drafts if draft.shop_code}),
                context_types(programme.pk, is_asked=any(draft.context for draft in drafts)),
            ),
            _new_ids(len(drafts)) if will_register else Question((), (), lambda _: [0] * len(drafts)),
        ),
    )

    def read(row: Sequence[Any]) -> Circumstances:
        (members, known), ((shops, types), order_ids) = asked.read(row)
        return Circumstances(members, known, shops, types, order_ids)

    return Question(asked.columns, asked.parameters, read)


def _new_ids(count: int) -> Question[list[int]]:
    return Question(("orders_new_ids(%s)",), (count,), itemgetter(0))


def register_orders(
    *,
    programme: Programme,
    drafts: Sequence[OrderDraft],
    circumstances: Circumstances,
    with_holds: bool = False,
) -> list[RegisteredOrder | OrderInvalid | OrderContradicted]:
    """
    An answer per draft in the given order; `registering` makes those true that are fresh.

    The same `(source, reference)` with the same content is a repeat; with another content it is a refusal, and so is
    an order that makes no sense. Sound orders beside a refused one are registered. `with_holds` says that the caller
    captures the holds which tenders name.
    """
    known = dict(circumstances.known)
    free_ids = iter(circumstances.order_ids)
    answers: list[RegisteredOrder | OrderInvalid | OrderContradicted] = []
    for draft in drafts:
        refusal = (
            check(draft, currency=programme.currency, with_holds=with_holds)
            or _check_shop(draft, circumstances.shops)
            or check_context(draft.context, circumstances.context_types)
        )
        if refusal is not None:
            answers.append(refusal)
            continue
        fingerprint = hashlib.sha256(_encode(draft)).hexdigest()
        earlier = known.get((draft.source, draft.reference))
        if earlier is not None and earlier.fingerprint != fingerprint:
            answers.append(OrderContradicted(source=draft.source, reference=draft.reference))
            continue
        member = circumstances.members.get(_member_key(draft)) if draft.customer else None
        order_id = earlier.id if earlier else next(free_ids)
        row = RegisteredOrder(order_id, earlier is None, draft, _purchase(draft), member, fingerprint)
        answers.append(row)
        if earlier is None:
            # A reference that stands twice in one batch is registered for its first draft only.
            known[draft.source, draft.reference] = KnownOrder(draft.source, draft.reference, order_id, fingerprint)
    return answers


def _member_key(draft: OrderDraft) -> MemberKey:
    return MemberKey(draft.customer_source, draft.customer)


def _known(programme_id: int, drafts: Sequence[OrderDraft]) -> Question[dict[tuple[str, str], KnownOrder]]:
    return Question(
        ("orders_known(%s, %s, %s)",),
        (programme_id, [draft.source for draft in drafts], [draft.reference for draft in drafts]),
        lambda row: {(order.source, order.reference): order for order in _decode_known(row[0])},
    )


def _purchase(draft: OrderDraft) -> Purchase:
    return Purchase(
        placed_at=draft.placed_at,
        currency=draft.currency,
        lines=spread_discount(draft.lines, draft.discount),
        tenders=draft.tenders,
        channel=draft.channel,
        shop_code=draft.shop_code,
        codes=draft.codes,
        wants_offers=draft.wants_offers,
    )


def _check_shop(draft: OrderDraft, shops: Mapping[str, FoundShop]) -> OrderInvalid | None:
    if draft.shop_code and draft.shop_code not in shops:
        return OrderInvalid(pointer="/shop", problem=draft.shop_code, expected="the code of a shop of this programme")
    return None


def registering(programme_id: int, fresh: Sequence[RegisteredOrder], circumstances: Circumstances) -> list[Change]:
    """
    Put orders on record as they are now: in order of identity, so that two batches with the same orders wait for each
    other and never in a circle.
    """
    if not fresh:
        return []
    ordered = sorted(fresh, key=lambda row: (row.draft.source, row.draft.reference))
    stored = [_stored(row, circumstances.shops) for row in ordered]
    return [
        Change(
            "orders_register(%s, %s)",
            (programme_id, _encode(stored).decode()),
            overtaken_by=frozenset({"order_is_registered_once"}),
        )
    ]


def _stored(row: RegisteredOrder, shops: Mapping[str, FoundShop]) -> dict[str, Any]:
    draft = row.draft
    return {
        "id": row.order_id,
        "member_id": row.member.member_id if row.member else None,
        "shop_id": shops[draft.shop_code].id if draft.shop_code else None,
        "source": draft.source,
        "reference": draft.reference,
        "fingerprint": row.fingerprint,
        "customer": f"{draft.customer_source}:{draft.customer}" if draft.customer else "",
        "channel": draft.channel,
        "codes": draft.codes,
        "currency": draft.currency,
        "total": row.purchase.total,
        "lines": row.purchase.lines,
        "articles": [line.sku for line in row.purchase.lines if line.kind in GOODS],
        "tenders": draft.tenders,
        "placed_at": draft.placed_at,
    }
