"""Orders paid with points: the holds that tenders name are captured in the transaction of the order."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec

from campaigns.payments import CHECKOUT, KIND_OF_CLASS, with_terms
from events import outbox
from kernel.amounts import format_minor
from ledger import services as ledger
from ledger.checkout import KnownHold, hold_of, payment_terms
from ledger.errors import HoldNotOpen
from ledger.paying import Terms, objection, value_of
from ledger.policies import Activity
from members.households.spending import may_pay_with
from orders.errors import OrderContradicted, OrderInvalid
from orders.facts import LineKind, OrderDraft, Purchase, Tender
from orders.services import RegisteredOrder
from roundtrips import Change
from shops.models import Programme

# What is bought with points must not be money again.
NOT_PAYABLE = frozenset({LineKind.GIFT_CARD, LineKind.TOP_UP})
_encode = msgspec.json.Encoder().encode


class Paying(msgspec.Struct, frozen=True):
    """A tender and the hold that will pay it at `at`."""

    at: datetime
    place: int
    tender: Tender
    hold: KnownHold
    terms: Terms


def payable_total(purchase: Purchase) -> int:
    """What of an order can be paid with points: all but gift cards and top-ups."""
    return sum(line.amount - line.discount for line in purchase.lines if line.kind not in NOT_PAYABLE)


def holds_of(programme: Programme, drafts: Sequence[OrderDraft], *, at: datetime | None) -> dict[int, KnownHold]:
    """
    The holds that tenders name, by id, without those that aren't the programme's. Asks nothing when none is named;
    without `at` there are none.

    Read before it is looked up which orders are known: then who finds a hold captured finds the order that captured it.
    """
    if at is None:
        return {}
    named = {tender.hold for draft in drafts for tender in draft.tenders if tender.hold}
    known = (hold_of(programme.pk, hold_id, source=CHECKOUT, at=at) for hold_id in sorted(named))
    return {hold.id: hold for hold in known if hold}


def payings_of(
    programme: Programme,
    registered: Sequence[RegisteredOrder | OrderInvalid | OrderContradicted],
    *,
    holds: Mapping[int, KnownHold],
    at: datetime | None,
) -> dict[int, list[Paying]]:
    """
    What pays new orders out of `holds`, by order id; without `at` there is nothing.

    :raises OrderInvalid: if a hold is not the customer's, or does not pay what its tender says
    :raises HoldNotOpen: if a hold was captured, released, or its time is over
    """
    if at is None:
        return {}
    return {
        row.order_id: _payings(programme, row, holds, at)
        for row in registered
        if isinstance(row, RegisteredOrder) and row.fresh and any(tender.hold for tender in row.draft.tenders)
    }


def by_terms(row: RegisteredOrder, payings: Sequence[Paying]) -> RegisteredOrder:
    """The order as its payments' terms let it earn."""
    earning = ((paying.place, paying.terms.earns) for paying in payings)
    return msgspec.structs.replace(row, purchase=with_terms(row.purchase, earning))


def capturing(
    programme: Programme,
    decided: Sequence[RegisteredOrder],
    payings: Mapping[int, Sequence[Paying]],
    *,
    actor: str,
) -> list[Change]:
    """The changes that capture the holds of orders and tell of it."""
    changes = []
    for row in decided:
        if paid := payings.get(row.order_id):
            # The household's first: pools are locked before members' own wallets.
            own = row.member.wallet_id if row.member else None
            stored = [_stored(programme, paying) for paying in sorted(paid, key=lambda one: one.hold.wallet_id == own)]
            changes += [
                Change(
                    "campaigns_pay(%s, %s, %s, %s, %s)",
                    (programme.pk, row.order_id, _encode(stored).decode(), paid[0].at, actor),
                    overtaken_by=frozenset({"hold_ends_once"}),
                ),
                *(
                    change
                    for wallet_id in dict.fromkeys(paying.hold.wallet_id for paying in paid)
                    for change in ledger.keeping_alive(wallet_id=wallet_id, activity=Activity.SPEND, at=paid[0].at)
                ),
                outbox.recording([_fact(programme, row, paying) for paying in paid]),
            ]
    return changes


def _payings(programme: Programme, row: RegisteredOrder, known: Mapping[int, KnownHold], at: datetime) -> list[Paying]:
    named = [(place, tender) for place, tender in enumerate(row.draft.tenders) if tender.hold]
    holds = [_open(row, place, tender, known) for place, tender in named]
    terms = payment_terms([hold.unit.pk for hold in holds], programme_id=programme.pk)
    return [
        _checked(Paying(at, place, tender, hold, _terms(terms, hold, place)), payable_total(row.purchase))
        for (place, tender), hold in zip(named, holds, strict=True)
    ]


def _open(row: RegisteredOrder, place: int, tender: Tender, known: Mapping[int, KnownHold]) -> KnownHold:
    hold = known.get(tender.hold) if tender.hold else None
    if (
        hold is None
        or row.member is None
        or not may_pay_with(wallet_id=row.member.wallet_id, hold_wallet_ids=[hold.wallet_id])
    ):
        raise OrderInvalid(
            pointer=f"/tenders/{place}/hold", problem=str(tender.hold), expected="a hold of the customer"
        )
    if hold.state != "HELD":
        raise HoldNotOpen(hold=hold.id, state=hold.state, closed_at=hold.closed_at)
    return hold


def _terms(terms: Mapping[int, Terms], hold: KnownHold, place: int) -> Terms:
    if hold.unit.pk not in terms:
        raise OrderInvalid(
            pointer=f"/tenders/{place}/hold", problem=hold.unit.code, expected="a unit that is a means of payment"
        )
    return terms[hold.unit.pk]


def _checked(paying: Paying, total: int) -> Paying:
    """What the checkout says is computed again here: it is not trusted."""
    pointer, hold, terms = f"/tenders/{paying.place}", paying.hold, paying.terms
    kind = KIND_OF_CLASS[hold.unit.klass]
    if paying.tender.kind is not kind:
        raise OrderInvalid(pointer=f"{pointer}/kind", problem=paying.tender.kind, expected=kind)
    value = value_of(hold.amount, terms)
    if paying.tender.amount != value:
        raise OrderInvalid(
            pointer=f"{pointer}/amount", problem=paying.tender.amount, expected="what the hold is worth:", bound=value
        )
    if reason := objection(terms, hold.amount, total=total):
        raise OrderInvalid(
            pointer=f"{pointer}/hold", problem=reason, expected="points as POST /quotes offers them for this order"
        )
    return paying


def _stored(programme: Programme, paying: Paying) -> dict[str, Any]:
    return {
        "place": paying.place,
        "hold_id": paying.hold.id,
        "unit_id": paying.hold.unit.pk,
        "points": paying.hold.amount,
        "value": paying.tender.amount,
        "earns": paying.terms.earns,
        "refund_order": programme.refund_order,
    }


def _fact(programme: Programme, row: RegisteredOrder, paying: Paying) -> outbox.Fact:
    unit = paying.hold.unit
    payload = {
        "member": row.member.number if row.member else None,
        "order": {"id": row.order_id, "source": row.draft.source, "reference": row.draft.reference},
        "hold": paying.hold.id,
        "unit": unit.code,
        "amount": format_minor(paying.hold.amount, decimals=unit.decimals),
    }
    return outbox.Fact(programme.pk, "points.redeemed", payload, row.purchase.placed_at)
