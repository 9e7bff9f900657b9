"""Webhooks."""

from typing import TypeVar

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from integrations.api import examples
from integrations.api.base import ApiView, encode, found
from integrations.api.bodies import Nothing, WebhookBody, WebhookChange
from integrations.api.decoding import BodyReader
from integrations.api.documents.webhooks import (
    DeliveryDocument,
    DeliveryPage,
    SecretDocument,
    WebhookDocument,
    WebhookPage,
    delivery_document,
    webhook_document,
)
from integrations.api.lists import DeliveryFilter, NewestFirst, NoFilter, narrowed
from integrations.api.schema import filters_of, idempotent
from integrations.models import Scope, WebhookDelivery, WebhookEndpoint
from integrations.services import deliveries, endpoints
from integrations.services.answers import Answer
from integrations.vault import unlock

T = TypeVar("T")
_webhook_reader = BodyReader(WebhookBody)
_change_reader = BodyReader(WebhookChange)
_nothing_reader = BodyReader(Nothing)


class _WebhookView(ApiView):
    """Something about one webhook of the caller's programme."""

    def endpoint(self, webhook_id: int) -> WebhookEndpoint:
        return get_object_or_404(WebhookEndpoint, programme=self.caller.programme, pk=webhook_id)


class WebhooksView(ApiView):
    """`/webhooks`"""

    scopes = {"GET": Scope.WEBHOOKS, "POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="list_webhooks",
        summary="List webhooks",
        description="The webhooks of your programme, newest first.",
        parameters=filters_of(NoFilter),
        responses=WebhookPage,
        tags=["Webhooks"],
    )
    def get(self, request: Request) -> HttpResponse:
        rows = WebhookEndpoint.objects.filter(programme=self.caller.programme)
        pages = NewestFirst()
        page = pages.paginate_queryset(narrowed(NoFilter, request, rows), request) or []
        documents = [webhook_document(endpoint) for endpoint in page]
        return found(WebhookPage(pages.get_next_link(), pages.get_previous_link(), documents))

    @extend_schema(
        operation_id="add_webhook",
        summary="Add a webhook",
        description=(
            "Sends events to an address from now on, signed as Standard Webhooks says. Ask for its secret afterwards. "
            "Addresses must be public and use https."
        ),
        request=WebhookBody,
        responses={201: WebhookDocument},
        parameters=idempotent(201),
        examples=examples.WEBHOOK,
        tags=["Webhooks"],
    )
    def post(self, _request: Request) -> HttpResponse:
        body: WebhookBody = self.read_body(_webhook_reader)
        return self.once("webhook", body, lambda: self._add(body))

    def _add(self, body: WebhookBody) -> Answer:
        endpoint, _ = endpoints.register_endpoint(
            programme=self.caller.programme,
            url=body.url,
            event_types=body.event_types,
            description=body.description,
            loopback=settings.WEBHOOKS_TO_LOOPBACK,
        )
        return Answer(201, encode(webhook_document(endpoint)), reverse("api:webhook", args=[endpoint.pk]))


class WebhookView(_WebhookView):
    """`/webhooks/{id}`"""

    scopes = dict.fromkeys(("GET", "PATCH", "DELETE"), Scope.WEBHOOKS)

    @extend_schema(
        operation_id="read_webhook",
        summary="Read a webhook",
        description="How a webhook stands.",
        responses=WebhookDocument,
        tags=["Webhooks"],
    )
    def get(self, _request: Request, webhook_id: int) -> HttpResponse:
        return found(webhook_document(self.endpoint(webhook_id)))

    @extend_schema(
        operation_id="change_webhook",
        summary="Change a webhook",
        description="Changes its events or description, or switches it on or off. What is left out stays.",
        request=WebhookChange,
        responses=WebhookDocument,
        tags=["Webhooks"],
    )
    def patch(self, _request: Request, webhook_id: int) -> HttpResponse:
        body: WebhookChange = self.read_body(_change_reader)
        endpoint = self.endpoint(webhook_id)
        endpoints.change_endpoint(
            endpoint=endpoint, description=_given(body.description), event_types=_given(body.event_types)
        )
        if body.is_enabled is True:
            endpoints.enable_endpoint(endpoint=endpoint)
        elif body.is_enabled is False:
            endpoints.disable_endpoint(endpoint=endpoint, because="Switched off through the API.")
        return found(webhook_document(endpoint))

    @extend_schema(
        operation_id="remove_webhook",
        summary="Remove a webhook",
        description="Sends nothing more to it and forgets its deliveries.",
        responses={204: None},
        tags=["Webhooks"],
    )
    def delete(self, _request: Request, webhook_id: int) -> HttpResponse:
        endpoints.remove_endpoint(endpoint=self.endpoint(webhook_id))
        return HttpResponse(status=204)


class SecretView(_WebhookView):
    """`/webhooks/{id}/secret`"""

    scopes = {"GET": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="read_webhook_secret",
        summary="Read a webhook's secret",
        description="The secret that its messages are signed with; keep it as you keep your key.",
        responses=SecretDocument,
        tags=["Webhooks"],
    )
    def get(self, _request: Request, webhook_id: int) -> HttpResponse:
        return found(SecretDocument(unlock(self.endpoint(webhook_id).secret)))


class RotationView(_WebhookView):
    """`/webhooks/{id}/rotate-secret`"""

    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="Change a webhook's secret",
        description="Makes a new secret. For 24 hours messages carry both signatures, so that you can change over.",
        request=Nothing,
        responses={200: WebhookDocument},
        parameters=idempotent(200, location=False),
        tags=["Webhooks"],
    )
    def post(self, _request: Request, webhook_id: int) -> HttpResponse:
        body: Nothing = self.read_body(_nothing_reader)
        return self.once(f"rotate {webhook_id}", body, lambda: self._rotate(webhook_id))

    def _rotate(self, webhook_id: int) -> Answer:
        endpoint = self.endpoint(webhook_id)
        endpoints.rotate_secret(endpoint=endpoint, at=self.now())
        endpoint.refresh_from_db()
        return Answer(200, encode(webhook_document(endpoint)))


class TestView(_WebhookView):
    """`/webhooks/{id}/test`"""

    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="test_webhook",
        summary="Send a test message",
        description="Queues a message of the type `webhook.test`, sent within seconds. Its delivery says how it went.",
        request=Nothing,
        responses={201: DeliveryDocument},
        parameters=idempotent(201, location=False),
        tags=["Webhooks"],
    )
    def post(self, _request: Request, webhook_id: int) -> HttpResponse:
        body: Nothing = self.read_body(_nothing_reader)
        return self.once(f"test {webhook_id}", body, lambda: self._test(webhook_id))

    def _test(self, webhook_id: int) -> Answer:
        delivery = deliveries.send_test(endpoint=self.endpoint(webhook_id), at=self.now())
        return Answer(201, encode(delivery_document(delivery)))


class DeliveriesView(_WebhookView):
    """`/webhooks/{id}/deliveries`"""

    scopes = {"GET": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="list_deliveries",
        summary="List a webhook's deliveries",
        description="What was and will be sent, newest first, kept for 30 days. `?state=DEAD`: what was given up.",
        parameters=filters_of(DeliveryFilter),
        responses=DeliveryPage,
        tags=["Webhooks"],
    )
    def get(self, request: Request, webhook_id: int) -> HttpResponse:
        rows = WebhookDelivery.objects.filter(endpoint=self.endpoint(webhook_id))
        pages = NewestFirst()
        page = pages.paginate_queryset(narrowed(DeliveryFilter, request, rows), request) or []
        documents = [delivery_document(delivery) for delivery in page]
        return found(DeliveryPage(pages.get_next_link(), pages.get_previous_link(), documents))


class SendAgainView(ApiView):
    """`/deliveries/{id}/send-again`"""

    scopes = {"POST": Scope.WEBHOOKS}

    @extend_schema(
        operation_id="send_delivery_again",
        summary="Send a delivery again",
        description="Starts over with a delivery that was delivered or given up, under the same `webhook-id`.",
        request=Nothing,
        responses={200: DeliveryDocument},
        parameters=idempotent(200, location=False),
        tags=["Webhooks"],
    )
    def post(self, _request: Request, delivery_id: int) -> HttpResponse:
        body: Nothing = self.read_body(_nothing_reader)
        return self.once(f"send again {delivery_id}", body, lambda: self._send_again(delivery_id))

    def _send_again(self, delivery_id: int) -> Answer:
        rows = WebhookDelivery.objects.filter(endpoint__programme=self.caller.programme)
        delivery = get_object_or_404(rows, pk=delivery_id)
        deliveries.send_again(delivery=delivery, at=self.now())
        delivery.refresh_from_db()
        return Answer(200, encode(delivery_document(delivery)))


def _given(value: T | msgspec.UnsetType) -> T | None:
    return None if isinstance(value, msgspec.UnsetType) else value
