"""Purchases: units for money that a shop or a payment provider takes."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Nothing
from integrations.api.decoding import BodyReader
from integrations.api.documents.purchases import (
    PurchaseDocument,
    PurchaseQuoteDocument,
    purchase_document,
    purchase_quote_document,
)
from integrations.api.payers import amount_of, payer_of, unit_of_code
from integrations.api.purchase_bodies import (
    PurchaseBody,
    PurchaseCaptureBody,
    PurchaseQuoteBody,
    PurchaseRefundBody,
)
from integrations.api.schema import created_or_known, idempotent
from integrations.errors import AmountInvalid
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor, parse_minor
from ledger.errors import (
    PaymentRefused,
    PriceChanged,
    PurchaseAmountRefused,
    PurchaseLimitReached,
    PurchaseNotOffered,
)
from ledger.purchases import Purchase, PurchaseTerms, purchases, quote, terms_of
from ledger.queries import Unit
from ledger.services import Notice
from members import buying
from members.buying import UNKNOWN_YET, Kind, Payment
from members.models import Member
from shops.models import Programme

TAGS = ["Buying"]
_quote_reader, _purchase_reader = BodyReader(PurchaseQuoteBody), BodyReader(PurchaseBody)
_capture_reader, _refund_reader, _nothing_reader = (
    BodyReader(PurchaseCaptureBody),
    BodyReader(PurchaseRefundBody),
    BodyReader(Nothing),
)
# What refusals say in minor units of the unit, and of the currency.
_IN_UNITS, _IN_MONEY = ("minimum", "maximum", "step", "limit", "left"), ("seen", "total", "told_amount")


class PurchaseView(ApiView):
    """What all about one purchase share."""

    scopes = {"GET": Scope.POINTS_SELL, "POST": Scope.POINTS_SELL}

    def known(self, purchase_id: int) -> Purchase:
        purchase = purchases(self.caller.programme.pk).filter(pk=purchase_id).first()
        if purchase is None:
            raise Http404
        return purchase

    def answer(self, purchase_id: int, *, status: int = 200) -> Answer:
        location = reverse("api:purchase", args=[purchase_id])
        return Answer(status, encode(self.document(purchase_id)), location)

    def document(self, purchase_id: int) -> PurchaseDocument:
        purchase = self.known(purchase_id)
        number = Member.objects.values_list("number", flat=True).get(wallet_id=purchase.wallet_id)
        return purchase_document(purchase, number=number, has_lapsed=purchase.has_lapsed(self.now()))

    def say(self, purchase: Purchase, notice: Notice) -> Answer:
        with amounts_in(purchase.unit):
            buying.tell(purchase=purchase, notice=notice, at=self.now())
        return self.answer(purchase.pk)


class PurchaseQuotesView(ApiView):
    """`/purchase-quotes`"""

    scopes = {"POST": Scope.POINTS_SELL}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="quote_purchase",
        summary="Quote a purchase",
        description=(
            "What an amount of a unit costs, and how much the customer can buy now: the least, the most and the steps. "
            "An amount that can't be bought is quoted as the nearest that can. Writes nothing."
        ),
        request=PurchaseQuoteBody,
        responses={200: OpenApiResponse(PurchaseQuoteDocument, "The quote.")},
        parameters=idempotent(200, location=False),
        examples=examples.PURCHASE_QUOTE,
        tags=TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body: PurchaseQuoteBody = self.read_body(_quote_reader)
        return self.once("quote purchase", body, lambda: self._quote(body))

    def _quote(self, body: PurchaseQuoteBody) -> Answer:
        terms = offered(self.caller.programme, body.unit)
        amount = None if body.amount is None else amount_of(body.amount, terms.unit, least=0)
        member = payer_of(self.caller.programme, body.customer)
        found_quote = quote(wallet_id=member.wallet_id, terms=terms, at=self.now(), amount=amount)
        return Answer(200, encode(purchase_quote_document(found_quote, number=member.number)))


class PurchasesView(PurchaseView):
    """`/purchases`"""

    scopes = {"POST": Scope.POINTS_SELL}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="request_purchase",
        summary="Ask to buy",
        description=(
            "A customer buys an amount of a unit. Nothing is in the wallet before the payment: capture it, or pass on "
            "what the provider says. Without a payment it ends by itself, after a day unless `seconds` says otherwise. "
            "The same `source` and `reference` again is the same purchase."
        ),
        request=PurchaseBody,
        responses=created_or_known(PurchaseDocument),
        parameters=idempotent(200, 201),
        examples=examples.PURCHASE,
        tags=TAGS,
    )
    def post(self, _request: Request) -> HttpResponse:
        body: PurchaseBody = self.read_body(_purchase_reader)
        return self.once("purchase", body, lambda: self._ask(body))

    def _ask(self, body: PurchaseBody) -> Answer:
        programme = self.caller.programme
        terms = offered(programme, body.unit)
        payer = payer_of(programme, body.customer)
        with amounts_in(terms.unit):
            asked = buying.request(
                member=Member.objects.get(pk=payer.member_id),
                terms=terms,
                amount=amount_of(body.amount, terms.unit),
                source="api",
                key=f"{body.source}:{body.reference}",
                at=self.now(),
                payment=Payment(body.paid_by.provider, body.paid_by.payment) if body.paid_by else UNKNOWN_YET,
                lasts=timedelta(seconds=body.seconds),
                seen_total=None if body.total is None else money_of(body.total, programme),
            )
        return self.answer(asked.purchase.pk, status=201 if asked.fresh else 200)


class OnePurchaseView(PurchaseView):
    """`/purchases/{id}`"""

    scopes = {"GET": Scope.POINTS_SELL}

    @extend_schema(
        operation_id="read_purchase",
        summary="Read a purchase",
        description="A purchase as it is now.",
        responses=PurchaseDocument,
        tags=TAGS,
    )
    def get(self, _request: Request, purchase_id: int) -> HttpResponse:
        return found(self.document(purchase_id))


class CapturePurchaseView(PurchaseView):
    """`/purchases/{id}/capture`"""

    scopes = {"POST": Scope.POINTS_SELL}

    @extend_schema(
        operation_id="capture_purchase",
        summary="Capture a purchase",
        description=(
            "The money was taken: what was bought is in the wallet now. Capturing again by the same payment changes "
            "nothing. Do this, or pass on the provider's notices; both at once do no harm."
        ),
        request=PurchaseCaptureBody,
        responses=PurchaseDocument,
        parameters=idempotent(200),
        examples=examples.PURCHASE_CAPTURE,
        tags=TAGS,
    )
    def post(self, _request: Request, purchase_id: int) -> HttpResponse:
        body: PurchaseCaptureBody = self.read_body(_capture_reader)
        return self.once(f"capture purchase {purchase_id}", body, lambda: self._capture(purchase_id, body))

    def _capture(self, purchase_id: int, body: PurchaseCaptureBody) -> Answer:
        purchase, programme = self.known(purchase_id), self.caller.programme
        notice = Notice(
            provider=body.provider,
            name=f"capture of {purchase_id} by {body.payment}",
            kind=Kind.CAPTURED,
            actor=self.caller.actor,
            payment=body.payment,
            amount=purchase.total if body.amount is None else money_of(body.amount, programme),
        )
        return self.say(purchase, notice)


class CancelPurchaseView(PurchaseView):
    """`/purchases/{id}/cancel`"""

    scopes = {"POST": Scope.POINTS_SELL}

    @extend_schema(
        operation_id="cancel_purchase",
        summary="Cancel a purchase",
        description=(
            "The purchase will not be paid, or its authorisation was let go. Cancelling twice is cancelling once; one "
            "that is paid is refused: refund it."
        ),
        request=Nothing,
        responses=PurchaseDocument,
        parameters=idempotent(200),
        examples=examples.NOTHING,
        tags=TAGS,
    )
    def post(self, _request: Request, purchase_id: int) -> HttpResponse:
        body: Nothing = self.read_body(_nothing_reader)
        return self.once(f"cancel purchase {purchase_id}", body, lambda: self._cancel(purchase_id))

    def _cancel(self, purchase_id: int) -> Answer:
        name, actor = f"cancellation of {purchase_id}", self.caller.actor
        return self.say(self.known(purchase_id), Notice("api", name, Kind.CANCELLED, actor))


class RefundPurchaseView(PurchaseView):
    """`/purchases/{id}/refund`"""

    scopes = {"POST": Scope.POINTS_SELL}

    @extend_schema(
        operation_id="refund_purchase",
        summary="Refund a purchase",
        description=(
            "Money was given back: what it had bought leaves the wallet, from its own lot first, and what is not there "
            "any more is arrears. `refunded` is the sum of all refunds so far, so the same sum again changes nothing. "
            "Only stored value goes back in parts. A withdrawal is refused when something of it was used, or its time "
            "is over; when it is answered, give the money back."
        ),
        request=PurchaseRefundBody,
        responses=PurchaseDocument,
        parameters=idempotent(200),
        examples=examples.PURCHASE_REFUND,
        tags=TAGS,
    )
    def post(self, _request: Request, purchase_id: int) -> HttpResponse:
        body: PurchaseRefundBody = self.read_body(_refund_reader)
        return self.once(f"refund purchase {purchase_id}", body, lambda: self._refund(purchase_id, body))

    def _refund(self, purchase_id: int, body: PurchaseRefundBody) -> Answer:
        purchase, actor = self.known(purchase_id), self.caller.actor
        if body.is_withdrawal:
            return self.say(purchase, Notice("api", f"withdrawal of {purchase_id}", Kind.WITHDRAWN, actor))
        refunded = purchase.total if body.refunded is None else money_of(body.refunded, self.caller.programme)
        name = f"refund of {purchase_id} up to {refunded}"
        return self.say(purchase, Notice("api", name, Kind.REFUNDED, actor, amount=refunded))


def offered(programme: Programme, code: str) -> PurchaseTerms:
    """
    The terms in force of a unit.

    :raises UnitUnknown: if the programme has no such unit
    :raises PurchaseNotOffered: if members can't buy it
    """
    unit = unit_of_code(programme, code)
    terms = next((terms for terms in terms_of(programme.pk) if terms.unit_id == unit.pk), None)
    if terms is None:
        raise PurchaseNotOffered(unit=code)
    return terms


def money_of(text: str, programme: Programme) -> int:
    """
    Money in minor units of the programme's currency.

    :raises AmountInvalid: if it is nothing, or has more places than the currency
    """
    try:
        amount = parse_minor(text, decimals=programme.currency_decimals)
    except ValueError:
        amount = 0
    if amount <= 0:
        raise AmountInvalid(unit=programme.currency, amount=text, decimals=programme.currency_decimals)
    return amount


@contextmanager
def amounts_in(unit: Unit) -> Iterator[None]:
    """Refusals say their amounts as the unit and the currency are written, and leave out what there is not."""
    try:
        yield
    except (PurchaseAmountRefused, PurchaseLimitReached, PriceChanged, PaymentRefused) as refusal:
        raise type(refusal)(**_shown(refusal.facts, unit)) from refusal


def _shown(facts: dict[str, Any], unit: Unit) -> dict[str, Any]:
    shown = {name: fact for name, fact in facts.items() if fact not in {None, ""}}
    for names, decimals in ((_IN_UNITS, unit.decimals), (_IN_MONEY, unit.programme.currency_decimals)):
        shown |= {name: format_minor(shown[name], decimals=decimals) for name in names if name in shown}
    return shown
