"""
Points as money: how many of them an order takes, and what they are worth. Pure arithmetic on integers.

Amounts of points are minor units of the unit, values minor units of the programme's currency. A value is rounded down,
and nobody pays with more points than it needs.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """`units` pay `money`; the rest bounds what one order may take, as `ledger.models.PaymentTerms` says."""

    units: int
    money: int
    minimum: int = 1
    maximum: int | None = None
    step: int = 1
    share_percent: int = 100
    earns: bool = False


@dataclass(frozen=True, slots=True)
class Bounds:
    """
    What an order can take of a wallet: from `minimum` to `maximum` in steps.

    `reason` is empty when there is something to choose, else why there is not: `zero_balance`, `below_minimum` (the
    wallet has less than the least that can be paid), `order_too_small` (the order can't take the least).
    """

    minimum: int
    maximum: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Split:
    """An order's total in two parts: `value` is paid with `points`, `left` with money."""

    points: int
    value: int
    left: int


def value_of(points: int, terms: Terms) -> int:
    """What points are worth, rounded down."""
    return points * terms.money // terms.units


def fewest_for(value: int, terms: Terms) -> int:
    """The fewest points in whole steps that are worth `value`."""
    return _up(-(-value * terms.units // terms.money), terms.step)


def bounds(terms: Terms, *, spendable: int, total: int) -> Bounds:
    """What an order of `total` can take of a wallet that can spend `spendable`."""
    least = max(_up(terms.minimum, terms.step), fewest_for(1, terms))
    by_order = _within_order(terms, total)
    by_wallet = spendable - spendable % terms.step
    if spendable <= 0:
        return Bounds(least, 0, "zero_balance")
    if by_wallet < least:
        return Bounds(least, 0, "below_minimum")
    if by_order < least:
        return Bounds(least, 0, "order_too_small")
    return Bounds(least, _fewest_of_same_value(min(by_order, by_wallet), least, terms))


def split(terms: Terms, found: Bounds, *, wanted: int, total: int) -> Split:
    """The nearest that can be paid to what is wanted, at or below it; nothing if that is below the least."""
    points = min(wanted, found.maximum)
    points -= points % terms.step
    if found.reason or points < found.minimum:
        return Split(0, 0, total)
    points = _fewest_of_same_value(points, found.minimum, terms)
    value = value_of(points, terms)
    return Split(points, value, total - value)


def objection(terms: Terms, points: int, *, total: int) -> str:
    """Why an order of `total` can't take points: `below_minimum`, `off_step`, `above_maximum`; empty if it can."""
    if points < max(terms.minimum, fewest_for(1, terms)):
        return "below_minimum"
    if points % terms.step:
        return "off_step"
    limit = _limit(terms, total)
    if value_of(points, terms) > limit or (terms.maximum is not None and points > terms.maximum):
        return "above_maximum"
    return ""


def points_back(points: int, value: int, *, returned: int) -> int:
    """
    How many of the points that paid `value` belong to the part of it that came back, rounded up.

    It depends on the total that came back only and never shrinks while more does: small returns give back what one big
    return gives.
    """
    return -(-points * returned // value)


def _within_order(terms: Terms, total: int) -> int:
    """The most points that are not worth more than the order may take, in whole steps."""
    most = ((_limit(terms, total) + 1) * terms.units - 1) // terms.money
    if terms.maximum is not None:
        most = min(most, terms.maximum)
    return most - most % terms.step


def _limit(terms: Terms, total: int) -> int:
    return max(0, total) * terms.share_percent // 100


def _fewest_of_same_value(points: int, least: int, terms: Terms) -> int:
    return max(least, min(points, fewest_for(value_of(points, terms), terms)))


def _up(points: int, step: int) -> int:
    return -(-points // step) * step
