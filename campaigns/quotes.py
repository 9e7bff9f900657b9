"""
What an order would earn, which offers it would get, and what of it could be paid with points. Asking writes nothing,
and is answered by the same decisions as the order itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.engine import Decision
from campaigns.inforce import terms_of
from campaigns.services.deciding import decide_all
from campaigns.services.paying import payable_total
from kernel.errors import DomainError
from ledger.checkout import payment_terms
from ledger.paying import Bounds, Split, Terms, bounds, split
from ledger.queries import Unit, units_of
from orders.allocation import with_discounts
from orders.facts import OrderDraft, Purchase
from orders.services import circumstances_of, register_orders
from roundtrips import ask, both
from shops.models import Programme

NOT_A_MEANS_OF_PAYMENT = "not_a_means_of_payment"


@dataclass(frozen=True, slots=True)
class PaymentQuote:
    """
    What one unit of a wallet could pay of an order, in minor units.

    `reason` is empty when it could; `chosen` is what comes nearest to the wanted amount, or to the most there is.
    `terms` and `bounds` are None for a unit that is no means of payment.
    """

    unit: Unit
    spendable: int
    reason: str
    terms: Terms | None
    bounds: Bounds | None
    chosen: Split


@dataclass(frozen=True, slots=True)
class BasketQuote:
    """
    What would be decided about an order, and what it would come to: `purchase` stands at the prices that its offers
    leave. `decimals` are those of units by code.
    """

    decision: Decision
    purchase: Purchase
    decimals: dict[str, int]


def basket_quote(*, programme: Programme, draft: OrderDraft) -> BasketQuote:
    """
    What would become of an order that is sent now.

    :raises OrderInvalid: if the order makes no sense; facts say where and what was expected
    """
    circumstances, decisive = ask(
        both(circumstances_of(programme=programme, drafts=[draft], will_register=False), terms_of(programme.pk))
    )
    (row,) = register_orders(programme=programme, drafts=[draft], circumstances=circumstances)
    if isinstance(row, DomainError):
        raise row
    ((_, decision),) = decide_all(programme=programme, rows=[row], terms=decisive, shops=circumstances)
    purchase = with_discounts(row.purchase, decision.off)
    return BasketQuote(decision, purchase, {code: unit.decimals for code, unit in decisive.units.items()})


def payment_quotes(
    *,
    programme: Programme,
    spendable: Mapping[int, int],
    purchase: Purchase,
    wanted: Mapping[int, int],
) -> list[PaymentQuote]:
    """
    A quote for each unit that is a means of payment, and for those of which an amount is `wanted`, by unit id, of a
    wallet that can spend `spendable` of each.

    Gift cards and top-ups are paid with money only; what points leave includes them.
    """
    units = list(units_of(programme.pk))
    terms = payment_terms([unit.pk for unit in units], programme_id=programme.pk)
    return [
        _quote(
            unit,
            terms.get(unit.pk),
            spendable=spendable.get(unit.pk, 0),
            wanted=wanted.get(unit.pk),
            payable=payable_total(purchase),
            total=purchase.total,
        )
        for unit in units
        if unit.pk in terms or unit.pk in wanted
    ]


def _quote(
    unit: Unit, terms: Terms | None, *, spendable: int, wanted: int | None, payable: int, total: int
) -> PaymentQuote:
    if terms is None:
        return PaymentQuote(unit, spendable, NOT_A_MEANS_OF_PAYMENT, None, None, Split(0, 0, total))
    found = bounds(terms, spendable=spendable, total=payable)
    asked = found.maximum if wanted is None else wanted
    parts = split(terms, found, wanted=asked, total=total)
    return PaymentQuote(unit, spendable, found.reason, terms, found, parts)
