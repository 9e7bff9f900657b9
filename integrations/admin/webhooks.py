"""Webhooks and what became of their messages."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.base import OWNERS, IntegrationAdmin, Verb
from integrations.errors import TargetRefused
from integrations.forms import EndpointForm
from integrations.models import WebhookDelivery, WebhookEndpoint
from integrations.services import deliveries, endpoints
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.columns import moment
from shops.desk.filters import period_of
from shops.desk.pages import form_page, secret_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column

SHOWN = 20


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(IntegrationAdmin):
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "integrations/admin/endpoint.html"
    list_display = ("shown_name", "url", "shown_state", moment("failing_since", gettext_lazy("failing since")))
    search_fields = ("url", "description")
    ordering = ("pk",)

    def verbs(self) -> dict[str, Verb]:
        return {
            "test": self.test,
            "rotate": self.rotate,
            "enable": self.enable,
            "disable": self.disable,
            "remove": self.remove,
        }

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = EndpointForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        made = self._register(form) if request.method == "POST" and form.is_valid() else None
        if made is None:
            return form_page(self, request, form, title=_("Add a webhook"), submit=_("Add the webhook"))
        return self._tell_secret(request, *made)

    def _register(self, form: EndpointForm) -> tuple[WebhookEndpoint, str] | None:
        values = form.cleaned_data
        try:
            return endpoints.register_endpoint(
                programme=form.programme,
                url=values["url"],
                event_types=values["event_types"],
                description=values["description"],
                loopback=settings.WEBHOOKS_TO_LOOPBACK,
            )
        except TargetRefused as refusal:
            form.add_error("url", _("Nothing can be sent there: expected %(expected)s.") % refusal.facts)
            return None

    def _tell_secret(self, request: HttpRequest, endpoint: WebhookEndpoint, secret: str) -> HttpResponse:
        return secret_page(
            self,
            request,
            title=_("The secret of “%(name)s”") % {"name": endpoint},
            secret=secret,
            next_address=self.to(endpoint).url,
            lead=_("The receiver checks with it that a message is ours (Standard Webhooks)."),
        )

    def test(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        deliveries.send_test(endpoint=endpoint, at=timezone.now())
        messages.success(request, _("A test message is on its way: its outcome appears below in a moment."))
        return self.to(endpoint)

    def rotate(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        return self._tell_secret(request, endpoint, endpoints.rotate_secret(endpoint=endpoint, at=timezone.now()))

    def enable(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        endpoints.enable_endpoint(endpoint=endpoint)
        messages.success(request, _("Enabled: what waited goes out first."))
        return self.to(endpoint)

    def disable(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        endpoints.disable_endpoint(endpoint=endpoint, because=_("Disabled by %(name)s") % {"name": request.user})
        messages.warning(request, _("Disabled: events that happen meanwhile are not kept for it."))
        return self.to(endpoint)

    def remove(self, request: HttpRequest, endpoint: WebhookEndpoint) -> HttpResponse:
        endpoints.remove_endpoint(endpoint=endpoint)
        messages.success(request, _("Removed, with its deliveries."))
        return HttpResponseRedirect(reverse("admin:integrations_webhookendpoint_changelist"))

    @column(description=gettext_lazy("webhook"))
    def shown_name(self, endpoint: WebhookEndpoint) -> str:
        return str(endpoint)

    @column(description=gettext_lazy("state"), label={"on": "success", "failing": "warning", "off": "danger"})
    def shown_state(self, endpoint: WebhookEndpoint) -> tuple[str, str]:
        if not endpoint.is_enabled:
            return "off", _("disabled")
        return ("failing", _("failing")) if endpoint.failing_since else ("on", _("enabled"))


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(IntegrationAdmin):
    programme_lookup: ClassVar[str] = "endpoint__programme_id"
    record_template: ClassVar[str] = "integrations/admin/delivery.html"
    list_display = (
        "event_type",
        "endpoint",
        "shown_state",
        "attempts",
        "last_status",
        moment("created_at", gettext_lazy("created")),
        moment("next_attempt_at", gettext_lazy("next attempt")),
    )
    list_select_related = ("endpoint",)
    list_filter = ("state", period_of("created_at", gettext_lazy("created")))
    search_fields = ("=event_id", "event_type")
    search_help_text = gettext_lazy("Number or type of the event")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("endpoint")

    def verbs(self) -> dict[str, Verb]:
        return {"again": self.again}

    def again(self, request: HttpRequest, delivery: WebhookDelivery) -> HttpResponse:
        deliveries.send_again(delivery=delivery, at=timezone.now())
        messages.success(request, _("It is sent again, with the same id: a receiver that had it can tell."))
        return self.to(delivery)

    @column(description=gettext_lazy("state"), label={"WAITING": "warning", "DELIVERED": "success", "DEAD": "danger"})
    def shown_state(self, delivery: WebhookDelivery) -> tuple[str, Any]:
        return delivery.state, delivery.get_state_display()


def _latest(endpoint: Any, _at: datetime) -> Mapping[str, object]:
    return {"latest": WebhookDelivery.objects.filter(endpoint=endpoint).order_by("-pk")[:SHOWN]}


def _message(delivery: Any, _at: datetime) -> Mapping[str, object]:
    return {"delivery": delivery, "body": json.dumps(json.loads(delivery.body), indent=2, ensure_ascii=False)}


panels.add("integrations.WebhookEndpoint", Panel("integrations/admin/latest.html", _latest, OWNERS, Place.MAIN, 10))
panels.add("integrations.WebhookDelivery", Panel("integrations/admin/message.html", _message, OWNERS, Place.MAIN, 10))
