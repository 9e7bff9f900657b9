"""What a customer could pay with points for an order. Asking writes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.services.paying import payable_total
from ledger.checkout import payment_terms
from ledger.paying import Bounds, Split, Terms, bounds, split
from ledger.queries import Unit, units_of
from orders.facts import OrderDraft
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


def payment_quotes(
    *,
    programme: Programme,
    spendable: Mapping[int, int],
    draft: OrderDraft,
    wanted: Mapping[int, int],
) -> list[PaymentQuote]:
    """
    A quote for each unit that is a means of payment, and for those of which an amount is `wanted`, by unit id, of a
    wallet that can spend `spendable` of each.

    Gift cards and top-ups are paid with money only; what points leave includes them.
    """
    units = list(units_of(programme.pk))
    terms = payment_terms([unit.pk for unit in units], programme_id=programme.pk)
    total = sum(line.amount for line in draft.lines) - draft.discount
    return [
        _quote(
            unit,
            terms.get(unit.pk),
            spendable=spendable.get(unit.pk, 0),
            wanted=wanted.get(unit.pk),
            payable=payable_total(draft),
            total=total,
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
