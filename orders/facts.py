"""
Orders and returns as plain values: what a source reports, and what the engine reads.

Amounts are minor units of the order's currency, tax included; quantities are thousandths of a piece (1 piece = 1000,
0.75 kg = 750). Structs leave defaults out of their JSON, so a stored line is as short as what it says.
"""

from datetime import datetime
from enum import StrEnum

import msgspec

from kernel.amounts import format_minor

PIECE = 1000
ContextValue = str | int | bool


def format_quantity(thousandths: int) -> str:
    """Write a quantity in pieces: 1000 is "1", 750 is "0.75"."""
    text = format_minor(thousandths, decimals=len(str(PIECE)) - 1)
    return text.rstrip("0").rstrip(".")


class LineKind(StrEnum):
    """What a line is. Only PRODUCT and SERVICE lines count as goods bought."""

    PRODUCT = "product"
    SERVICE = "service"
    SHIPPING = "shipping"
    FEE = "fee"
    DEPOSIT = "deposit"
    GIFT_CARD = "gift_card"
    TOP_UP = "top_up"
    ADJUSTMENT = "adjustment"


class TenderKind(StrEnum):
    """How a part of an order was paid."""

    CASH = "cash"
    CARD = "card"
    ONLINE = "online"
    GIFT_CARD = "gift_card"
    STORED_VALUE = "stored_value"
    POINTS = "points"
    CREDIT = "credit"


class Line(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One line of an order.

    `amount` is the line's price with tax, behind its own discounts but before order-level ones; `discount` is its
    share of the order-level discounts (filled in by `orders.allocation`); `tax` is the tax inside `amount`. These and
    `quantity` say what was sold and stay as they are; `returned` is how much of `quantity` came back since.
    """

    no: int
    sku: str
    quantity: int
    amount: int
    name: str = ""
    kind: LineKind = LineKind.PRODUCT
    tax: int = 0
    discount: int = 0
    categories: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    returned: int = 0

    @property
    def price(self) -> int:
        """What the customer keeps and paid for, with tax, behind all discounts."""
        return self.left_of(self.amount - self.discount)

    @property
    def net(self) -> int:
        """The price without tax; the tax shrinks with the discount, rounded down."""
        price = self.amount - self.discount
        return self.left_of(price - self.tax * price // self.amount if self.discount else price - self.tax)

    def left_of(self, amount: int) -> int:
        """
        The part of an amount of this line that belongs to what did not come back, rounded down.

        It depends on the total returned only, and never grows while more comes back.
        """
        return amount * (self.quantity - self.returned) // self.quantity if self.returned else amount


class Tender(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A part of the payment. `hold` names the points that pay it (0: none are named).

    `earns` says whether the part earns like money; None leaves that to the kind.
    """

    kind: TenderKind
    amount: int
    hold: int = 0
    earns: bool | None = None


class OrderDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A purchase as reported. `customer_source` empty means `customer` is a member number; both empty is a guest.

    `discount` is the sum of order-level discounts, spread over the goods' lines. `(source, reference)` is the
    order's identity. `context` is what else the caller knows (the weather), by the keys the programme declares; `codes`
    are what the customer named to get an offer. `wants_offers` asks that discounts are taken off the prices it states.
    """

    source: str
    reference: str
    placed_at: datetime
    currency: str
    lines: tuple[Line, ...]
    customer_source: str = ""
    customer: str = ""
    discount: int = 0
    tenders: tuple[Tender, ...] = ()
    channel: str = ""
    shop_code: str = ""
    context: dict[str, ContextValue] = {}
    codes: tuple[str, ...] = ()
    wants_offers: bool = False


class ReturnedPart(msgspec.Struct, frozen=True, omit_defaults=True):
    """`quantity` thousandths of line `line_no` of order `order_id` came back."""

    order_id: int
    line_no: int
    quantity: int


class ReturnLine(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line of a return: by the order's line number when the sale is known, by article when it is not."""

    quantity: int
    line_no: int | None = None
    sku: str = ""


class ReturnDraft(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    A return as reported. With `order_reference` it is about that order of the same source; without, its lines are
    matched to the customer's earlier purchases of the same article, newest first.
    """

    source: str
    reference: str
    returned_at: datetime
    lines: tuple[ReturnLine, ...]
    order_reference: str = ""
    customer_source: str = ""
    customer: str = ""


class Purchase(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    An order as the engine sees it: facts only, lines with their discount shares. `codes` are what the customer named to
    get an offer; `wants_offers` says that discounts are still to be taken off its prices.
    """

    placed_at: datetime
    currency: str
    lines: tuple[Line, ...]
    tenders: tuple[Tender, ...] = ()
    channel: str = ""
    shop_code: str = ""
    codes: tuple[str, ...] = ()
    wants_offers: bool = False

    @property
    def total(self) -> int:
        return sum(line.price for line in self.lines)
