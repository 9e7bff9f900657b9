"""Returns."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import services as campaigns
from integrations.api import examples
from integrations.api.base import ApiView, encode
from integrations.api.bodies import ReturnBody, return_draft
from integrations.api.decoding import BodyReader
from integrations.api.documents.returns import ReturnAnswer, return_answer
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer

_reader = BodyReader(ReturnBody)


class ReturnsView(ApiView):
    """`/returns`"""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="send_return",
        summary="Send a return",
        description=(
            "Takes back what the returned goods had earned: as much as the rest of the basket would not have earned. "
            "Ten small returns take back exactly what one big one does. `paid_back` says what of each tender is due: "
            "points are given back already, money is yours to pay out."
        ),
        request=ReturnBody,
        responses=created_or_known(ReturnAnswer),
        parameters=idempotent(200, 201, location=False),
        examples=examples.RETURN,
        tags=["Orders"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: ReturnBody = self.read_body(_reader)
        return self.once("return", body, lambda: self._accept(body))

    def _accept(self, body: ReturnBody) -> Answer:
        caller = self.caller
        accepted = campaigns.accept_return(
            programme=caller.programme, draft=return_draft(body, caller.programme), actor=caller.actor
        )
        return Answer(status=201 if accepted.fresh else 200, body=encode(return_answer(accepted, caller.programme)))
