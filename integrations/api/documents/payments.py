"""What is answered about paying with points."""

from datetime import UTC

import msgspec

from campaigns.queries import money_of
from campaigns.quotes import BasketQuote, PaymentQuote
from campaigns.sentences import grant_sentence
from integrations.api.documents.offers import DiscountDocument
from integrations.api.documents.orders import RejectedDocument
from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.checkout import KnownHold
from ledger.paying import value_of
from ledger.services import Refunded
from shops.models import Programme


class HoldDocument(msgspec.Struct, frozen=True):
    """
    Points kept for a checkout, of the member's `own` wallet or the `household`'s. `state` is `HELD`, `CAPTURED` or
    `RELEASED`; one whose time is over reads as released.

    `posting` is the spending that captured it; `refunded` is what of `captured` was given back.
    """

    id: SafeInteger
    source: str
    reference: str
    member: str
    wallet: str
    unit: str
    amount: AmountText
    captured: AmountText
    refunded: AmountText
    state: str
    held_at: Instant
    expires_at: Instant
    closed_at: Instant | None
    posting: SafeInteger | None


class RefundDocument(msgspec.Struct, frozen=True):
    """What was given back of a captured hold, and the posting that did it."""

    hold: SafeInteger
    reference: str
    unit: str
    amount: AmountText
    posting: SafeInteger


class ChosenDocument(msgspec.Struct, frozen=True):
    """A choice: `amount` of the unit pays `value`, and `left_to_pay` is for money."""

    amount: AmountText
    value: AmountText
    left_to_pay: AmountText


class UnitQuoteDocument(msgspec.Struct, frozen=True):
    """
    What one unit can pay: a slider from `minimum` to `maximum` in steps of `step`, each worth about `step_value`.

    `reason` is null when it can, else `zero_balance`, `below_minimum` (the customer has less than the least),
    `order_too_small` (the order can't take the least) or `not_a_means_of_payment`. `tender` is the kind of tender that
    the order names; `earns` says whether what it pays earns points like money.
    """

    unit: str
    name: str
    tender: str | None
    spendable: AmountText
    reason: str | None
    minimum: AmountText | None
    maximum: AmountText | None
    step: AmountText | None
    step_value: AmountText | None
    earns: bool | None
    chosen: ChosenDocument


class WouldEarnDocument(msgspec.Struct, frozen=True):
    """What one rule would give, and why."""

    unit: str
    amount: AmountText
    campaign: str
    version: SafeInteger
    rule: str
    why: str


class QuoteDocument(msgspec.Struct, frozen=True):
    """
    What would become of a basket of `total`: the offers it would get, what is `to_pay` behind them, what that would
    earn, which rules would give nothing and why, and what the customer could pay with points. Nothing was written.
    """

    member: str
    wallet: str
    currency: str
    total: AmountText
    to_pay: AmountText
    discounts: list[DiscountDocument]
    earned: list[WouldEarnDocument]
    rejected: list[RejectedDocument]
    units: list[UnitQuoteDocument]


def would_earn(quote: BasketQuote, programme: Programme) -> list[WouldEarnDocument]:
    """What an order would earn, with its sentences."""
    money = money_of(programme)
    return [
        WouldEarnDocument(
            unit=grant.unit,
            amount=format_minor(grant.granted, decimals=quote.decimals[grant.unit]),
            campaign=grant.campaign,
            version=grant.version,
            rule=grant.rule,
            why=grant_sentence(grant, money, decimals=quote.decimals[grant.unit]),
        )
        for grant in quote.decision.grants
    ]


def hold_document(hold: KnownHold, *, number: str, wallet: str) -> HoldDocument:
    """A hold as it is now; `number` is its member's, `wallet` says whether it is on their own or the household's."""
    source, _, reference = hold.reference.partition(":")
    return HoldDocument(
        id=hold.id,
        source=source,
        reference=reference,
        member=number,
        wallet=wallet,
        unit=hold.unit.code,
        **{
            name: format_minor(getattr(hold, name), decimals=hold.unit.decimals)
            for name in ("amount", "captured", "refunded")
        },
        state=hold.state,
        held_at=hold.held_at.astimezone(UTC),
        expires_at=hold.expires_at.astimezone(UTC),
        closed_at=utc(hold.closed_at),
        posting=hold.posting_id,
    )


def refund_document(hold: KnownHold, refunded: Refunded, *, reference: str) -> RefundDocument:
    """The answer to a refund; the same for the first time and for every repeat."""
    return RefundDocument(
        hold=hold.id,
        reference=reference,
        unit=hold.unit.code,
        amount=format_minor(refunded.amount, decimals=hold.unit.decimals),
        posting=refunded.posting_id,
    )


def unit_quote(quote: PaymentQuote, programme: Programme, *, tender: str | None) -> UnitQuoteDocument:
    """One unit's quote as decimal strings."""

    def units(amount: int) -> str:
        return format_minor(amount, decimals=quote.unit.decimals)

    def money(amount: int) -> str:
        return format_minor(amount, decimals=programme.currency_decimals)

    terms, bounds = quote.terms, quote.bounds
    return UnitQuoteDocument(
        unit=quote.unit.code,
        name=quote.unit.name,
        tender=tender if terms else None,
        spendable=units(quote.spendable),
        reason=quote.reason or None,
        minimum=units(bounds.minimum) if bounds else None,
        maximum=units(bounds.maximum) if bounds else None,
        step=units(terms.step) if terms else None,
        step_value=money(value_of(terms.step, terms)) if terms else None,
        earns=terms.earns if terms else None,
        chosen=ChosenDocument(units(quote.chosen.points), money(quote.chosen.value), money(quote.chosen.left)),
    )
