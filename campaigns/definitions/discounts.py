"""
What a rule can take off a basket's price. Amounts are minor units, percentages hundredths of one, counts whole pieces.

A line counts as many pieces as whole ones it holds.
"""

from enum import StrEnum
from typing import Literal

import msgspec

from campaigns.definitions.effects import WHOLE, Tree


class End(StrEnum):
    """Which pieces come first."""

    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class _Discount(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    pass


class PercentOff(_Discount, frozen=True, tag="percent_off"):
    """A share off each of the `lines`; of their `list` price, or of what lanes before left (`running`)."""

    percent: int
    lane: int = 1
    base: Literal["running", "list"] = "running"
    lines: Tree | None = None
    most: int | None = None


class AmountOff(_Discount, frozen=True, tag="amount_off"):
    """`amount` off the `lines` together, spread over them in proportion to their price, never below zero."""

    amount: int
    lane: int = 1
    lines: Tree | None = None


class SetPrice(_Discount, frozen=True, tag="set_price"):
    """Every `count` pieces of the `lines`, dearest first, cost `price` together where that is less; `times` at most."""

    price: int
    count: int
    lane: int = 1
    lines: Tree | None = None
    times: int | None = None


class BuyGet(_Discount, frozen=True, tag="buy_get"):
    """
    Of every `buy` + `get` pieces, `get` cost `percent` less: the `which` ones of `get_lines` (without it those that are
    bought: `lines`). `buy` 0 takes it off the ends alone: "the cheapest piece is free".
    """

    get: int
    buy: int = 0
    which: End = End.CHEAPEST
    percent: int = WHOLE
    lane: int = 1
    lines: Tree | None = None
    get_lines: Tree | None = None
    times: int | None = None


class Step(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """From `least` on: `percent` off, or `amount` off."""

    least: int
    percent: int = 0
    amount: int = 0


class Tiered(_Discount, frozen=True, tag="tiered_off"):
    """The last of `steps` that the `lines` together reach, by their `amount` or the number of their `pieces`."""

    by: Literal["amount", "pieces"]
    steps: tuple[Step, ...]
    lane: int = 1
    lines: Tree | None = None


class ShippingOff(_Discount, frozen=True, tag="shipping_off"):
    """A share off what shipping costs, at most `most`."""

    percent: int = WHOLE
    lane: int = 1
    most: int | None = None


Discount = PercentOff | AmountOff | SetPrice | BuyGet | Tiered | ShippingOff
