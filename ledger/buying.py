"""
What units cost: pure arithmetic on integers.

Amounts are minor units of the unit, prices minor units of the programme's currency.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Offer:
    """Each `step` costs `price`, a purchase `fee` besides; the rest bounds it, as `models.PurchaseTerms` says."""

    step: int
    price: int
    fee: int
    minimum: int
    maximum: int
    max_per_year: int | None = None
    withdrawal_days: int = 0


@dataclass(frozen=True, slots=True)
class Price:
    """What an amount costs: `price` for it, the `fee`, and both as `total`."""

    price: int
    fee: int

    @property
    def total(self) -> int:
        return self.price + self.fee


def price_of(offer: Offer, amount: int) -> Price:
    """The price of whole steps."""
    return Price(amount // offer.step * offer.price, offer.fee)


def objection(offer: Offer, amount: int) -> str:
    """Why nobody can buy an amount: `below_minimum`, `off_step`, `above_maximum`; empty if they can."""
    if amount < offer.minimum:
        return "below_minimum"
    if amount > offer.maximum:
        return "above_maximum"
    return "off_step" if amount % offer.step else ""


def most(offer: Offer, *, bought: int) -> int:
    """The most in whole steps that who bought `bought` this year can buy now; 0 if that is below the least."""
    left = offer.maximum if offer.max_per_year is None else min(offer.maximum, offer.max_per_year - bought)
    left -= left % offer.step
    return left if left >= offer.minimum else 0


def nearest(offer: Offer, amount: int, *, limit: int) -> int:
    """The amount in whole steps, from the least to `limit`, that is nearest to what is wanted, at or below it."""
    return max(offer.minimum, min(amount - amount % offer.step, limit))


def taken_back(amount: int, price: int, *, refunded: int) -> int:
    """
    How much of an amount that cost `price` is gone when `refunded` went back in all, rounded up.

    It depends on the sum only and never shrinks: many small refunds take what one big one takes. The fee goes last and
    takes nothing. (`ledger_refund_purchase` does the same.)
    """
    return -(-min(price, refunded) * amount // price)
