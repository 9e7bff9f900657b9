"""The member's history: what moved, when, and why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import groupby
from zoneinfo import ZoneInfo

from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.utils.formats import time_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns import queries as campaigns
from campaigns.wording import points
from cockpit.visitor import Visitor
from kernel.periods import local_day
from kernel.wording import day_text, signed_text
from ledger import queries as ledger
from ledger.queries import Entry
from rewards import queries as rewards

ROWS_ON_A_PAGE = 20


class Tone(StrEnum):
    """What a mark beside a row means; each has its own colour and stands beside words."""

    WAITING = "warn"
    UNDONE = "bad"
    PLAIN = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A state in words, such as "not yet available"."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Row:
    """One movement. `icon` names a picture, `amount` is signed, `why` one sentence, `mark` None in the usual case."""

    icon: str
    title: str
    amount: str
    is_gain: bool
    time: str
    happened_at: datetime
    why: str
    mark: Mark | None


@dataclass(frozen=True, slots=True)
class Day:
    """The movements of one local day, newest first."""

    name: str
    rows: list[Row]


_ICONS = {
    "ACCRUE": "bag",
    "BURN": "gift",
    "EXPIRE": "hourglass",
    "REVERSE": "undo",
    "CLAW_BACK": "undo",
    "SETTLE": "refresh",
    "ADJUST": "refresh",
    "TRANSFER": "send",
    "CONVERT": "refresh",
    "PURCHASE": "bag",
}


def history_page(visitor: Visitor, *, number: str | None) -> tuple[Page[Entry], list[Day]]:
    """One page of the history, by days of the programme's time zone; a page that is not there is the nearest one."""
    page = Paginator(_entries(visitor), ROWS_ON_A_PAGE).get_page(number)
    return page, _by_day(list(page), visitor)


def newest(visitor: Visitor, *, count: int) -> list[Day]:
    """The latest movements."""
    return _by_day(list(_entries(visitor)[:count]), visitor)


def _entries(visitor: Visitor) -> QuerySet[Entry]:
    # By when it happened: a purchase may be reported days later, and history is read by days.
    return ledger.entries_of(visitor.member.wallet_id).order_by("-posting__occurred_at", "-pk")


def _by_day(entries: Sequence[Entry], visitor: Visitor) -> list[Day]:
    """Entries, newest first, as days."""
    zone = visitor.programme.zone
    reasons = campaigns.explanations_of(entries, programme=visitor.programme)
    marks = _marks(entries, visitor)
    return [
        Day(
            _name_of(day, today=local_day(visitor.at, zone)),
            [_row(entry, reasons[entry.pk].sentence, marks.get(entry.pk), zone) for entry in of_day],
        )
        for day, of_day in groupby(entries, key=lambda entry: local_day(entry.posting.occurred_at, zone))
    ]


def _row(entry: Entry, why: str, mark: Mark | None, zone: ZoneInfo) -> Row:
    at = entry.posting.occurred_at
    return Row(
        icon="star" if entry.posting.source == "event" else _ICONS[entry.posting.kind],
        title=_title(entry),
        amount=signed_text(entry.amount, decimals=entry.unit.decimals, language=_language()),
        is_gain=entry.amount > 0,
        time=time_format(at.astimezone(zone)),
        happened_at=at,
        why=why,
        mark=mark,
    )


def _title(entry: Entry) -> str:
    if entry.posting.kind == "TRANSFER":
        return _("Received") if entry.amount > 0 else _("Sent")
    return str(entry.posting.get_kind_display()).capitalize()


def _marks(entries: Sequence[Entry], visitor: Visitor) -> dict[int, Mark]:
    """The states of entries that have one, by entry id."""
    posting_ids = [entry.posting_id for entry in entries]
    lots = ledger.lots_of_postings(posting_ids)
    taken_back = ledger.clawed_back(posting_ids)
    redemptions = rewards.by_posting([entry.posting_id for entry in entries if entry.posting.kind == "BURN"])
    marks: dict[int, Mark] = {}
    for entry in entries:
        lot, redemption = lots.get(entry.posting_id), redemptions.get(entry.posting_id)
        if entry.account.kind == "ARREARS":
            marks[entry.pk] = Mark(_("to be paid back"), Tone.WAITING)
        elif back := taken_back.get(entry.posting_id):
            marks[entry.pk] = _taken_back(entry, back)
        elif lot and lot.active_from > visitor.at:
            day = day_text(local_day(lot.active_from, visitor.programme.zone), language=_language())
            marks[entry.pk] = Mark(_("available from %(day)s") % {"day": day}, Tone.WAITING)
        elif redemption and redemption.state == redemption.State.REFUNDED:
            marks[entry.pk] = Mark(_("undone"), Tone.UNDONE)
    return marks


def _taken_back(entry: Entry, amount: int) -> Mark:
    if amount >= entry.amount:
        return Mark(_("taken back"), Tone.UNDONE)
    return Mark(_("%(points)s taken back") % {"points": points(amount, entry.unit.decimals)}, Tone.UNDONE)


def _name_of(day: date, *, today: date) -> str:
    if day == today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    return day_text(day, language=_language())


def _language() -> str:
    return get_language() or "en"
