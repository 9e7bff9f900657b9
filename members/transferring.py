"""Members send each other points: at once, or as offers that the other one accepts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from events import outbox
from kernel.amounts import format_minor
from ledger import services as ledger
from ledger.queries import Unit
from ledger.services import NewTransfer, Sent
from ledger.transfers import Transfer
from members.errors import MemberBlocked, MemberUnknown, NumberMistyped
from members.models import Member
from members.numbers import is_valid_number
from shops import attempts
from shops.attempts import LOOK_UPS, Door

LONGEST_MESSAGE = 200


@dataclass(frozen=True, slots=True)
class Sending:
    """
    Who sends whom how much of a unit, in minor units. `fee` is what the sender was told; None takes what it is.
    """

    sender: Member
    receiver: Member
    unit: Unit
    amount: int
    message: str = ""
    fee: int | None = None


def find_receiver(*, sender: Member, number: str, at: datetime) -> Member:
    """
    The member that a member wants to send to, by number. Each look-up counts, found or not.

    Must not be called inside a transaction: a look-up that is rolled back was never counted.

    :raises NumberMistyped: if it is no twelve-digit number or its check digit is wrong (not counted)
    :raises TooManyAttempts: if `LOOK_UPS` are used up
    :raises MemberUnknown: if nobody has the number, or nobody who may receive
    """
    digits = "".join(number.split()).replace("-", "")
    if not is_valid_number(digits):
        raise NumberMistyped(number=number)
    attempts.take(door=Door.RECEIVER, subject=f"{sender.programme_id}:{sender.number}", at=at, limit=LOOK_UPS)
    found = Member.objects.filter(programme_id=sender.programme_id, number=digits).first()
    if found is None or not found.is_active:
        raise MemberUnknown(number=digits)
    return found


@transaction.atomic
def send(*, sending: Sending, source: str, key: str, at: datetime, actor: str) -> Sent:
    """
    Send, or offer where the receiver has to accept. `(source, key)` makes it happen once.

    :raises MemberBlocked: if either is blocked
    :raises TransferNotOffered, TransferAmountRefused, TransferFeeChanged, TransferLimitReached, InsufficientPoints,
        WalletsNotApart, ReferenceReused: as `ledger.services.send` says
    """
    sender, receiver = sending.sender, sending.receiver
    _refuse_blocked(sender, receiver)
    sent = ledger.send(
        asked=NewTransfer(
            sender.wallet_id, receiver.wallet_id, sending.unit, sending.amount, tidied(sending.message), sending.fee
        ),
        programme=sender.programme,
        source=source,
        reference=key,
        at=at,
        actor=actor,
    )
    if sent.fresh:
        _tell(sent.transfer, {sender.wallet_id: sender.number, receiver.wallet_id: receiver.number}, at)
    return sent


@transaction.atomic
def accept(*, transfer: Transfer, at: datetime, actor: str) -> Sent:
    """
    Take an offer for its receiver. Accepting again changes nothing.

    :raises MemberBlocked: if either is blocked by now
    :raises TransferNotOpen, TransferLimitReached: as `ledger.services.accept_transfer` says
    """
    both = members_of([transfer])
    _refuse_blocked(*both.values())
    return _ended(ledger.accept_transfer(transfer_id=transfer.pk, at=at, actor=actor), both, at)


@transaction.atomic
def decline(*, transfer: Transfer, at: datetime, actor: str) -> Sent:
    """
    Say no to an offer for its receiver. Declining again changes nothing.

    :raises TransferNotOpen: if it has ended otherwise
    """
    ended = ledger.decline_transfer(transfer_id=transfer.pk, at=at, actor=actor)
    return _ended(ended, members_of([transfer]), at)


@transaction.atomic
def withdraw(*, transfer: Transfer, at: datetime, actor: str) -> Sent:
    """
    Take an offer back for its sender. Withdrawing again changes nothing.

    :raises TransferNotOpen: if it has ended otherwise
    """
    ended = ledger.withdraw_transfer(transfer_id=transfer.pk, at=at, actor=actor)
    return _ended(ended, members_of([transfer]), at)


@transaction.atomic
def lapse(*, programme_id: int, at: datetime) -> int:
    """Write down and tell the next offers of a programme whose time is over; return how many."""
    lapsed = ledger.lapse_transfers(programme_id=programme_id, at=at)
    numbers = {wallet_id: member.number for wallet_id, member in members_of(lapsed).items()}
    for transfer in lapsed:
        _tell(transfer, numbers, at)
    return len(lapsed)


def members_of(transfers: list[Transfer]) -> dict[int, Member]:
    """Both members of each transfer, by wallet id, as they are now."""
    wallets = {wallet for row in transfers for wallet in (row.from_wallet_id, row.to_wallet_id)}
    return {member.wallet_id: member for member in Member.objects.filter(wallet_id__in=wallets)}


def tidied(message: str) -> str:
    """A message on one line, without what can't be seen."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in message).split())


def _refuse_blocked(*both: Member) -> None:
    for member in both:
        if not member.is_active:
            raise MemberBlocked(member=member.number)


def _ended(ended: Sent, both: Mapping[int, Member], at: datetime) -> Sent:
    if ended.fresh:
        _tell(ended.transfer, {wallet_id: member.number for wallet_id, member in both.items()}, at)
    return ended


def _tell(transfer: Transfer, numbers: Mapping[int, str], at: datetime) -> None:
    unit = transfer.unit
    payload: dict[str, Any] = {
        "transfer": transfer.pk,
        "from": numbers[transfer.from_wallet_id],
        "to": numbers[transfer.to_wallet_id],
        "unit": unit.code,
        "amount": format_minor(transfer.amount, decimals=unit.decimals),
        "fee": format_minor(transfer.fee, decimals=unit.decimals),
    }
    if transfer.posting_id is not None:
        payload["posting"] = transfer.posting_id
    if transfer.state == Transfer.State.OFFERED:
        payload["until"] = transfer.ends_at
    outbox.record([outbox.Fact(transfer.programme_id, f"transfer.{transfer.state.lower()}", payload, at)])
