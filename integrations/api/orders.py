"""Orders."""

from collections.abc import Sequence

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from campaigns import services as campaigns
from campaigns.answers import answers_of
from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import OrderBody, order_draft
from integrations.api.decoding import BodyReader
from integrations.api.documents.orders import (
    OrderAnswer,
    OrderDocument,
    OrderPage,
    order_answer,
    order_document,
    order_summary,
)
from integrations.api.lists import NewestFirst, OrderFilter, narrowed
from integrations.api.schema import created_or_known, filters_of, idempotent
from integrations.models import Scope
from integrations.services.answers import Answer
from orders.models import Order
from roundtrips import Change

_reader = BodyReader(OrderBody)


class OrdersView(ApiView):
    """`/orders`"""

    scopes = {"GET": Scope.ORDERS_READ, "POST": Scope.ORDERS_WRITE}
    planned = frozenset({"POST"})

    @extend_schema(
        operation_id="send_order",
        summary="Send an order",
        description=(
            "Puts a purchase on record and answers what it earned and why, or which condition failed. The same order "
            "again gets the same answer with status 200; the same reference with another content is refused."
        ),
        request=OrderBody,
        responses=created_or_known(OrderAnswer),
        parameters=idempotent(200, 201),
        examples=examples.ORDER,
        tags=["Orders"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: OrderBody = self.read_body(_reader)
        caller = self.caller
        draft = order_draft(body, caller.programme)

        def plan() -> tuple[Answer, Sequence[Change]]:
            accepted, changes = campaigns.plan_order(
                programme=caller.programme, draft=draft, actor=caller.actor, at=self.now()
            )
            answer = Answer(
                status=201 if accepted.fresh else 200,
                body=encode(order_answer(accepted, caller.programme)),
                location=reverse("api:order", args=[accepted.order_id]),
            )
            return answer, changes

        return self.once_by_plan("order", body, plan)

    @extend_schema(
        operation_id="list_orders",
        summary="Find orders",
        description="Orders of your programme, newest first. By your own reference: `?source=webshop&reference=117`.",
        parameters=filters_of(OrderFilter),
        responses=OrderPage,
        tags=["Orders"],
    )
    def get(self, request: Request) -> HttpResponse:
        programme = self.caller.programme
        rows = (
            Order.objects.filter(programme_id=programme.pk).select_related("member", "shop").defer("lines", "tenders")
        )
        pages = NewestFirst()
        page = pages.paginate_queryset(narrowed(OrderFilter, request, rows), request) or []
        summaries = [order_summary(order, programme) for order in page]
        return found(OrderPage(pages.get_next_link(), pages.get_previous_link(), summaries))


class OrderView(ApiView):
    """`/orders/{id}`"""

    scopes = {"GET": Scope.ORDERS_READ}

    @extend_schema(
        operation_id="read_order",
        summary="Read an order",
        description="An order as it was reported, with what it earned and why.",
        responses=OrderDocument,
        tags=["Orders"],
    )
    def get(self, _request: Request, order_id: int) -> HttpResponse:
        programme = self.caller.programme
        rows = Order.objects.filter(programme_id=programme.pk).select_related("member", "shop")
        order = get_object_or_404(rows, pk=order_id)
        return found(order_document(order, answers_of([order.pk])[order.pk], programme))
