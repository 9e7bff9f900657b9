"""What is answered about account statements."""

from collections.abc import Sequence
from datetime import UTC, date

import msgspec

from campaigns.statements import Line
from integrations.api.documents.values import AmountText, Instant, SafeInteger
from kernel.amounts import format_minor
from ledger.statements import Statement


class MovementDocument(msgspec.Struct, frozen=True):
    """What one posting changed, the balance behind it, and why in the language of `Accept-Language`."""

    posting: SafeInteger
    kind: str
    happened_at: Instant
    amount: AmountText
    balance: AmountText
    why: str


class StatementDocument(msgspec.Struct, frozen=True):
    """
    One unit of a wallet over whole local days, `until` included: `opening` + `came_in` - `went_out` = `closing`.

    Balances are what the member has less what the member owes.
    """

    member: str
    unit: str
    since: date
    until: date
    opening: AmountText
    came_in: AmountText
    went_out: AmountText
    closing: AmountText
    movements: list[MovementDocument]


def statement_document(
    statement: Statement, *, number: str, days: tuple[date, date], lines: Sequence[Line]
) -> StatementDocument:
    """A statement with the reason for every movement, oldest first; `days` are its first and last."""
    decimals = statement.unit.decimals
    return StatementDocument(
        member=number,
        unit=statement.unit.code,
        since=days[0],
        until=days[1],
        **{
            name: format_minor(getattr(statement, name), decimals=decimals)
            for name in ("opening", "came_in", "went_out", "closing")
        },
        movements=[
            MovementDocument(
                posting=line.movement.posting_id,
                kind=line.movement.kind,
                happened_at=line.movement.happened_at.astimezone(UTC),
                amount=format_minor(line.movement.amount, decimals=decimals),
                balance=format_minor(line.movement.balance, decimals=decimals),
                why=line.why,
            )
            for line in lines
        ],
    )
