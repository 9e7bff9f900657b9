"""What is answered about returns."""

import msgspec

from campaigns.services import AcceptedReturn
from integrations.api.documents.values import AmountText, SafeInteger
from kernel.amounts import format_minor
from orders.facts import format_quantity
from shops.models import Programme


class TakenBackDocument(msgspec.Struct, frozen=True):
    """
    What a return took back of what one rule gave.

    `amount` = `taken` from the wallet + `lapsed` (expired unspent before) + `owed` (to be offset by the next earnings).
    """

    order: SafeInteger
    posting: SafeInteger
    unit: str
    amount: AmountText
    taken: AmountText
    lapsed: AmountText
    owed: AmountText


class PaidBackDocument(msgspec.Struct, frozen=True):
    """
    What is given back of one tender of an order, counted from 1.

    Where points paid it, `points` of `unit` are back in the wallet, worth `amount`; else `amount` is yours to pay out.
    """

    order: SafeInteger
    tender: SafeInteger
    kind: str
    amount: AmountText
    unit: str | None
    points: AmountText | None
    posting: SafeInteger | None


class ReturnedPartDocument(msgspec.Struct, frozen=True):
    """Which line of which order came back, and how much of it."""

    order: SafeInteger
    line: SafeInteger
    quantity: str


class UnmatchedDocument(msgspec.Struct, frozen=True):
    """What no earlier sale explains."""

    sku: str
    quantity: str


class ReturnAnswer(msgspec.Struct, frozen=True):
    """What became of a return."""

    id: SafeInteger
    source: str
    reference: str
    lines: list[ReturnedPartDocument]
    unmatched: list[UnmatchedDocument]
    taken_back: list[TakenBackDocument]
    paid_back: list[PaidBackDocument]


def return_answer(accepted: AcceptedReturn, programme: Programme) -> ReturnAnswer:
    """The answer to `POST /returns`."""
    registered = accepted.registered
    return ReturnAnswer(
        id=registered.return_id,
        source=registered.draft.source,
        reference=registered.draft.reference,
        lines=[
            ReturnedPartDocument(part.order_id, part.line_no, format_quantity(part.quantity))
            for part in registered.parts
        ],
        unmatched=[UnmatchedDocument(line.sku, format_quantity(line.quantity)) for line in registered.unmatched],
        taken_back=[
            TakenBackDocument(
                order=item.order_id,
                posting=item.posting_id,
                unit=item.unit,
                **{
                    name: format_minor(getattr(item, name), decimals=item.unit_decimals)
                    for name in ("amount", "taken", "lapsed", "owed")
                },
            )
            for item in accepted.taken_back
        ],
        paid_back=[
            PaidBackDocument(
                order=item.order_id,
                tender=item.tender,
                kind=item.kind,
                amount=format_minor(item.amount, decimals=programme.currency_decimals),
                unit=item.unit or None,
                points=format_minor(item.points, decimals=item.unit_decimals) if item.unit else None,
                posting=item.posting_id,
            )
            for item in accepted.paid_back
        ],
    )
