"""Quotes: what would become of a basket, before anything happens."""

from datetime import datetime

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from campaigns.payments import KIND_OF_CLASS
from campaigns.quotes import basket_quote, payment_quotes
from integrations.api import examples
from integrations.api.base import ApiView, encode
from integrations.api.bodies import OrderBody, TenderBody, order_draft
from integrations.api.decoding import BodyReader
from integrations.api.documents.offers import discount_documents
from integrations.api.documents.orders import rejected_documents
from integrations.api.documents.payments import QuoteDocument, unit_quote, would_earn
from integrations.api.payers import amount_of, payer_of, spendable_of, unit_of_code
from integrations.api.payment_bodies import QuoteBody
from integrations.api.schema import idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor
from orders.facts import OrderDraft
from shops.models import Programme

_reader = BodyReader(QuoteBody)


class QuotesView(ApiView):
    """`/quotes`"""

    scopes = {"POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="quote_payment",
        summary="Quote a basket",
        description=(
            "What the basket would earn, which offers it would get, which rules would give nothing and why: the same "
            "decision as the order's. And what the customer could pay with each unit, as a slider needs it: least, "
            "most, step and their value, and for the wanted amount what is left for money. An amount between two "
            "steps, or above the most, is quoted as the nearest below it. Writes nothing and promises nothing: hold "
            "the amount next."
        ),
        request=QuoteBody,
        responses={200: OpenApiResponse(QuoteDocument, "The quote.")},
        parameters=idempotent(200, location=False),
        examples=examples.QUOTE,
        tags=["Paying with points"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: QuoteBody = self.read_body(_reader)
        return self.once("quote", body, lambda: self._quote(body))

    def _quote(self, body: QuoteBody) -> Answer:
        programme, now = self.caller.programme, self.now()
        member = payer_of(programme, body.customer)
        basket = basket_quote(programme=programme, draft=_draft(body, programme, now))
        asked = [(unit_of_code(programme, wanted.unit), wanted.amount) for wanted in body.wanted]
        quotes = payment_quotes(
            programme=programme,
            spendable=spendable_of(member, body.wallet, at=now),
            purchase=basket.purchase,
            wanted={unit.pk: amount_of(amount, unit, least=0) for unit, amount in asked},
        )
        listed = basket.purchase.total + sum(cut.amount for cut in basket.decision.discounts)
        document = QuoteDocument(
            member=member.number,
            wallet=body.wallet,
            currency=programme.currency,
            total=format_minor(listed, decimals=programme.currency_decimals),
            to_pay=format_minor(basket.purchase.total, decimals=programme.currency_decimals),
            discounts=discount_documents(basket.decision.discounts, programme),
            earned=would_earn(basket, programme),
            rejected=rejected_documents(basket.decision.rejections, programme),
            units=[unit_quote(quote, programme, tender=KIND_OF_CLASS.get(quote.unit.klass)) for quote in quotes],
        )
        return Answer(200, encode(document))


def _draft(body: QuoteBody, programme: Programme, now: datetime) -> OrderDraft:
    """The basket as the order would be."""
    order = OrderBody(
        "quote",
        "quote",
        body.placed_at or now,
        body.currency,
        body.lines,
        customer=body.customer,
        discount=body.discount,
        tenders=[TenderBody(tender.kind, tender.amount) for tender in body.tenders],
        channel=body.channel,
        shop=body.shop,
        codes=body.codes,
        offers=body.offers,
        context=body.context,
    )
    return order_draft(order, programme)
