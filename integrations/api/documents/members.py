"""What is answered about members, their wallets, postings and operations."""

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec

from integrations.api.documents.values import AmountText, Instant, SafeInteger
from kernel.amounts import format_minor
from ledger.queries import Balance, Expiring
from members.models import Member


class BalanceDocument(msgspec.Struct, frozen=True):
    """One unit of a wallet: what can be spent now, is reserved, is not active yet, or is owed."""

    unit: str
    name: str
    spendable: AmountText
    reserved: AmountText
    pending: AmountText
    owed: AmountText


class ExpiringDocument(msgspec.Struct, frozen=True):
    """Points that lapse at `expires_at` unless they are spent."""

    unit: str
    amount: AmountText
    expires_at: Instant


class WalletDocument(msgspec.Struct, frozen=True):
    """A member's balances at `at`, and what expires within the next 90 days."""

    member: str
    at: Instant
    balances: list[BalanceDocument]
    expiring: list[ExpiringDocument]


class IdentifierDocument(msgspec.Struct, frozen=True):
    """The member's number in another system."""

    source: str
    external_id: str


class MemberDocument(msgspec.Struct, frozen=True):
    """A member, without personal data. `status` is `ACTIVE` or `BLOCKED`."""

    number: str
    status: str
    joined_at: Instant
    identifiers: list[IdentifierDocument]


class BirthdayDocument(msgspec.Struct, frozen=True):
    """The day of the year on which a member was born, and since when it is known."""

    member: str
    month: int
    day: int
    told_at: Instant


class MemberPage(msgspec.Struct, frozen=True):
    """Some members, newest first, and the addresses of the pages around them."""

    next: str | None
    previous: str | None
    results: list[MemberDocument]


class ExplanationDocument(msgspec.Struct, frozen=True):
    """Why a posting exists, in one sentence, and the order behind it."""

    posting: SafeInteger
    why: str
    order: SafeInteger | None
    reference: str | None
    expires_at: Instant | None


class OperationDocument(msgspec.Struct, frozen=True):
    """What was answered under an Idempotency-Key."""

    key: str
    status: SafeInteger
    location: str | None
    recorded_at: Instant
    body: msgspec.Raw


def wallet_document(
    *, number: str, at: datetime, balances: Sequence[Balance], expiring: Sequence[Expiring]
) -> WalletDocument:
    """A wallet as it is at `at`."""
    return WalletDocument(
        member=number,
        at=at.astimezone(UTC),
        balances=[
            BalanceDocument(
                unit=balance.unit.code,
                name=balance.unit.name,
                **{
                    name: format_minor(getattr(balance, name), decimals=balance.unit.decimals)
                    for name in ("spendable", "reserved", "pending", "owed")
                },
            )
            for balance in balances
        ],
        expiring=[
            ExpiringDocument(
                item.unit.code, format_minor(item.amount, decimals=item.unit.decimals), item.expires_at.astimezone(UTC)
            )
            for item in expiring
        ],
    )


def birthday_document(member: Member) -> BirthdayDocument:
    """The birthday of a member who told it."""
    if member.birth_month is None or member.birth_day is None or member.birthday_told_at is None:
        raise TypeError("a birthday was told and is not there")
    return BirthdayDocument(
        member.number, member.birth_month, member.birth_day, member.birthday_told_at.astimezone(UTC)
    )


def member_document(member: Member) -> MemberDocument:
    """A member that was read with its identifiers."""
    return MemberDocument(
        number=member.number,
        status=member.status,
        joined_at=member.joined_at.astimezone(UTC),
        identifiers=[IdentifierDocument(known.source, known.external_id) for known in member.identifiers.all()],
    )
