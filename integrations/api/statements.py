"""Account statements."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime

import msgspec
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request

from campaigns.statements import COLUMNS, lines_of, statement_csv
from integrations.api.base import ApiView, found
from integrations.api.documents.statements import StatementDocument, statement_document
from integrations.api.members import member_of_number
from integrations.api.refusals import Fault, Refusal
from integrations.errors import PeriodInvalid, UnitUnknown
from integrations.models import Scope
from kernel.periods import end_of_day, local_day, start_of_day
from ledger.queries import Unit, units_of
from ledger.statements import Statement, statement_of
from shops.models import Programme

CSV = "text/csv"
_PARAMETERS = [
    OpenApiParameter("since", OpenApiTypes.DATE, description="The first day; else the first of this month."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="The last day, included; else today."),
    OpenApiParameter(
        "unit",
        {"type": "string", "minLength": 1, "maxLength": 20},
        description="The unit's code; else the programme's first unit.",
    ),
]


@dataclass(frozen=True, slots=True)
class _AskedFor:
    statement: Statement
    number: str
    days: tuple[date, date]


class AsDocumented(BaseContentNegotiation):
    """Answers come in the form that is documented, whatever `Accept` says."""

    def select_parser(self, _request: Request, parsers: Iterable[BaseParser]) -> BaseParser:
        return next(iter(parsers))

    def select_renderer(
        self, _request: Request, renderers: Iterable[BaseRenderer], _suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        return renderer, str(renderer.media_type)


class StatementView(ApiView):
    """`/members/{number}/statement`"""

    scopes = {"GET": Scope.MEMBERS_READ}
    refusals = frozenset({422})

    @extend_schema(
        operation_id="read_statement",
        summary="Read an account statement",
        description=(
            "What a member had, what moved and why, and what the member had then: whole days in the programme's time "
            "zone, by when things happened. What is reported late changes the statement of its day."
        ),
        responses=StatementDocument,
        parameters=_PARAMETERS,
        tags=["Members"],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        asked = _asked_for(request, self.caller.programme, number, self.now())
        lines = lines_of(asked.statement, programme=self.caller.programme)
        return found(statement_document(asked.statement, number=asked.number, days=asked.days, lines=lines))


class StatementFileView(ApiView):
    """`/members/{number}/statement.csv`"""

    scopes = {"GET": Scope.MEMBERS_READ}
    refusals = frozenset({422})
    content_negotiation_class = AsDocumented

    @extend_schema(
        operation_id="download_statement",
        summary="Download an account statement",
        description=(
            f"The account statement as CSV with the columns `{'`, `'.join(COLUMNS)}`: a line `OPENING`, one for each "
            "movement, a line `CLOSING`. Times are local to the programme."
        ),
        responses={(200, CSV): OpenApiTypes.STR},
        parameters=_PARAMETERS,
        tags=["Members"],
    )
    def get(self, request: Request, number: str) -> HttpResponse:
        asked = _asked_for(request, self.caller.programme, number, self.now())
        return HttpResponse(statement_csv(asked.statement, programme=self.caller.programme), f"{CSV}; charset=utf-8")


def _asked_for(request: Request, programme: Programme, number: str, now: datetime) -> _AskedFor:
    asked = _asked(request)
    member = member_of_number(programme, number)
    today = local_day(now, programme.zone)
    since, until = _day(asked, "since") or today.replace(day=1), _day(asked, "until") or today
    if since > until or since.year <= MINYEAR or until.year >= MAXYEAR:
        raise PeriodInvalid(since=since, until=until)
    statement = statement_of(
        member.wallet_id,
        unit=_unit(programme.pk, asked.get("unit")),
        since=start_of_day(since, programme.zone),
        until=end_of_day(until, programme.zone),
    )
    return _AskedFor(statement, member.number, (since, until))


def _asked(request: Request) -> dict[str, str]:
    names = [parameter.name for parameter in _PARAMETERS]
    told = f"There is no such parameter; there are {', '.join(sorted(names))}."
    wrong = {name: [told] for name in request.query_params if name not in names}
    wrong |= {name: ["Expected a value."] for name in names if request.query_params.get(name) == ""}
    if wrong:
        raise ValidationError(wrong)
    return {name: request.query_params[name] for name in names if name in request.query_params}


def _day(asked: dict[str, str], name: str) -> date | None:
    text = asked.get(name)
    if text is None:
        return None
    try:
        return msgspec.convert(text, date)
    except msgspec.ValidationError:
        expected = "a day such as 2026-03-14"
        raise Refusal("invalid", faults=[Fault(f"Got {text!r}.", parameter=name, expected=expected)]) from None


def _unit(programme_id: int, code: str | None) -> Unit:
    unit = next((unit for unit in units_of(programme_id) if code in {None, unit.code}), None)
    if unit is None:
        raise UnitUnknown(unit=code)
    return unit
