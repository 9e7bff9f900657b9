"""Goods come back: what paid for them goes back, points to their lots, money by whoever took it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

import msgspec

from campaigns.payments import Paid, came_back, split_refund
from campaigns.sales import Sale
from events import outbox
from kernel.amounts import format_minor
from kernel.periods import end_of_day, local_day
from ledger import services as ledger
from ledger.errors import RefundAboveSpent
from ledger.paying import points_back
from orders.services import RegisteredReturn
from shops.models import Programme

GRACE = timedelta(days=30)


class PaidBack(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    What a return gives back of one tender: `amount` in minor units of the currency.

    Where points paid it, `points` of `unit` are back in the wallet by `posting_id`; else the amount is to be paid out.
    """

    order_id: int
    tender: int
    kind: str
    amount: int
    unit: str = ""
    unit_decimals: int = 0
    points: int = 0
    posting_id: int | None = None


class _Due(msgspec.Struct, frozen=True):
    """A share of one tender, and how many points it is worth."""

    place: int
    kind: str
    amount: int
    paid: Paid | None
    points: int


def give_back(
    *, programme: Programme, fresh: Sequence[RegisteredReturn], sales: Mapping[int, Sale], actor: str
) -> dict[int, tuple[PaidBack, ...]]:
    """Split each return over what paid its orders, and give points back; the answers by return id."""
    back: dict[int, list[PaidBack]] = defaultdict(list)
    for row in fresh:
        for order_id in sorted(row.returned):
            for due in _dues(sales[order_id], row):
                back[row.return_id].append(_repay(programme, row, order_id, due, actor))
    return defaultdict(tuple, {return_id: tuple(items) for return_id, items in back.items()})


def facts_of(
    programme_id: int, row: RegisteredReturn, back: Sequence[PaidBack], sales: Mapping[int, Sale]
) -> Iterator[outbox.Fact]:
    """Points that are back, for those who wait for it."""
    for item in back:
        if item.posting_id is None:
            continue
        sale = sales[item.order_id]
        payload = {
            "member": row.member_number,
            "return": {"id": row.return_id, "source": row.draft.source, "reference": row.draft.reference},
            "order": {"id": sale.order_id, "source": sale.source, "reference": sale.reference},
            "posting": item.posting_id,
            "unit": item.unit,
            "amount": format_minor(item.points, decimals=item.unit_decimals),
        }
        yield outbox.Fact(programme_id, "points.refunded", payload, row.draft.returned_at)


def _dues(sale: Sale, row: RegisteredReturn) -> Iterator[_Due]:
    """What this return adds to what came back before."""
    tenders = sale.purchase.tenders
    now = row.returned[sale.order_id]
    before = dict(now)
    for part in row.parts:
        if part.order_id == sale.order_id:
            before[part.line_no] -= part.quantity
    earlier, later = (
        split_refund(came_back(sale.purchase, returned), tenders, sale.paid) for returned in (before, now)
    )
    paid_at = {paid.place: paid for paid in sale.paid}
    for place, tender in enumerate(tenders):
        if later[place] > earlier[place]:
            paid = paid_at.get(place)
            points = _points(paid, later[place]) - _points(paid, earlier[place])
            yield _Due(place, tender.kind, later[place] - earlier[place], paid, points)


def _points(paid: Paid | None, returned: int) -> int:
    return points_back(paid.points, paid.value, returned=returned) if paid else 0


def _repay(programme: Programme, row: RegisteredReturn, order_id: int, due: _Due, actor: str) -> PaidBack:
    plain = PaidBack(order_id, due.place + 1, due.kind, due.amount)
    if due.paid is None:
        return plain
    named = msgspec.structs.replace(plain, unit=due.paid.unit, unit_decimals=due.paid.unit_decimals)
    points = due.points
    while points:
        try:
            given = _refund(programme, row, due.paid, points, actor)
        except RefundAboveSpent as refusal:
            # Somebody gave points of this payment back by hand: what is left of it is all there is.
            points = int(str(refusal.facts["left"]))
        else:
            return msgspec.structs.replace(named, points=given.amount, posting_id=given.posting_id)
    return named


def _refund(programme: Programme, row: RegisteredReturn, paid: Paid, points: int, actor: str) -> ledger.Refunded:
    at, zone = row.draft.returned_at, programme.zone
    return ledger.refund(
        burn_posting_id=paid.posting_id,
        amount=points,
        source="return",
        reference=f"{row.return_id}:{paid.payment_id}",
        at=at,
        grace_until=end_of_day(local_day(at, zone) + GRACE, zone),
        actor=actor,
    )
