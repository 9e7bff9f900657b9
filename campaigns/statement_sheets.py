"""Account statements as people ask for them and read them: in the cockpit and at the desk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpResponse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from campaigns.statements import lines_of, statement_csv
from kernel.periods import add_months, end_of_day, local_day, start_of_day
from kernel.wording import day_text, number_text, signed_text
from ledger.queries import Unit, units_of
from ledger.statements import Statement, statement_of
from shops.models import Programme


class StatementForm(forms.Form):
    """Which statement: whole days, the last one included, of one unit."""

    since = forms.DateField(label=gettext_lazy("From"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    until = forms.DateField(label=gettext_lazy("To, included"), widget=forms.DateInput({"type": "date"}, "%Y-%m-%d"))
    unit = forms.ChoiceField(label=gettext_lazy("Of"))

    def __init__(self, asked: Mapping[str, str], *, units: Sequence[Unit]) -> None:
        super().__init__(asked)
        self._units = {unit.code: unit for unit in units}
        choices = [(unit.code, unit.name) for unit in units]
        self.fields["unit"] = forms.ChoiceField(label=gettext_lazy("Of"), choices=choices)

    @property
    def has_choice_of_units(self) -> bool:
        return len(self._units) > 1

    @property
    def query(self) -> str:
        """What is asked for, as it stands in an address."""
        return urlencode({name: self.data[name] for name in self.fields})

    def clean_unit(self) -> Unit:
        return self._units[self.cleaned_data["unit"]]

    def clean_since(self) -> date:
        since: date = self.cleaned_data["since"]
        if since.year <= MINYEAR:
            raise forms.ValidationError(_("Choose a later day."))
        return since

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until.year >= MAXYEAR:
            raise forms.ValidationError(_("Choose an earlier day."))
        return until

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and since > until:
            self.add_error("until", _("Choose the first day or a later one."))
        return self.cleaned_data


@dataclass(frozen=True, slots=True)
class Row:
    """One movement in words; `amount` is signed."""

    day: str
    title: str
    why: str
    amount: str
    balance: str
    posting_id: int


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


def statement_form(programme: Programme, asked: Mapping[str, str], *, at: datetime) -> StatementForm:
    """What is asked for; without anything this month so far."""
    today = local_day(at, programme.zone)
    units = list(units_of(programme.pk))
    usual = {"since": today.replace(day=1).isoformat(), "until": today.isoformat(), "unit": units[0].code}
    return StatementForm(usual | {name: value for name, value in asked.items() if value}, units=units)


def sheet_of(wallet_id: int, form: StatementForm, *, programme: Programme) -> Sheet:
    """The statement that a valid form asks for, in words."""
    statement = _statement(wallet_id, form, programme)
    zone, decimals, language = programme.zone, statement.unit.decimals, get_language() or "en"
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
                posting_id=line.movement.posting_id,
            )
            for line in lines_of(statement, programme=programme)
        ],
    )


def statement_file(wallet_id: int, form: StatementForm, *, programme: Programme, name: str = "") -> HttpResponse:
    """The statement that a valid form asks for, for a spreadsheet; the file is called `name`, or as the programme."""
    text = statement_csv(_statement(wallet_id, form, programme), programme=programme)
    file = f"{name or programme.key}-{form.cleaned_data['since']}-{form.cleaned_data['until']}.csv"
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    content = f"\ufeff{text}".encode()
    headers = {"Content-Disposition": f'attachment; filename="{file}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


def shortcuts(programme: Programme, *, at: datetime) -> list[Shortcut]:
    """Periods for one tap."""
    today = local_day(at, programme.zone)
    month, year = today.replace(day=1), today.replace(month=1, day=1)
    return [
        _shortcut(_("This month"), month, today),
        _shortcut(_("Last month"), add_months(month, -1), month - timedelta(days=1)),
        _shortcut(_("This year"), year, today),
        _shortcut(_("Last year"), add_months(year, -12), year - timedelta(days=1)),
    ]


def _shortcut(name: str, since: date, until: date) -> Shortcut:
    return Shortcut(name, urlencode({"since": since.isoformat(), "until": until.isoformat()}))


def _statement(wallet_id: int, form: StatementForm, programme: Programme) -> Statement:
    return statement_of(
        wallet_id,
        unit=form.cleaned_data["unit"],
        since=start_of_day(form.cleaned_data["since"], programme.zone),
        until=end_of_day(form.cleaned_data["until"], programme.zone),
    )
