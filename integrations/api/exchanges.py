"""Exchanges: whole chunks of one unit become another."""

from typing import Annotated

import msgspec
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from msgspec import Meta
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Reference, Source
from integrations.api.decoding import BodyReader
from integrations.api.documents.exchanges import (
    ExchangeDocument,
    ExchangeTermsList,
    exchange_document,
    terms_document,
)
from integrations.api.payers import payer_of
from integrations.api.payment_bodies import Payer, UnitCode
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from ledger.errors import ConversionNotOffered
from ledger.queries import ConversionTerms, conversions_offered
from members.exchanging import exchange
from members.models import Member


class ExchangeBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    What to exchange for a member: `chunks` whole chunks, or with null as many as there are. `source` and `reference`
    make it happen once.
    """

    source: Source
    reference: Reference
    customer: Payer
    from_unit: UnitCode
    to_unit: UnitCode
    chunks: Annotated[int, Meta(ge=1, le=10**9)] | None = None


_reader = BodyReader(ExchangeBody)


class ExchangesView(ApiView):
    """`/exchanges`"""

    scopes = {"GET": Scope.MEMBERS_READ, "POST": Scope.POINTS_SPEND}
    refusals = frozenset({404})

    @extend_schema(
        operation_id="list_exchange_terms",
        summary="See what can be exchanged",
        description="What members of the programme may turn into what, and how much becomes how much.",
        responses=ExchangeTermsList,
        tags=["Members"],
    )
    def get(self, _request: Request) -> HttpResponse:
        offered = conversions_offered(self.caller.programme.pk)
        return found(ExchangeTermsList([terms_document(terms) for terms in offered]))

    @extend_schema(
        operation_id="exchange",
        summary="Exchange for a member",
        description=(
            "Turns whole chunks of one unit into another, such as 100 points into a credit of 10.00; what is left over "
            "stays. The same `source` and `reference` again is the same exchange."
        ),
        request=ExchangeBody,
        responses=created_or_known(ExchangeDocument),
        parameters=idempotent(200, 201, location=False),
        examples=examples.EXCHANGE,
        tags=["Members"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: ExchangeBody = self.read_body(_reader)
        return self.once("exchange", body, lambda: self._exchange(body))

    def _exchange(self, body: ExchangeBody) -> Answer:
        caller = self.caller
        terms = self._terms(body)
        payer = payer_of(caller.programme, body.customer)
        done = exchange(
            member=Member.objects.get(pk=payer.member_id),
            terms=terms,
            chunks=body.chunks,
            source="exchange",
            key=f"{body.source}:{body.reference}",
            at=self.now(),
            actor=caller.actor,
        )
        document = exchange_document(done, terms, number=payer.number)
        return Answer(status=201 if done.fresh else 200, body=encode(document))

    def _terms(self, body: ExchangeBody) -> ConversionTerms:
        for terms in conversions_offered(self.caller.programme.pk):
            if (terms.source_unit.code, terms.target_unit.code) == (body.from_unit, body.to_unit):
                return terms
        raise ConversionNotOffered(from_unit=body.from_unit, to_unit=body.to_unit)
