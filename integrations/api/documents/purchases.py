"""What is answered about purchases."""

import msgspec

from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.purchases import Purchase, PurchaseQuote
from ledger.services import Notice, Told


class PurchaseDocument(msgspec.Struct, frozen=True):
    """
    A purchase. `state` is `REQUESTED`, `AUTHORISED`, `CAPTURED`, `REFUNDED` or `CANCELLED`; one that nobody paid in
    time reads as `CANCELLED`, since `expires_at`.

    `captured` and `refunded` are money, `taken_back` is what left the wallet for it. `number` is what the member reads
    out in a shop.
    """

    id: SafeInteger
    number: str
    source: str
    reference: str
    member: str
    unit: str
    amount: AmountText
    price: AmountText
    fee: AmountText
    total: AmountText
    currency: str
    provider: str
    payment: str
    state: str
    captured: AmountText
    refunded: AmountText
    taken_back: AmountText
    requested_at: Instant
    expires_at: Instant
    authorised_at: Instant | None
    captured_at: Instant | None
    cancelled_at: Instant | None
    refunded_at: Instant | None
    withdraw_until: Instant | None
    posting: SafeInteger | None


class PurchaseQuoteDocument(msgspec.Struct, frozen=True):
    """
    What buying means: from `minimum` to `maximum` in steps of `step`, and what `amount` costs.

    `maximum` is what the customer can buy now; null when the year's limit is used up. `bought_this_year` counts against
    `max_per_year`, which is null without a limit. What was bought lives until `expires_at`, null is for ever.
    """

    member: str
    unit: str
    name: str
    step: AmountText
    minimum: AmountText
    maximum: AmountText | None
    bought_this_year: AmountText
    max_per_year: AmountText | None
    amount: AmountText
    price: AmountText
    fee: AmountText
    total: AmountText
    currency: str
    withdrawal_days: int
    expires_at: Instant | None


class NoticeDocument(msgspec.Struct, frozen=True):
    """
    How a notice was taken: whether it was news, and what state it left the purchase in. A repeat gets the same answer.
    """

    provider: str
    notice: str
    kind: str
    purchase: SafeInteger
    changed: bool
    state: str


def purchase_document(purchase: Purchase, *, number: str, has_lapsed: bool) -> PurchaseDocument:
    """A purchase as it is now; `number` is its member's."""
    unit = purchase.unit

    def money(amount: int) -> str:
        return format_minor(amount, decimals=unit.programme.currency_decimals)

    # What the API asked for stands under the caller's own source and reference.
    source, _, reference = (purchase.reference if purchase.source == "api" else f"{purchase.source}:").partition(":")
    return PurchaseDocument(
        id=purchase.pk,
        number=str(purchase),
        source=source,
        reference=reference or purchase.reference,
        member=number,
        unit=unit.code,
        amount=format_minor(purchase.amount, decimals=unit.decimals),
        price=money(purchase.price),
        fee=money(purchase.fee),
        total=money(purchase.total),
        currency=purchase.currency,
        provider=purchase.provider,
        payment=purchase.payment,
        state=Purchase.State.CANCELLED if has_lapsed else purchase.state,
        captured=money(purchase.captured),
        refunded=money(purchase.refunded),
        taken_back=format_minor(purchase.taken_back, decimals=unit.decimals),
        requested_at=purchase.requested_at,
        expires_at=purchase.expires_at,
        authorised_at=utc(purchase.authorised_at),
        captured_at=utc(purchase.captured_at),
        cancelled_at=utc(purchase.cancelled_at),
        refunded_at=utc(purchase.refunded_at),
        withdraw_until=utc(purchase.withdraw_until),
        posting=purchase.posting_id,
    )


def purchase_quote_document(quote: PurchaseQuote, *, number: str) -> PurchaseQuoteDocument:
    """A quote as decimal strings; `number` is the member's."""
    unit, offer = quote.unit, quote.offer

    def units(amount: int) -> str:
        return format_minor(amount, decimals=unit.decimals)

    def money(amount: int) -> str:
        return format_minor(amount, decimals=unit.programme.currency_decimals)

    return PurchaseQuoteDocument(
        member=number,
        unit=unit.code,
        name=unit.name,
        step=units(offer.step),
        minimum=units(offer.minimum),
        maximum=units(quote.maximum) if quote.maximum else None,
        bought_this_year=units(quote.bought),
        max_per_year=None if offer.max_per_year is None else units(offer.max_per_year),
        amount=units(quote.amount),
        price=money(quote.price.price),
        fee=money(quote.price.fee),
        total=money(quote.price.total),
        currency=unit.programme.currency,
        withdrawal_days=offer.withdrawal_days,
        expires_at=utc(quote.expires_at),
    )


def notice_document(notice: Notice, told: Told) -> NoticeDocument:
    """The answer to a notice; the same for the first time and for every repeat."""
    return NoticeDocument(notice.provider, notice.name, notice.kind.lower(), told.purchase.pk, told.changed, told.state)
