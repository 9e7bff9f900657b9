"""Account statements with the reason for every movement, and as a file for spreadsheets."""

import csv
import io
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from campaigns.queries import explanations
from kernel.amounts import format_minor
from kernel.spreadsheets import harmless
from ledger.statements import Movement, Statement
from shops.models import Programme

COLUMNS = ("happened_at", "kind", "posting", "amount", "balance", "why")


@dataclass(frozen=True, slots=True)
class Line:
    """A movement and its reason in the active language."""

    movement: Movement
    why: str


def lines_of(statement: Statement, *, programme: Programme) -> list[Line]:
    """The movements of a statement, oldest first."""
    amounts = {movement.posting_id: movement.amount for movement in statement.movements}
    reasons = explanations(list(amounts), programme=programme, amounts=amounts)
    return [Line(movement, reasons[movement.posting_id].sentence) for movement in statement.movements]


def statement_csv(statement: Statement, *, programme: Programme) -> str:
    """
    The statement as CSV: a line OPENING, one for each movement, a line CLOSING.

    Times are local to the programme with their offset, amounts decimal numbers in whole units.
    """
    zone, decimals = programme.zone, statement.unit.decimals
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(COLUMNS)
    opening, closing = (format_minor(amount, decimals=decimals) for amount in (statement.opening, statement.closing))
    out.writerow([statement.since.astimezone(zone).isoformat(), "OPENING", "", "", opening, ""])
    for line in lines_of(statement, programme=programme):
        out.writerow(_cells(line, zone, decimals))
    out.writerow([statement.until.astimezone(zone).isoformat(), "CLOSING", "", "", closing, ""])
    return text.getvalue()


def _cells(line: Line, zone: ZoneInfo, decimals: int) -> list[object]:
    movement = line.movement
    return [
        movement.happened_at.astimezone(zone).isoformat(),
        movement.kind,
        movement.posting_id,
        format_minor(movement.amount, decimals=decimals),
        format_minor(movement.balance, decimals=decimals),
        harmless(line.why),
    ]
