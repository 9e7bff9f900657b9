"""What is answered about transfers between members."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.queries import Unit
from ledger.sending import TransferRules
from ledger.transfers import Allowance, Part, Transfer
from members.models import Member

State = Annotated[
    str,
    Meta(description="`OFFERED`, `ACCEPTED`, `DECLINED`, `WITHDRAWN`, `LAPSED`, or `DONE` where no yes was needed."),
]


class TransferDocument(msgspec.Struct, frozen=True):
    """
    A transfer as it is now. `from` and `to` are member numbers; the sender paid `fee` beside the amount. An offer can
    be accepted until `open_until`; `posting` is there once the points have moved.
    """

    id: SafeInteger
    sender: str = msgspec.field(name="from")
    receiver: str = msgspec.field(name="to")
    unit: str
    amount: AmountText
    fee: AmountText
    message: str
    state: State
    made_at: Instant
    open_until: Instant | None
    ended_at: Instant | None
    posting: SafeInteger | None


class TransferPage(msgspec.Struct, frozen=True):
    """Some transfers, newest first, and the addresses of the pages around them."""

    next: str | None
    previous: str | None
    results: list[TransferDocument]


class ArrivingDocument(msgspec.Struct, frozen=True):
    """Points that would arrive and lapse together; null when they never do."""

    amount: AmountText
    expires_at: Instant | None


class TransferQuoteDocument(msgspec.Struct, frozen=True):
    """
    What a transfer would cost and what the member may send now. Null limits are none. `most` is the largest amount that
    can be sent, fee and limits considered; `fee`, `costs` and `arrives` are there for a quoted `amount` that the member
    has.
    """

    unit: str
    minimum: AmountText
    maximum: AmountText | None
    step: AmountText
    needs_acceptance: bool
    spendable: AmountText
    most: AmountText
    sent_this_month: AmountText
    sent_left: AmountText | None
    made_today: SafeInteger
    transfers_left: SafeInteger | None
    amount: AmountText | None
    fee: AmountText | None
    costs: AmountText | None
    arrives: list[ArrivingDocument]


def transfer_document(row: Transfer, members: Mapping[int, Member], *, at: datetime) -> TransferDocument:
    """A transfer as of `at`; `members` are both by wallet."""
    state = row.state_at(at)
    ended = row.ends_at if state == Transfer.State.LAPSED else row.ended_at
    return TransferDocument(
        id=row.pk,
        sender=members[row.from_wallet_id].number,
        receiver=members[row.to_wallet_id].number,
        unit=row.unit.code,
        amount=format_minor(row.amount, decimals=row.unit.decimals),
        fee=format_minor(row.fee, decimals=row.unit.decimals),
        message=row.message,
        state=state.value,
        made_at=row.made_at,
        open_until=utc(row.ends_at),
        ended_at=utc(ended),
        posting=row.posting_id,
    )


def quote_document(
    unit: Unit, rules: TransferRules, allowance: Allowance, *, amount: int | None, parts: Sequence[Part]
) -> TransferQuoteDocument:
    """The answer to `POST /transfer-quotes`."""

    def text(minor: int) -> str:
        return format_minor(minor, decimals=unit.decimals)

    fee = None if amount is None else rules.fee(amount)
    return TransferQuoteDocument(
        unit=unit.code,
        minimum=text(rules.least),
        maximum=None if rules.maximum is None else text(rules.maximum),
        step=text(rules.step),
        needs_acceptance=rules.needs_acceptance,
        spendable=text(allowance.spendable),
        most=text(allowance.most),
        sent_this_month=text(allowance.sent),
        sent_left=None if allowance.left is None else text(allowance.left),
        made_today=allowance.made,
        transfers_left=allowance.transfers_left,
        amount=None if amount is None else text(amount),
        fee=None if fee is None else text(fee),
        costs=None if amount is None or fee is None else text(amount + fee),
        arrives=[ArrivingDocument(text(part.amount), utc(part.expires_at)) for part in parts],
    )
