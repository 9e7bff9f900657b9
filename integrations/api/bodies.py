"""What clients send. These types are the validation and the source of the OpenAPI document at once."""

from datetime import UTC, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from integrations.api.refusals import Fault, Refusal
from kernel.amounts import parse_minor
from orders.facts import PIECE, Line, LineKind, OrderDraft, ReturnDraft, ReturnLine, Tender, TenderKind
from shops.models import Programme

# Printable text in one line. The look-ahead closes a hole of Python's `$`, which also matches before a last line break.
PRINTABLE = r"^[^\u0000-\u001f\u007f]*$(?!\n)"
_QUANTITY_DECIMALS = 3

Name = Annotated[str, Meta(max_length=120, pattern=PRINTABLE)]
Source = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9._-]*$(?!\n)",
        description="Your system's name, always the same; together with `reference` it identifies the order.",
        examples=["webshop"],
    ),
]
Reference = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=120,
        pattern=PRINTABLE,
        description="Your system's own number for this; sending it again is safe for ever.",
        examples=["2026-000117"],
    ),
]
Amount = Annotated[
    str,
    Meta(
        pattern=r"^-?[0-9]{1,12}(\.[0-9]{1,4})?$(?!\n)",
        description="Money as a decimal string, with no more places than the programme's currency has.",
        examples=["12.34"],
    ),
]
Quantity = (
    Annotated[int, Meta(ge=1, le=1_000_000)]
    | Annotated[
        str,
        Meta(
            pattern=r"^[0-9]{1,6}(\.[0-9]{1,3})?$(?!\n)",
            description="Pieces, or a decimal string for weights and lengths: 0.75 is three quarters.",
            examples=["0.75"],
        ),
    ]
)
Label = Annotated[str, Meta(min_length=1, max_length=60, pattern=PRINTABLE)]
Labels = Annotated[list[Label], Meta(max_length=20)]
Channel = Annotated[str, Meta(max_length=20, pattern=r"^[A-Za-z0-9._-]*$(?!\n)", examples=["web"])]
ShopCode = Annotated[
    str, Meta(max_length=40, pattern=r"^[A-Za-z0-9_-]*$(?!\n)", description="The code of a shop.", examples=["berlin"])
]
Context = Annotated[
    dict[
        Annotated[str, Meta(min_length=1, max_length=40, pattern=r"^[a-z][a-z0-9_]*$(?!\n)")],
        Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE)] | int | bool,
    ],
    Meta(
        max_length=20,
        description="What else you know, by the keys your programme declares; its rules may ask for it.",
        examples=[{"weather": "rain"}],
    ),
]
Codes = Annotated[list[Label], Meta(max_length=20, description="What the customer named to get an offer.")]
Instant = Annotated[
    datetime, Meta(tz=True, description="ISO 8601 with an offset.", examples=["2026-03-14T09:30:00+01:00"])
]
EARLIEST = datetime(1980, 1, 1, tzinfo=UTC)
LATEST = datetime(2200, 1, 1, tzinfo=UTC)


class ExternalCustomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A customer by your own number for them."""

    source: Source
    external_id: Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE, examples=["6940095564"])]


MemberNumber = Annotated[
    str, Meta(pattern=r"^[0-9]{12}$(?!\n)", description="A member number.", examples=["400000000006"])
]
Customer = MemberNumber | ExternalCustomer | None


class LineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    One line of an order.

    `amount` is the price of the whole line with tax, behind its own discounts; `tax` the tax inside it. Shipping, fees
    and gift cards are lines of their own kind.
    """

    sku: Annotated[str, Meta(min_length=1, max_length=120, pattern=PRINTABLE, examples=["BEANS-1KG"])]
    amount: Amount
    quantity: Quantity = 1
    name: Name = ""
    kind: LineKind = LineKind.PRODUCT
    tax: Amount = "0"
    categories: Labels = []
    labels: Labels = []


class TenderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the payment. With `hold` it is paid with the points of that hold, which the order captures."""

    kind: TenderKind
    amount: Amount
    hold: Annotated[int, Meta(ge=1, le=2**63 - 1, description="The id of an open hold.")] | None = None


class OrderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A purchase. Lines are numbered from 1 in the given sequence.

    `discount` is the sum of the order-level discounts, spread over the goods. Without a customer it is a guest's order
    and earns nothing. With `offers` the discounts of the programme are taken off the prices that are stated: ask for a
    quote first. Tenders, when given, add up to the order's total.
    """

    source: Source
    reference: Reference
    placed_at: Instant
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", examples=["EUR"])]
    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=500)]
    customer: Customer = None
    discount: Amount = "0"
    tenders: Annotated[list[TenderBody], Meta(max_length=20)] = []
    channel: Channel = ""
    shop: ShopCode = ""
    codes: Codes = []
    offers: Annotated[bool, Meta(description="Take the programme's discounts off.")] = False
    context: Context = {}


class ReturnLineBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What came back: a line of the named order, or an article when the order is not known."""

    quantity: Quantity
    line: Annotated[int, Meta(ge=1, le=500, description="The order's line, counted from 1.")] | None = None
    sku: Annotated[str, Meta(max_length=120, pattern=PRINTABLE)] = ""


class ReturnBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Goods that came back.

    With `order_reference` they belong to that order of the same source; without, they are matched to the customer's
    earlier purchases of the same article, newest first.
    """

    source: Source
    reference: Reference
    returned_at: Instant
    lines: Annotated[list[ReturnLineBody], Meta(min_length=1, max_length=500)]
    order_reference: Annotated[str, Meta(max_length=120, pattern=PRINTABLE)] = ""
    customer: Customer = None


class DeliveryBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An order that reached its customer."""

    source: Source
    order_reference: Reference
    delivered_at: Instant


EventTypes = Annotated[
    list[Annotated[str, Meta(max_length=60, pattern=r"^[a-z_]+\.[a-z_]+$(?!\n)", examples=["points.accrued"])]],
    Meta(max_length=50, description="Types of the event catalogue; empty: all of them."),
]


class BirthdayBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day of the year; 29 February is one."""

    month: Annotated[int, Meta(ge=1, le=12, examples=[5])]
    day: Annotated[int, Meta(ge=1, le=31, examples=[17])]


class WebhookBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address to be told about events."""

    url: Annotated[str, Meta(min_length=1, max_length=500, pattern=PRINTABLE, examples=["https://example.com/laurel"])]
    event_types: EventTypes = []
    description: Name = ""


class WebhookChange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What to change; what is left out stays."""

    event_types: EventTypes | msgspec.UnsetType = msgspec.UNSET
    description: Name | msgspec.UnsetType = msgspec.UNSET
    is_enabled: bool | msgspec.UnsetType = msgspec.UNSET


class Nothing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An empty object."""


class Reading:
    """Collects what the document allows and the programme does not."""

    def __init__(self, decimals: int) -> None:
        self._decimals = decimals
        self.faults: list[Fault] = []

    def money(self, text: str, pointer: str) -> int:
        try:
            return parse_minor(text, decimals=self._decimals)
        except ValueError as error:
            self._blame(pointer, str(error), f"a decimal number with at most {self._decimals} places")
            return 0

    def quantity(self, given: int | str, pointer: str) -> int:
        if isinstance(given, int):
            return given * PIECE
        thousandths = parse_minor(given, decimals=_QUANTITY_DECIMALS)
        if thousandths == 0:
            self._blame(pointer, "nothing", "more than 0")
        return thousandths

    def instant(self, given: datetime, pointer: str) -> datetime:
        if not EARLIEST <= given < LATEST:
            self._blame(pointer, given.isoformat(), f"a time between {EARLIEST.year} and {LATEST.year}")
            return EARLIEST
        return given.astimezone(UTC)

    def missing(self, pointer: str, why: str) -> None:
        self.faults.append(Fault("This field is missing.", pointer=f"#{pointer}", expected=why))

    def refuse(self, code: str) -> None:
        """:raises Refusal: with `code`, if anything was wrong"""
        if self.faults:
            raise Refusal(code, self.faults[0].detail, faults=self.faults)

    def _blame(self, pointer: str, got: str, expected: str) -> None:
        self.faults.append(Fault(f"Got {got}, expected {expected}.", pointer=f"#{pointer}", expected=expected))


def order_draft(body: OrderBody, programme: Programme) -> OrderDraft:
    """
    The order in minor units and UTC.

    :raises Refusal: `order_invalid`, naming every amount, quantity and time that can't be
    """
    reading = Reading(programme.currency_decimals)
    customer_source, customer = customer_of(body.customer)
    draft = OrderDraft(
        source=body.source,
        reference=body.reference,
        placed_at=reading.instant(body.placed_at, "/placed_at"),
        currency=body.currency,
        lines=tuple([_line(no, line, reading) for no, line in enumerate(body.lines)]),
        customer_source=customer_source,
        customer=customer,
        discount=reading.money(body.discount, "/discount"),
        tenders=tuple(
            [
                Tender(tender.kind, reading.money(tender.amount, f"/tenders/{no}/amount"), tender.hold or 0)
                for no, tender in enumerate(body.tenders)
            ]
        ),
        channel=body.channel,
        shop_code=body.shop,
        codes=tuple(body.codes),
        wants_offers=body.offers,
        # In one order, so that the same told again in another is the same.
        context=dict(sorted(body.context.items())),
    )
    reading.refuse("order_invalid")
    return draft


def return_draft(body: ReturnBody, programme: Programme) -> ReturnDraft:
    """
    The return in thousandths of a piece and UTC.

    :raises Refusal: `order_invalid`, naming every quantity and time that can't be, and what is missing to find the sale
    """
    reading = Reading(programme.currency_decimals)
    customer_source, customer = customer_of(body.customer)
    _check_origin(body, reading)
    draft = ReturnDraft(
        source=body.source,
        reference=body.reference,
        returned_at=reading.instant(body.returned_at, "/returned_at"),
        lines=tuple(
            ReturnLine(reading.quantity(line.quantity, f"/lines/{no}/quantity"), line.line, line.sku)
            for no, line in enumerate(body.lines)
        ),
        order_reference=body.order_reference,
        customer_source=customer_source,
        customer=customer,
    )
    reading.refuse("order_invalid")
    return draft


def delivery_instant(body: DeliveryBody) -> datetime:
    """
    When the order arrived, in UTC.

    :raises Refusal: `order_invalid`, for a time that no calendar knows
    """
    reading = Reading(0)
    delivered_at = reading.instant(body.delivered_at, "/delivered_at")
    reading.refuse("order_invalid")
    return delivered_at


def _check_origin(body: ReturnBody, reading: Reading) -> None:
    """Say what is missing to tell which sale a line came from."""
    if not body.order_reference and body.customer is None:
        reading.missing("/order_reference", "the order, or a customer whose purchases are searched")
    for no, line in enumerate(body.lines):
        if body.order_reference and line.line is None:
            reading.missing(f"/lines/{no}/line", "the number of the order's line")
        if not body.order_reference and not line.sku:
            reading.missing(f"/lines/{no}/sku", "the article that came back")


def _line(index: int, line: LineBody, reading: Reading) -> Line:
    pointer = f"/lines/{index}"
    return Line(
        no=index + 1,
        sku=line.sku,
        quantity=reading.quantity(line.quantity, f"{pointer}/quantity"),
        amount=reading.money(line.amount, f"{pointer}/amount"),
        name=line.name,
        kind=line.kind,
        tax=reading.money(line.tax, f"{pointer}/tax"),
        categories=tuple(line.categories),
        labels=tuple(line.labels),
    )


def customer_of(given: str | ExternalCustomer | None) -> tuple[str, str]:
    if given is None:
        return "", ""
    return ("", given) if isinstance(given, str) else (given.source, given.external_id)
