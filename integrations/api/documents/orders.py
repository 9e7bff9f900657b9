"""What is answered about orders."""

from collections.abc import Sequence
from datetime import UTC
from typing import Any

import msgspec

from campaigns.answers import Accepted, Earned
from campaigns.engine import Rejection
from campaigns.engine.facts import MONEY, NUMBER, QUANTITY, UNIT
from campaigns.queries import money_of
from campaigns.sentences import grant_sentence, rejection_sentence, words_about
from conditions.deciding import type_of
from integrations.api.documents.offers import DiscountDocument, discount_documents
from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.queries import units_of
from orders.events.types import DeclaredType
from orders.facts import Line, Tender, format_quantity
from orders.models import Order
from shops.models import Programme


class EarnedDocument(msgspec.Struct, frozen=True):
    """What one rule gave, and why. `posting` is its number in the books."""

    unit: str
    amount: AmountText
    campaign: str
    version: SafeInteger
    rule: str
    posting: SafeInteger
    expires_at: Instant | None
    why: str


class RejectedDocument(msgspec.Struct, frozen=True):
    """
    What one rule did not give, and why.

    `code` is stable: `condition_failed` (with `field`, `op`, `required` and `observed`), `below_block`,
    `no_goods`, `no_matching_lines`, `nothing_to_multiply`, `nothing_to_discount`, `beaten_by` and `exclusive_conflict`
    (`field` is the campaign and rule that won, `required` what it gives, `observed` what this one would have given),
    `limit_reached` (`required` is the most, `observed` what was used), `not_needed`, `stopped`, `no_member`,
    `member_blocked`, `no_campaign`.
    """

    code: str
    campaign: str | None
    version: SafeInteger | None
    rule: str | None
    field: str | None
    op: str | None
    required: Any
    observed: Any
    why: str


class OrderAnswer(msgspec.Struct, frozen=True):
    """
    What became of an order: what was taken off and earned, and why, and what was not and why not. `member` is null for
    a guest.
    """

    id: SafeInteger
    source: str
    reference: str
    member: str | None
    discounts: list[DiscountDocument]
    earned: list[EarnedDocument]
    rejected: list[RejectedDocument]


class LineDocument(msgspec.Struct, frozen=True):
    """A line as it was reported; `discount` is its share of the order's discount."""

    line: SafeInteger
    sku: str
    name: str
    kind: str
    quantity: str
    amount: AmountText
    tax: AmountText
    discount: AmountText
    categories: list[str]
    labels: list[str]


class TenderDocument(msgspec.Struct, frozen=True):
    """A part of the payment; `hold` names the points that paid it."""

    kind: str
    amount: AmountText
    hold: SafeInteger | None


class OrderSummary(msgspec.Struct, frozen=True):
    """An order in a list."""

    id: SafeInteger
    source: str
    reference: str
    member: str | None
    shop: str | None
    channel: str
    currency: str
    total: AmountText
    placed_at: Instant
    recorded_at: Instant


class OrderDocument(OrderSummary, frozen=True):
    """An order with everything that was reported and decided."""

    lines: list[LineDocument]
    tenders: list[TenderDocument]
    codes: list[str]
    discounts: list[DiscountDocument]
    earned: list[EarnedDocument]
    rejected: list[RejectedDocument]


class OrderPage(msgspec.Struct, frozen=True):
    """Some orders, newest first, and the addresses of the pages around them."""

    next: str | None
    previous: str | None
    results: list[OrderSummary]


def order_answer(accepted: Accepted, programme: Programme) -> OrderAnswer:
    """The answer to `POST /orders`; the same for the first time and for every repeat."""
    return OrderAnswer(
        id=accepted.order_id,
        source=accepted.source,
        reference=accepted.reference,
        member=accepted.member_number,
        discounts=discount_documents(accepted.decision.discounts, programme),
        earned=earned_documents(accepted.earned, programme),
        rejected=rejected_documents(accepted.decision.rejections, programme),
    )


def earned_documents(
    earned: Sequence[Earned], programme: Programme, about: DeclaredType | None = None
) -> list[EarnedDocument]:
    """Grants for an order, or for an event of the type `about`, with their sentences."""
    money = money_of(programme)
    return [
        EarnedDocument(
            unit=item.grant.unit,
            amount=format_minor(item.grant.granted, decimals=item.unit_decimals),
            campaign=item.grant.campaign,
            version=item.grant.version,
            rule=item.grant.rule,
            posting=item.posting_id,
            expires_at=utc(item.expires_at),
            why=grant_sentence(item.grant, money, decimals=item.unit_decimals, about=about),
        )
        for item in earned
    ]


def rejected_documents(
    rejections: Sequence[Rejection], programme: Programme, about: DeclaredType | None = None
) -> list[RejectedDocument]:
    """Rejections of an order, or of an event of the type `about`, with their sentences."""
    money = money_of(programme)
    return [
        RejectedDocument(
            code=item.code,
            campaign=item.campaign or None,
            version=item.version or None,
            rule=item.rule or None,
            field=item.field or None,
            op=item.op or None,
            required=_as_text(item, item.required, programme, about),
            observed=_as_text(item, item.observed, programme, about),
            why=rejection_sentence(item, money, about),
        )
        for item in rejections
    ]


def order_summary(order: Order, programme: Programme) -> OrderSummary:
    """An order that was read with its member and shop."""
    return OrderSummary(**_summary(order, programme))


def order_document(order: Order, accepted: Accepted, programme: Programme) -> OrderDocument:
    """An order that was read with its member and shop, and what was decided about it."""
    decimals = programme.currency_decimals
    return OrderDocument(
        **_summary(order, programme),
        lines=[_line(line, decimals) for line in msgspec.convert(order.lines, tuple[Line, ...])],
        tenders=[
            TenderDocument(tender.kind, format_minor(tender.amount, decimals=decimals), tender.hold or None)
            for tender in msgspec.convert(order.tenders, tuple[Tender, ...])
        ],
        codes=order.codes,
        discounts=discount_documents(accepted.decision.discounts, programme),
        earned=earned_documents(accepted.earned, programme),
        rejected=rejected_documents(accepted.decision.rejections, programme),
    )


def _summary(order: Order, programme: Programme) -> dict[str, Any]:
    return {
        "id": order.pk,
        "source": order.source,
        "reference": order.reference,
        "member": order.member.number if order.member else None,
        "shop": order.shop.code if order.shop else None,
        "channel": order.channel,
        "currency": order.currency,
        "total": format_minor(order.total, decimals=programme.currency_decimals),
        "placed_at": order.placed_at.astimezone(UTC),
        "recorded_at": order.recorded_at.astimezone(UTC),
    }


def _line(line: Line, decimals: int) -> LineDocument:
    return LineDocument(
        line=line.no,
        sku=line.sku,
        name=line.name,
        kind=line.kind,
        quantity=format_quantity(line.quantity),
        amount=format_minor(line.amount, decimals=decimals),
        tax=format_minor(line.tax, decimals=decimals),
        discount=format_minor(line.discount, decimals=decimals),
        categories=list(line.categories),
        labels=list(line.labels),
    )


def _as_text(rejection: Rejection, value: Any, programme: Programme, about: DeclaredType | None) -> Any:
    """Amounts and quantities leave the house as decimal strings, in rejections too."""
    if isinstance(value, list):
        return [_as_text(rejection, item, programme, about) for item in value]
    if not isinstance(value, int) or isinstance(value, bool):
        return value
    kind = rejection.measure or _kind_of(rejection, programme, about)
    if kind.startswith(UNIT):
        unit = next(unit for unit in units_of(programme.pk) if unit.code == kind.removeprefix(UNIT))
        return format_minor(value, decimals=unit.decimals)
    if kind == MONEY:
        return format_minor(value, decimals=programme.currency_decimals)
    return format_quantity(value) if kind == QUANTITY else value


def _kind_of(rejection: Rejection, programme: Programme, about: DeclaredType | None) -> str:
    if rejection.code == "below_block":
        return MONEY  # what was decided before rules by quantity did not say it
    return type_of(rejection.failure, words_about(about).within(programme.pk)) or NUMBER
