"""Manual adjustments: a machine may ask, and only people at the desk approve."""

from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import PRINTABLE, Amount, ExternalCustomer, MemberNumber, Reference, Source
from integrations.api.decoding import BodyReader
from integrations.api.documents.adjustments import AdjustmentDocument, adjustment_document
from integrations.api.refusals import Fault, Refusal
from integrations.api.schema import created_or_known, idempotent
from integrations.errors import UnitUnknown
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor, parse_minor
from kernel.errors import DomainError
from kernel.periods import end_of_day
from ledger.adjustments import Adjustment, normal_expiry
from ledger.queries import Unit, units_of
from ledger.services import AdjustmentDraft, AdjustmentPart, Requester
from members import adjusting
from members.errors import MemberUnknown
from members.queries import FoundMember, MemberKey, find_many
from shops.models import Programme

NEVER = "never"
_AMOUNTS = ("required", "spendable", "limit", "used", "asked")


class AdjustmentReason(StrEnum):
    """Why points are adjusted."""

    GOODWILL = "goodwill"
    CORRECTION = "correction"
    COMPLAINT = "complaint"
    MIGRATION = "migration"
    OTHER = "other"


class AdjustmentBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    A request to add points to a member, or with a minus to take them.

    `text` is what the member will read, `note` what the people see who decide. What is added expires as the unit's
    points do, after `last_day`, or never.
    """

    source: Source
    reference: Reference
    member: MemberNumber | ExternalCustomer
    unit: Annotated[str, Meta(min_length=1, max_length=20, description="The unit's code.", examples=["points"])]
    amount: Amount
    reason: AdjustmentReason
    text: Annotated[str, Meta(min_length=1, max_length=200, pattern=PRINTABLE, examples=["For your lost parcel"])]
    note: Annotated[str, Meta(max_length=500, pattern=PRINTABLE)] = ""
    last_day: Annotated[
        str,
        Meta(
            pattern=r"^([0-9]{4}-[0-9]{2}-[0-9]{2}|never)?$(?!\n)",
            description="A day, `never`, or empty for as usual; only with an amount above zero.",
            examples=["2027-12-31"],
        ),
    ] = ""


_reader = BodyReader(AdjustmentBody)


class AdjustmentsView(ApiView):
    """`/adjustments`"""

    scopes = {"POST": Scope.ADJUSTMENTS_REQUEST}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="request_adjustment",
        summary="Ask for an adjustment",
        description=(
            "Puts a request on record to add points to a member or take them. Nothing moves until a person approves it "
            "in the admin, within seven days; a key never can. The same request again gets the same answer."
        ),
        request=AdjustmentBody,
        responses=created_or_known(AdjustmentDocument),
        parameters=idempotent(200, 201),
        examples=examples.ADJUSTMENT,
        tags=["Adjustments"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: AdjustmentBody = self.read_body(_reader)
        return self.once("adjustment", body, lambda: self._ask(body))

    def _ask(self, body: AdjustmentBody) -> Answer:
        caller, at = self.caller, self.now()
        unit = _unit(caller.programme, body.unit)
        draft = _draft(body, caller.programme, unit, at)
        by = Requester(caller.actor, caller.issuer_id, body.source, body.reference)
        try:
            asked = adjusting.ask(programme=caller.programme, draft=draft, by=by, at=at)
        except DomainError as refusal:
            raise Refusal(refusal.code, facts=_facts(refusal, unit)) from refusal
        adjustment = Adjustment.objects.select_related("unit").get(pk=asked.adjustment_id)
        return Answer(
            status=201 if asked.fresh else 200,
            body=encode(adjustment_document(adjustment, at=at)),
            location=reverse("api:adjustment", args=[adjustment.pk]),
        )


class AdjustmentView(ApiView):
    """`/adjustments/{id}`"""

    scopes = {"GET": Scope.ADJUSTMENTS_REQUEST}

    @extend_schema(
        operation_id="read_adjustment",
        summary="Read what became of a request",
        description="A request for an adjustment: whether it was approved, and how much of it is in the books.",
        responses=AdjustmentDocument,
        tags=["Adjustments"],
    )
    def get(self, _request: Request, adjustment_id: int) -> HttpResponse:
        rows = Adjustment.objects.filter(programme_id=self.caller.programme.pk).select_related("unit")
        return found(adjustment_document(get_object_or_404(rows, pk=adjustment_id), at=self.now()))


def _unit(programme: Programme, code: str) -> Unit:
    unit = units_of(programme.pk).filter(code=code).first()
    if unit is None:
        raise UnitUnknown(unit=code)
    return unit


def _draft(body: AdjustmentBody, programme: Programme, unit: Unit, at: datetime) -> AdjustmentDraft:
    """
    :raises Refusal: `adjustment_invalid`, if the amount or the last day can't be
    :raises MemberUnknown: if nobody is named by `member`
    """
    amount, faults = _amount(body, unit)
    member = _member(body, programme)
    expires_at = None
    if amount > 0 and not body.last_day:
        expires_at = normal_expiry(unit, at=at, zone=programme.zone, birth_month=member.birth_month)
    if body.last_day and amount < 0:
        faults.append(_fault("/last_day", body.last_day, "nothing, because points are taken"))
    elif body.last_day and body.last_day != NEVER:
        try:
            expires_at = end_of_day(date.fromisoformat(body.last_day), programme.zone)
        except (ValueError, OverflowError):
            faults.append(_fault("/last_day", body.last_day, "a day of the calendar"))
    if faults:
        raise Refusal("adjustment_invalid", faults[0].detail, faults=faults)
    part = AdjustmentPart(member.wallet_id, amount, expires_at, has_own_end=bool(body.last_day))
    return AdjustmentDraft(
        unit_id=unit.pk, reason=body.reason.name, wording=body.text.strip(), note=body.note, parts=[part]
    )


def _amount(body: AdjustmentBody, unit: Unit) -> tuple[int, list[Fault]]:
    try:
        amount = parse_minor(body.amount, decimals=unit.decimals)
    except ValueError:
        amount = 0
    if amount != 0:
        return amount, []
    return 0, [_fault("/amount", body.amount, f"a number other than zero with at most {unit.decimals} places")]


def _fault(pointer: str, got: str, expected: str) -> Fault:
    return Fault(f"Got {got}, expected {expected}.", pointer=f"#{pointer}", expected=expected)


def _member(body: AdjustmentBody, programme: Programme) -> FoundMember:
    named = body.member
    key = MemberKey("", named) if isinstance(named, str) else MemberKey(named.source, named.external_id)
    member = find_many(programme_id=programme.pk, keys=[key]).get(key)
    if member is None:
        raise MemberUnknown(number=key.value)
    return member


def _facts(refusal: DomainError, unit: Unit) -> dict[str, Any]:
    """Amounts as the unit shows them."""
    return {
        name: format_minor(int(str(value)), decimals=unit.decimals) if name in _AMOUNTS else value
        for name, value in refusal.facts.items()
    }
