"""The member's account statement: which one is asked for, and how it reads."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import urlencode

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.statements import lines_of
from cockpit.forms import StatementForm
from cockpit.visitor import Visitor
from kernel.periods import add_months, end_of_day, local_day, start_of_day
from kernel.wording import day_text, number_text, signed_text
from ledger.queries import units_of
from ledger.statements import Statement, statement_of


@dataclass(frozen=True, slots=True)
class Row:
    """One movement in words; `amount` is signed."""

    day: str
    title: str
    why: str
    amount: str
    balance: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A statement in words. `period` names its first and last day."""

    period: str
    unit: str
    opening: str
    came_in: str
    went_out: str
    closing: str
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Shortcut:
    """A period that is often asked for."""

    name: str
    query: str


def statement_form(visitor: Visitor, asked: Mapping[str, str]) -> StatementForm:
    """What is asked for; without anything this month so far."""
    today = local_day(visitor.at, visitor.programme.zone)
    units = list(units_of(visitor.programme.pk))
    usual = {"since": today.replace(day=1).isoformat(), "until": today.isoformat(), "unit": units[0].code}
    return StatementForm(usual | {name: value for name, value in asked.items() if value}, units=units)


def asked_statement(visitor: Visitor, form: StatementForm, *, pool_id: int | None = None) -> Statement:
    """
    The statement that a valid form asks for: whole local days, the last one included; the member's own, or a pool's.
    """
    zone = visitor.programme.zone
    return statement_of(
        pool_id or visitor.member.wallet_id,
        unit=form.cleaned_data["unit"],
        since=start_of_day(form.cleaned_data["since"], zone),
        until=end_of_day(form.cleaned_data["until"], zone),
    )


def sheet_of(visitor: Visitor, form: StatementForm, *, pool_id: int | None = None) -> Sheet:
    """The statement that a valid form asks for, in words."""
    statement = asked_statement(visitor, form, pool_id=pool_id)
    zone, decimals, language = visitor.programme.zone, statement.unit.decimals, _language()
    opening, came_in, went_out, closing = (
        number_text(amount, decimals=decimals, language=language)
        for amount in (statement.opening, statement.came_in, statement.went_out, statement.closing)
    )
    days = [day_text(form.cleaned_data[name], language=language) for name in ("since", "until")]
    return Sheet(
        period=_("%(since)s to %(until)s") % dict(zip(("since", "until"), days, strict=True)),
        unit=statement.unit.name,
        opening=opening,
        came_in=came_in,
        went_out=went_out,
        closing=closing,
        rows=[
            Row(
                day=day_text(local_day(line.movement.happened_at, zone), language=language),
                title=line.movement.title.capitalize(),
                why=line.why,
                amount=signed_text(line.movement.amount, decimals=decimals, language=language),
                balance=number_text(line.movement.balance, decimals=decimals, language=language),
            )
            for line in lines_of(statement, programme=visitor.programme)
        ],
    )


def shortcuts(visitor: Visitor) -> list[Shortcut]:
    """Periods for one tap."""
    today = local_day(visitor.at, visitor.programme.zone)
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    return [
        _shortcut(_("This month"), month, today),
        _shortcut(_("Last month"), add_months(month, -1), month - timedelta(days=1)),
        _shortcut(_("This year"), year, today),
        _shortcut(_("Last year"), add_months(year, -12), year - timedelta(days=1)),
    ]


def _shortcut(name: str, since: date, until: date) -> Shortcut:
    return Shortcut(name, urlencode({"since": since.isoformat(), "until": until.isoformat()}))


def _language() -> str:
    return get_language() or "en"
