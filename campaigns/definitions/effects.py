"""What a rule can give. Amounts are minor units, factors and quantities thousandths, percentages hundredths of one."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

Tree = dict[str, Any]
FACTOR_ONE = 1000
# What the names of counters begin with.
USED = "used:"
WHOLE = 10_000


class Mode(StrEnum):
    """`BLOCK`: only whole blocks count. `CONTINUOUS`: every part counts, the result is rounded."""

    BLOCK = "block"
    CONTINUOUS = "continuous"


class Rounding(StrEnum):
    """What becomes of the part of a unit that is too small to be booked."""

    DOWN = "down"
    UP = "up"
    HALF_UP = "half_up"
    HALF_EVEN = "half_even"


class Scope(StrEnum):
    """Whether an order is rounded once, or each of its lines."""

    ORDER = "order"
    LINE = "line"


class Base(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    Which money earns. By default: goods behind all discounts, without tax, without what points or promotional credit
    paid. Each flag counts one more thing in; `discounts` counts the money before the order's discounts.
    """

    tax: bool = False
    discounts: bool = False
    shipping: bool = False
    points: bool = False
    credit: bool = False


class _Effect(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    pass


class PerMoney(_Effect, frozen=True, tag="per_money"):
    """
    `units` minor units of the account unit for each `per` minor units of money spent on goods, on those `lines` alone
    for which the condition about a line holds; or of the money that the event carries as `of`.
    """

    units: int
    per: int
    mode: Mode = Mode.BLOCK
    base: Base = Base()
    lines: Tree | None = None
    of: str = ""
    rounding: Rounding = Rounding.DOWN
    scope: Scope = Scope.ORDER


class Percent(_Effect, frozen=True, tag="percent"):
    """
    `percent` hundredths of a percent of the money spent, or that the event carries as `of`, as credit in a unit that
    counts money.
    """

    percent: int
    base: Base = Base()
    lines: Tree | None = None
    of: str = ""
    rounding: Rounding = Rounding.DOWN
    scope: Scope = Scope.ORDER


class PerQuantity(_Effect, frozen=True, tag="per_quantity"):
    """
    `units` for each `per` thousandths: of pieces of the order's goods (those `lines` for which the condition holds), or
    of the number that the event carries as `of`.
    """

    units: int
    per: int = 1000
    mode: Mode = Mode.BLOCK
    of: str = ""
    lines: Tree | None = None
    rounding: Rounding = Rounding.DOWN


class Fixed(_Effect, frozen=True, tag="fixed"):
    """`units` minor units of the account unit, once, whatever was spent."""

    units: int


class Multiplier(_Effect, frozen=True, tag="multiplier"):
    """
    What the rules by money and by quantity give for those `lines`, times `factor` thousandths; `of` names some of this
    campaign's rules, without it all rules of the unit are multiplied. Fixed bonuses never are.
    """

    factor: int
    lines: Tree | None = None
    of: tuple[str, ...] = ()


Effect = PerMoney | Percent | PerQuantity | Fixed | Multiplier
ByMoney = PerMoney | Percent
Multiplied = PerMoney | Percent | PerQuantity


class Combine(StrEnum):
    """What several multipliers of a campaign on one line come to."""

    LARGEST = "largest"
    PRODUCT = "product"


class Multipliers(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """How the multipliers of a version come together on a line, and the largest factor they may reach."""

    combine: Combine = Combine.LARGEST
    most: int | None = None


class Count(StrEnum):
    """What a limit counts."""

    EXECUTIONS = "executions"
    UNITS = "units"
    DISCOUNT = "discount"
    ORDER_VALUE = "order_value"
    BALANCE = "balance"


class Per(StrEnum):
    """Whose uses a limit adds up: everybody's, each member's, each shop's, or one order's alone."""

    ALL = "all"
    MEMBER = "member"
    SHOP = "shop"
    ORDER = "order"


class Limit(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    At most `most` of what it counts, within each `period` of the calendar (none: for ever). A balance is the member's
    in the rule's unit, what is pending with it.

    `over` says what becomes of an order that would go beyond: it gets what is `left`, or nothing (`reject`), or what
    is left and the campaign is stopped (`pause`).
    """

    count: Count
    most: int
    per: Per = Per.ALL
    period: Literal["", "day", "week", "month", "quarter", "year"] = ""
    over: Literal["left", "reject", "pause"] = "left"
    gives_back: bool = True

    def slot(self, campaign: str, rule: str) -> str:
        """The name of the counter behind it; versions with another `most` count on with it."""
        return f"{USED}{campaign}/{rule}/{self.count}/{self.per}/{self.period}"
