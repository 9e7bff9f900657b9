"""What is answered about returns."""

import msgspec

from campaigns.services import AcceptedReturn
from integrations.api.documents.values import AmountText, SafeInteger
from kernel.amounts import format_minor
from orders.facts import format_quantity


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


def return_answer(accepted: AcceptedReturn) -> ReturnAnswer:
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
    )
