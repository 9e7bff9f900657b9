"""Deliveries of orders."""

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import services as campaigns
from integrations.api import examples
from integrations.api.base import ApiView, encode
from integrations.api.bodies import DeliveryBody, delivery_instant
from integrations.api.decoding import BodyReader
from integrations.api.documents.arrivals import DeliveryAnswer, delivery_answer
from integrations.api.schema import created_or_known, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer

_reader = BodyReader(DeliveryBody)


class OrderDeliveriesView(ApiView):
    """`/order-deliveries`"""

    scopes = {"POST": Scope.ORDERS_WRITE}

    @extend_schema(
        operation_id="send_delivery",
        summary="Report that an order arrived",
        description=(
            "Points of a unit whose policy waits for the delivery can be spent from `delivered_at` on, and their "
            "expiry counts from then. The same delivery again gets the same answer with status 200."
        ),
        request=DeliveryBody,
        responses=created_or_known(DeliveryAnswer),
        parameters=idempotent(200, 201, location=False),
        examples=examples.DELIVERY,
        tags=["Orders"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: DeliveryBody = self.read_body(_reader)
        return self.once("delivery", body, lambda: self._accept(body))

    def _accept(self, body: DeliveryBody) -> Answer:
        accepted = campaigns.accept_delivery(
            programme=self.caller.programme,
            source=body.source,
            reference=body.order_reference,
            delivered_at=delivery_instant(body),
        )
        status = 201 if accepted.registered.fresh else 200
        return Answer(status=status, body=encode(delivery_answer(accepted, body.source, body.order_reference)))
