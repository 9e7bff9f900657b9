"""Holds: points kept for a checkout, then captured or released, and given back when the payment is undone."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import partial

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns.payments import CHECKOUT
from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Nothing
from integrations.api.decoding import BodyReader
from integrations.api.documents.payments import HoldDocument, RefundDocument, hold_document, refund_document
from integrations.api.payers import amount_of, payer_of, spendable_unit
from integrations.api.payment_bodies import CaptureBody, HoldBody, RefundBody
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor
from kernel.periods import end_of_day, local_day
from ledger import services as ledger
from ledger.checkout import KnownHold, hold_of
from ledger.errors import AmountAboveHold, HoldNotOpen, InsufficientPoints, RefundAboveSpent
from ledger.queries import Unit
from members.households import spending
from members.models import Member

GRACE = timedelta(days=30)
_hold_reader, _capture_reader = BodyReader(HoldBody), BodyReader(CaptureBody)
_refund_reader, _nothing_reader = BodyReader(RefundBody), BodyReader(Nothing)


class HoldView(ApiView):
    """What all about one hold share."""

    scopes = {"GET": Scope.POINTS_SPEND, "POST": Scope.POINTS_SPEND}

    def known(self, hold_id: int) -> KnownHold:
        """The hold as it is now; those of rewards are not a checkout's to end."""
        hold = hold_of(self.caller.programme.pk, hold_id, source=CHECKOUT, at=self.now())
        if hold is None:
            raise Http404
        return hold

    def answer(self, hold_id: int, *, status: int = 200) -> Answer:
        hold = self.known(hold_id)
        location = reverse("api:hold", args=[hold.id])
        return Answer(status, encode(_document(hold)), location)


class HoldsView(HoldView):
    """`/holds`"""

    scopes = {"POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="hold_points",
        summary="Hold points for a checkout",
        description=(
            "Keeps points so that nothing else can spend them, for 15 minutes unless `seconds` says otherwise; what "
            "expires meanwhile is honoured. Then name the hold in a tender of the order, or capture it yourself; "
            "release it when the customer leaves. The same `source` and `reference` again is the same hold."
        ),
        request=HoldBody,
        responses=created_or_known(HoldDocument),
        parameters=idempotent(200, 201),
        examples=examples.HOLD,
        tags=["Paying with points"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: HoldBody = self.read_body(_hold_reader)
        return self.once("hold", body, lambda: self._hold(body))

    def _hold(self, body: HoldBody) -> Answer:
        programme, now = self.caller.programme, self.now()
        unit = spendable_unit(programme, body.unit)
        amount = amount_of(body.amount, unit)
        member = payer_of(programme, body.customer)
        if body.wallet == "household":
            keep = partial(spending.reserve, member=Member.objects.get(pk=member.member_id))
        else:
            keep = partial(ledger.reserve, programme_id=programme.pk, wallet_id=member.wallet_id)
        with _amounts_in(unit):
            reserved = keep(
                unit_id=unit.pk,
                amount=amount,
                source=CHECKOUT,
                reference=f"{body.source}:{body.reference}",
                at=now,
                until=now + timedelta(seconds=body.seconds),
            )
        return self.answer(reserved.hold_id, status=201 if reserved.fresh else 200)


class OneHoldView(HoldView):
    """`/holds/{id}`"""

    scopes = {"GET": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="read_hold",
        summary="Read a hold",
        description="A hold as it is now. One whose time is over is released, and reads so from the first second.",
        responses=HoldDocument,
        tags=["Paying with points"],
    )
    def get(self, _request: Request, hold_id: int) -> HttpResponse:
        return found(_document(self.known(hold_id)))


class CaptureView(HoldView):
    """`/holds/{id}/capture`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="capture_hold",
        summary="Capture a hold",
        description=(
            "Spends what the hold keeps, or a part of it; the rest is free again. Capturing the same amount again "
            "changes nothing. An order whose tender names the hold captures it by itself."
        ),
        request=CaptureBody,
        responses=HoldDocument,
        parameters=idempotent(200),
        examples=examples.CAPTURE,
        tags=["Paying with points"],
    )
    def post(self, _request: Request, hold_id: int) -> HttpResponse:
        body: CaptureBody = self.read_body(_capture_reader)
        return self.once(f"capture {hold_id}", body, lambda: self._capture(hold_id, body))

    def _capture(self, hold_id: int, body: CaptureBody) -> Answer:
        hold = self.known(hold_id)
        amount = hold.amount if body.amount is None else amount_of(body.amount, hold.unit)
        try:
            with _amounts_in(hold.unit):
                ledger.capture(hold_id=hold_id, amount=amount, at=self.now(), actor=self.caller.actor)
        except HoldNotOpen:
            if self.known(hold_id).captured != amount:
                raise
        return self.answer(hold_id)


class ReleaseView(HoldView):
    """`/holds/{id}/release`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="release_hold",
        summary="Release a hold",
        description=(
            "Lets the points go before the hold's time is over. Releasing twice is releasing once; a captured hold is "
            "refused: give it back with a refund."
        ),
        request=Nothing,
        responses=HoldDocument,
        parameters=idempotent(200),
        examples=examples.NOTHING,
        tags=["Paying with points"],
    )
    def post(self, _request: Request, hold_id: int) -> HttpResponse:
        body: Nothing = self.read_body(_nothing_reader)
        return self.once(f"release {hold_id}", body, lambda: self._release(hold_id))

    def _release(self, hold_id: int) -> Answer:
        if self.known(hold_id).state == "HELD":
            with suppress(HoldNotOpen):  # its time is over since, or somebody else ended it: looked at below
                ledger.release(hold_id=hold_id, at=self.now())
        hold = self.known(hold_id)
        if hold.state == "CAPTURED":
            raise HoldNotOpen(hold=hold_id, state=hold.state, closed_at=hold.closed_at)
        return self.answer(hold_id)


class RefundView(HoldView):
    """`/holds/{id}/refund`"""

    scopes = {"POST": Scope.POINTS_SPEND}

    @extend_schema(
        operation_id="refund_hold",
        summary="Give back captured points",
        description=(
            "Gives back a part of what a captured hold spent, or all that is left of it: to the lots it came from, "
            "with their expiry; what has expired meanwhile lives for 30 more days. Never more than was captured. "
            "Returns of an order that named the hold do this by themselves."
        ),
        request=RefundBody,
        responses=created_or_known(RefundDocument),
        parameters=idempotent(200, 201, location=False),
        examples=examples.REFUND,
        tags=["Paying with points"],
    )
    def post(self, _request: Request, hold_id: int) -> HttpResponse:
        body: RefundBody = self.read_body(_refund_reader)
        return self.once(f"refund {hold_id}", body, lambda: self._refund(hold_id, body))

    def _refund(self, hold_id: int, body: RefundBody) -> Answer:
        hold, now, zone = self.known(hold_id), self.now(), self.caller.programme.zone
        if hold.posting_id is None:
            with _amounts_in(hold.unit):
                raise RefundAboveSpent(left=0, amount=0)
        with _amounts_in(hold.unit):
            refunded = ledger.refund(
                burn_posting_id=hold.posting_id,
                amount=None if body.amount is None else amount_of(body.amount, hold.unit),
                source=CHECKOUT,
                reference=f"{hold.id}:{body.reference}",
                at=now,
                grace_until=end_of_day(local_day(now, zone) + GRACE, zone),
                actor=self.caller.actor,
            )
        status = 201 if refunded.fresh else 200
        return Answer(status, encode(refund_document(hold, refunded, reference=body.reference)))


def _document(hold: KnownHold) -> HoldDocument:
    number = Member.objects.filter(wallet_id=hold.wallet_id).values_list("number", flat=True).first()
    if number is not None:
        return hold_document(hold, number=number, wallet="own")
    return hold_document(hold, number=spending.spender_of(hold.id).number, wallet="household")


@contextmanager
def _amounts_in(unit: Unit) -> Iterator[None]:
    """Refusals say their amounts as the unit is written."""
    try:
        yield
    except (InsufficientPoints, AmountAboveHold, RefundAboveSpent) as refusal:
        facts = {name: format_minor(int(str(amount)), decimals=unit.decimals) for name, amount in refusal.facts.items()}
        raise type(refusal)(**facts, unit=unit.code) from refusal
