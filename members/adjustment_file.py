"""
Adjustments of many members as a CSV file: a row for each, with its columns `member` and `amount` and, if wanted, `text`
and `last_day`.

A file is taken whole or not at all: every fault is told with its row and column, and what was expected there.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from kernel.amounts import format_minor, parse_minor
from kernel.periods import end_of_day
from kernel.spreadsheets import as_typed
from ledger.adjustments import normal_expiry
from ledger.queries import Unit, balances_by_wallet
from ledger.services import AdjustmentPart
from members.numbers import is_valid_number
from members.queries import FoundMember, MemberKey, find_many
from shops.models import Programme

REQUIRED = ("member", "amount")
OPTIONAL = ("text", "last_day")
NEVER = "never"
MOST_ROWS = 10_000
LONGEST_TEXT = 200
EXAMPLE = (
    "member,amount,text,last_day\n"
    "400000000006,250,Points for your lost parcel,\n"
    "400000000014,-100,Booked twice on 3 March,\n"
    "400000000022,500,Welcome from the old programme,2027-12-31\n"
    "400000000030,50,,never\n"
)


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong in one cell; rows are counted as spreadsheets do, the header is row 1."""

    row: int
    column: str
    got: str
    expected: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file holds: its parts if there is no fault."""

    rows: int = 0
    parts: Sequence[AdjustmentPart] = ()
    faults: Sequence[Fault] = ()
    unknown_members: int = 0
    low_balances: int = 0

    @property
    def plus(self) -> int:
        return sum(part.amount for part in self.parts if part.amount > 0)

    @property
    def minus(self) -> int:
        return -sum(part.amount for part in self.parts if part.amount < 0)

    @property
    def largest(self) -> int:
        return max((part.amount for part in self.parts), key=abs, default=0)


@dataclass(slots=True)
class _Row:
    number: int
    cells: dict[str, str]
    amount: int = 0
    expires_at: datetime | None = None
    member: FoundMember | None = None
    faults: list[Fault] = field(default_factory=list)

    def refuse(self, column: str, expected: str) -> None:
        self.faults.append(Fault(self.number, column, self.cells.get(column, "")[:60], expected))


def read(text: str, *, programme: Programme, unit: Unit, at: datetime) -> Reading:
    """Read a file's text as adjustments of `unit`, asked for at `at`. Nothing is written."""
    try:
        header, rows = _table(text)
    except csv.Error as error:
        return _whole(_("This can't be read as CSV: %(why)s.") % {"why": error}, _("a CSV file in UTF-8"))
    missing = [name for name in REQUIRED if name not in header]
    unknown = [name for name in header if name not in REQUIRED + OPTIONAL]
    if missing or unknown or len(set(header)) < len(header):
        return _whole(", ".join(header)[:60], _("the columns %(names)s") % {"names": ", ".join(REQUIRED + OPTIONAL)})
    if not 0 < len(rows) <= MOST_ROWS:
        expected = _("between 1 and %(most)s rows below the header") % {"most": MOST_ROWS}
        return _whole(str(len(rows)), expected)
    for row in rows:
        _read_cells(row, unit, programme, at)
    return _judged(rows, programme, unit, at)


def decoded(content: bytes) -> str | None:
    """The file's text, or None if it is not UTF-8."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None


def _table(text: str) -> tuple[list[str], list[_Row]]:
    first_line = text.partition("\n")[0]
    divider = max(",;\t", key=first_line.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=divider, strict=True)
    header = [name.strip().lower() for name in next(reader, [])]
    rows = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        named = dict(zip(header, (cell.strip() for cell in cells), strict=False))
        row = _Row(reader.line_num, named)
        if len(cells) != len(header):
            expected = _("%(count)s cells as in the header") % {"count": len(header)}
            row.faults.append(Fault(row.number, "", str(len(cells)), expected))
        rows.append(row)
        if len(rows) > MOST_ROWS:
            break
    return header, rows


def _read_cells(row: _Row, unit: Unit, programme: Programme, at: datetime) -> None:
    if row.faults:
        return
    _read_amount(row, unit)
    text = as_typed(row.cells.get("text", ""))
    row.cells["text"] = text
    if len(text) > LONGEST_TEXT or not text.isprintable():
        row.refuse("text", _("at most %(most)s letters in one line") % {"most": LONGEST_TEXT})
    _read_last_day(row, programme, at)


def _read_amount(row: _Row, unit: Unit) -> None:
    said = as_typed(row.cells["amount"])
    try:
        row.amount = parse_minor(said[1:] if said[:1] == "+" and said[1:2].isdigit() else said, decimals=unit.decimals)
    except ValueError:
        row.amount = 0
    if row.amount == 0:
        examples = [format_minor(minor * 10**unit.decimals, decimals=unit.decimals) for minor in (250, -100)]
        row.refuse("amount", _("a number such as %(plus)s or %(minus)s") % {"plus": examples[0], "minus": examples[1]})


def _read_last_day(row: _Row, programme: Programme, at: datetime) -> None:
    said = row.cells.get("last_day", "")
    if row.amount < 0:
        if said:
            row.refuse("last_day", _("nothing, because points are taken"))
        return
    if said and said.lower() != NEVER:
        try:
            row.expires_at = end_of_day(date.fromisoformat(said), programme.zone)
        except (ValueError, OverflowError):
            row.refuse("last_day", _("a day such as 2027-12-31, never, or nothing"))
        else:
            if row.expires_at <= at:
                row.refuse("last_day", _("a day that is not over"))


def _judged(rows: Sequence[_Row], programme: Programme, unit: Unit, at: datetime) -> Reading:
    unknown = _find_members(rows, programme)
    _give_usual_ends(rows, programme, unit, at)
    low = _look_at_balances(rows, unit, at)
    faults = [fault for row in rows for fault in row.faults]
    if faults:
        return Reading(len(rows), (), faults, unknown, low)
    return Reading(len(rows), list(_parts(rows)))


def _find_members(rows: Sequence[_Row], programme: Programme) -> int:
    sound = [row for row in rows if "member" in row.cells]
    keys = {row.number: MemberKey("", row.cells["member"].replace(" ", "")) for row in sound}
    numbers = [key for key in keys.values() if is_valid_number(key.value)]
    found = find_many(programme_id=programme.pk, keys=numbers)
    unknown = 0
    first_rows: dict[int, int] = {}
    for row in sound:
        row.member = found.get(keys[row.number])
        if row.member is None:
            unknown += 1
            row.refuse("member", _("the number of a member of this programme"))
        elif (first := first_rows.setdefault(row.member.member_id, row.number)) != row.number:
            row.refuse("member", _("each member once; row %(row)s is the first") % {"row": first})
    return unknown


def _give_usual_ends(rows: Sequence[_Row], programme: Programme, unit: Unit, at: datetime) -> None:
    """For rows that say nothing: as the policy says, which may look at the month of birth."""
    usual = [(row, row.member) for row in rows if row.member is not None and row.amount > 0]
    silent = [(row, member.birth_month) for row, member in usual if not row.cells.get("last_day")]
    months = {month for _row, month in silent}
    ends = {month: normal_expiry(unit, at=at, zone=programme.zone, birth_month=month) for month in months}
    for row, month in silent:
        row.expires_at = ends[month]


def _look_at_balances(rows: Sequence[_Row], unit: Unit, at: datetime) -> int:
    taking = [(row, row.member) for row in rows if row.member is not None and row.amount < 0]
    balances = balances_by_wallet([member.wallet_id for _row, member in taking], at=at) if taking else {}
    low = 0
    for row, member in taking:
        free = next((part.spendable for part in balances.get(member.wallet_id, []) if part.unit.pk == unit.pk), 0)
        if free < -row.amount:
            low += 1
            shown = format_minor(free, decimals=unit.decimals)
            row.refuse("amount", _("at most %(free)s: more is not there to be taken") % {"free": shown})
    return low


def _parts(rows: Sequence[_Row]) -> Iterator[AdjustmentPart]:
    for row in rows:
        if row.member is None:
            raise AssertionError("a row without a member is a fault")
        chosen = bool(row.cells.get("last_day"))
        yield AdjustmentPart(row.member.wallet_id, row.amount, row.expires_at, chosen, row.cells["text"])


def _whole(got: str, expected: str) -> Reading:
    """A file of which not even the rows can be told apart."""
    return Reading(faults=[Fault(1, "", got, expected)])
