"""What an order must be, before anything is written."""

from orders.allocation import GOODS
from orders.errors import OrderInvalid
from orders.facts import LineKind, OrderDraft, Purchase

LARGEST_TOTAL = 10**14
LARGEST_QUANTITY = 10**12


def check(draft: OrderDraft, *, currency: str, with_holds: bool) -> OrderInvalid | None:
    """
    Say what is wrong with an order of a programme in `currency`; None when it is sound.

    Without `with_holds` it may not name any: what is read from a file was paid long ago.
    """
    if draft.currency != currency:
        return OrderInvalid(pointer="/currency", problem=draft.currency, expected=currency)
    if not draft.lines:
        return OrderInvalid(pointer="/lines", problem="empty", expected="at least one line")
    return _check_lines(draft) or _check_sums(draft) or _check_holds(draft, with_holds=with_holds)


def _check_lines(draft: OrderDraft) -> OrderInvalid | None:
    seen: set[int] = set()
    for index, line in enumerate(draft.lines):
        pointer = f"/lines/{index}"
        if line.no in seen:
            return OrderInvalid(pointer=f"{pointer}/no", problem=line.no, expected="a number of its own")
        seen.add(line.no)
        if line.kind is LineKind.ADJUSTMENT:
            continue
        if not 0 < line.quantity <= LARGEST_QUANTITY:
            return OrderInvalid(
                pointer=f"{pointer}/quantity",
                problem=line.quantity,
                expected="above 0, at most",
                bound=LARGEST_QUANTITY,
            )
        if line.amount < 0:
            return OrderInvalid(pointer=f"{pointer}/amount", problem=line.amount, expected="0 or more")
        if not 0 <= line.tax <= line.amount:
            return OrderInvalid(pointer=f"{pointer}/tax", problem=line.tax, expected="between 0 and the line's amount")
    return None


def _check_sums(draft: OrderDraft) -> OrderInvalid | None:
    moved = sum(abs(line.amount) for line in draft.lines)
    if moved > LARGEST_TOTAL:
        return OrderInvalid(
            pointer="/lines", problem=moved, expected="amounts that add up to at most", bound=LARGEST_TOTAL
        )
    goods = sum(line.amount for line in draft.lines if line.kind in GOODS)
    if not 0 <= draft.discount <= goods:
        return OrderInvalid(
            pointer="/discount", problem=draft.discount, expected="between 0 and the goods' sum", bound=goods
        )
    for index, tender in enumerate(draft.tenders):
        if tender.amount < 0:
            return OrderInvalid(pointer=f"/tenders/{index}/amount", problem=tender.amount, expected="0 or more")
    total = sum(line.amount for line in draft.lines) - draft.discount
    paid = sum(tender.amount for tender in draft.tenders)
    # What is to be paid of an order that wants offers is known when they were decided: `check_paid`.
    if draft.tenders and not draft.wants_offers and paid != total:
        return OrderInvalid(pointer="/tenders", problem=paid, expected="the order's total", bound=total)
    return None


def check_paid(purchase: Purchase) -> OrderInvalid | None:
    """Say that what was paid is not what a purchase comes to behind its offers; None when it is."""
    paid = sum(tender.amount for tender in purchase.tenders)
    if purchase.tenders and paid != purchase.total:
        expected = "the order's total behind its offers"
        return OrderInvalid(pointer="/tenders", problem=paid, expected=expected, bound=purchase.total)
    return None


def _check_holds(draft: OrderDraft, *, with_holds: bool) -> OrderInvalid | None:
    seen: set[int] = set()
    for index, tender in enumerate(draft.tenders):
        if not tender.hold:
            continue
        pointer = f"/tenders/{index}/hold"
        if not with_holds:
            return OrderInvalid(pointer=pointer, problem="a hold", expected="none: holds are captured by the API only")
        if tender.hold in seen:
            return OrderInvalid(pointer=pointer, problem="the same hold again", expected="a hold of its own")
        seen.add(tender.hold)
    return None
