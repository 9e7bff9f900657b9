"""Orders at the prices that their offers leave."""

from collections.abc import Sequence

import msgspec

from campaigns.engine import Decision
from campaigns.inforce import Terms
from campaigns.services.deciding import decide_all
from orders.allocation import with_discounts
from orders.checks import check_paid
from orders.errors import OrderInvalid
from orders.services import Circumstances, RegisteredOrder
from shops.models import Programme

Priced = list[tuple[RegisteredOrder, Decision]]


def decide_and_price(
    *, programme: Programme, rows: Sequence[RegisteredOrder], terms: Terms, shops: Circumstances
) -> tuple[Priced, dict[int, OrderInvalid]]:
    """
    What is decided about orders, each at its new prices; and by order id the refusals of those that were not paid as
    they came to.
    """
    decided = [_priced(*one) for one in decide_all(programme=programme, rows=rows, terms=terms, shops=shops)]
    wrong = next(((row, refusal) for row, _ in decided if (refusal := check_paid(row.purchase))), None)
    if wrong is None:
        return decided, {}
    # One after another, because what it would have used of limits is left to those behind it, and changes their prices.
    row, refusal = wrong
    others = [other for other in rows if other.id != row.id]
    priced, unpaid = decide_and_price(programme=programme, rows=others, terms=terms, shops=shops)
    return priced, {row.id: refusal, **unpaid}


def _priced(row: RegisteredOrder, decision: Decision) -> tuple[RegisteredOrder, Decision]:
    if not row.purchase.wants_offers:
        return row, decision
    return msgspec.structs.replace(row, purchase=with_discounts(row.purchase, decision.off)), decision
