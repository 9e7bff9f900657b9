"""Account statements."""

from datetime import MAXYEAR, MINYEAR, date

import msgspec
from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from campaigns.statements import lines_of
from integrations.api.base import ApiView, found
from integrations.api.documents.statements import StatementDocument, statement_document
from integrations.api.members import member_of_number
from integrations.api.refusals import Fault, Refusal
from integrations.errors import PeriodInvalid, UnitUnknown
from integrations.models import Scope
from kernel.periods import end_of_day, local_day, start_of_day
from ledger.queries import Unit, units_of
from ledger.statements import statement_of

_PARAMETERS = [
    OpenApiParameter("since", OpenApiTypes.DATE, description="The first day; else the first of this month."),
    OpenApiParameter("until", OpenApiTypes.DATE, description="The last day, included; else today."),
    OpenApiParameter(
        "unit",
        {"type": "string", "minLength": 1, "maxLength": 20},
        description="The unit's code; else the programme's first unit.",
    ),
]


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
        asked = _asked(request)
        programme = self.caller.programme
        member = member_of_number(programme, number)
        today = local_day(self.now(), programme.zone)
        since, until = _day(asked, "since") or today.replace(day=1), _day(asked, "until") or today
        if since > until or since.year <= MINYEAR or until.year >= MAXYEAR:
            raise PeriodInvalid(since=since, until=until)
        statement = statement_of(
            member.wallet_id,
            unit=_unit(programme.pk, asked.get("unit")),
            since=start_of_day(since, programme.zone),
            until=end_of_day(until, programme.zone),
        )
        lines = lines_of(statement, programme=programme)
        return found(statement_document(statement, number=member.number, days=(since, until), lines=lines))


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
