"""What clients send about purchases."""

from typing import Annotated

import msgspec
from msgspec import Meta

from integrations.api.bodies import PRINTABLE, Instant, Reference, Source
from integrations.api.payment_bodies import Payer, Points, UnitCode

SHORTEST_REQUEST, LONGEST_REQUEST, USUAL_REQUEST = 60, 30 * 86_400, 86_400

Money = Annotated[
    str,
    Meta(
        pattern=r"^[0-9]{1,12}(\.[0-9]{1,4})?$(?!\n)",
        description="Money as a decimal string, with no more places than the programme's currency has.",
        examples=["30.00"],
    ),
]
Currency = Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)", examples=["EUR"])]
Provider = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=40,
        pattern=r"^[A-Za-z0-9._-]*$(?!\n)",
        description="Who takes the money, always by the same name.",
        examples=["stripe"],
    ),
]
PaymentName = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=120,
        pattern=PRINTABLE,
        description="The provider's own name of the payment. It pays one purchase.",
        examples=["pi_3N8"],
    ),
]


class PurchaseQuoteBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the customer would like to buy; without an amount, the least is quoted."""

    customer: Payer
    unit: UnitCode
    amount: Points | None = None


class PaidBy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which money: the provider, and its own name of the payment."""

    provider: Provider
    payment: PaymentName


class PurchaseBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a customer buys. `source` and `reference` make it happen once; `seconds` is how long it waits for its payment.

    With `total` it is refused if the price is another one by now. `paid_by` may follow with the payment.
    """

    source: Source
    reference: Reference
    customer: Payer
    unit: UnitCode
    amount: Points
    total: Money | None = None
    paid_by: PaidBy | None = None
    seconds: Annotated[int, Meta(ge=SHORTEST_REQUEST, le=LONGEST_REQUEST)] = USUAL_REQUEST


class PurchaseCaptureBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which money pays the purchase. With `amount` it is refused if the purchase costs something else."""

    provider: Provider
    payment: PaymentName
    amount: Money | None = None


class PurchaseRefundBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    All the money that was given back so far, this refund included; the whole total when `refunded` is left out.

    With `is_withdrawal` the member withdraws: all of it, and only while they may.
    """

    refunded: Money | None = None
    is_withdrawal: bool = False


class NoticeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What a provider says about a payment. `provider` and `notice`, the provider's id of it, make it count once.

    It is about the purchase with the id `purchase`, or without one about the purchase that is known to be paid by
    `payment`. `amount` is that of the payment; of `refunded` it is all that was given back so far.
    """

    provider: Provider
    notice: Reference
    kind: Annotated[str, Meta(pattern=r"^(authorised|captured|cancelled|refunded)$(?!\n)", examples=["captured"])]
    payment: PaymentName
    amount: Money
    currency: Currency
    happened_at: Instant
    purchase: Annotated[int, Meta(ge=1, le=2**63 - 1)] | None = None
