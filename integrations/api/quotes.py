"""Quotes: what a customer could pay with points, before anything happens."""

from django.http import HttpResponse
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request

from campaigns.payments import KIND_OF_CLASS
from campaigns.quotes import payment_quotes
from integrations.api import examples
from integrations.api.base import ApiView, encode
from integrations.api.bodies import OrderBody, order_draft
from integrations.api.decoding import BodyReader
from integrations.api.documents.payments import QuoteDocument, unit_quote
from integrations.api.payers import amount_of, payer_of, spendable_of, unit_of_code
from integrations.api.payment_bodies import QuoteBody
from integrations.api.schema import idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from kernel.amounts import format_minor
from orders.checks import check

_reader = BodyReader(QuoteBody)


class QuotesView(ApiView):
    """`/quotes`"""

    scopes = {"POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="quote_payment",
        summary="Quote paying with points",
        description=(
            "What the customer could pay with each unit, as a slider needs it: least, most, step and their value, and "
            "for the wanted amount what is left for money. An amount between two steps, or above the most, is quoted "
            "as the nearest below it. Writes nothing and promises nothing: hold the amount next."
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
        draft = order_draft(
            OrderBody("quote", "quote", now, body.currency, body.lines, discount=body.discount), programme
        )
        if refusal := check(draft, currency=programme.currency, with_holds=False):
            raise refusal
        member = payer_of(programme, body.customer)
        asked = [(unit_of_code(programme, wanted.unit), wanted.amount) for wanted in body.wanted]
        quotes = payment_quotes(
            programme=programme,
            spendable=spendable_of(member, body.wallet, at=now),
            draft=draft,
            wanted={unit.pk: amount_of(amount, unit, least=0) for unit, amount in asked},
        )
        total = sum(line.amount for line in draft.lines) - draft.discount
        document = QuoteDocument(
            member=member.number,
            wallet=body.wallet,
            currency=programme.currency,
            total=format_minor(total, decimals=programme.currency_decimals),
            units=[unit_quote(quote, programme, tender=KIND_OF_CLASS.get(quote.unit.klass)) for quote in quotes],
        )
        return Answer(200, encode(document))
