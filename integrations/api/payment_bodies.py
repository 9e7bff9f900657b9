"""What clients send about paying with points."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from integrations.api.bodies import (
    Amount,
    Channel,
    Codes,
    Context,
    ExternalCustomer,
    Instant,
    LineBody,
    Reference,
    ShopCode,
    Source,
)
from orders.facts import TenderKind

SHORTEST_HOLD, LONGEST_HOLD, USUAL_HOLD = 60, 86_400, 900

Points = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$(?!\n)",
        description="An amount of a unit as a decimal string, with no more places than the unit has.",
        examples=["1000"],
    ),
]
UnitCode = Annotated[str, Meta(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9_-]*$(?!\n)", examples=["points"])]
Payer = (
    Annotated[str, Meta(pattern=r"^[0-9]{12}$(?!\n)", description="A member number.", examples=["400000000006"])]
    | ExternalCustomer
)


Purse = Annotated[
    Literal["own", "household"],
    Meta(description="Whose points: the customer's own, or those of the household that the customer may spend."),
]


class WantedBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of a unit the customer would like to pay with."""

    unit: UnitCode
    amount: Points


class QuotedTenderBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a part of the basket will be paid."""

    kind: TenderKind
    amount: Amount


class QuoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A basket as the order will be, and its customer: with `offers` if the order will ask for them, and with its
    `tenders` if it is known how it will be paid.

    `wanted` is where the customer's sliders stand; without one, the most that can be paid is quoted. Without
    `placed_at` the basket is quoted as of now.
    """

    customer: Payer
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", examples=["EUR"])]
    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=500)]
    discount: Amount = "0"
    wanted: Annotated[list[WantedBody], Meta(max_length=10)] = []
    wallet: Purse = "own"
    placed_at: Instant | None = None
    tenders: Annotated[list[QuotedTenderBody], Meta(max_length=20)] = []
    channel: Channel = ""
    shop: ShopCode = ""
    codes: Codes = []
    offers: Annotated[bool, Meta(description="Take the programme's discounts off.")] = False
    context: Context = {}


class HoldBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Points to keep for a checkout. `source` and `reference` make it happen once; `seconds` is how long it lives unless
    it is captured or released before.
    """

    source: Source
    reference: Reference
    customer: Payer
    unit: UnitCode
    amount: Points
    seconds: Annotated[int, Meta(ge=SHORTEST_HOLD, le=LONGEST_HOLD)] = USUAL_HOLD
    wallet: Purse = "own"


class CaptureBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How much of the hold to spend; all of it when left out. The rest is free again."""

    amount: Points | None = None


class RefundBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What to give back of a captured hold; all that is left of it when `amount` is left out. `reference` makes it happen
    once.
    """

    reference: Reference
    amount: Points | None = None
