"""The outbox: what happened, and whether it was handed on. Its room stands below the desk, so its page stands here."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from events.models import OutboxEvent
from integrations.admin.base import OWNERS
from shops.desk import panels
from shops.desk.bases import RecordAdmin
from shops.desk.columns import moment
from shops.desk.filters import period_of
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.policy import Act


@admin.register(OutboxEvent)
class OutboxEventAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = OWNERS
    record_template: ClassVar[str] = "integrations/admin/event.html"
    list_display = ("type", "pk", "shown_state", moment("occurred_at", gettext_lazy("happened")))
    list_filter = (period_of("occurred_at", gettext_lazy("happened")),)
    search_fields = ("=id", "type__startswith")
    search_help_text = gettext_lazy("Number or type of the event")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False

    @column(description=gettext_lazy("state"), label={"relayed": "success", "waiting": "warning"})
    def shown_state(self, event: OutboxEvent) -> tuple[str, str]:
        return ("relayed", _("handed on")) if event.relayed_at else ("waiting", _("waiting"))


def _payload(event: Any, _at: datetime) -> Mapping[str, object]:
    return {"event": event, "payload": json.dumps(event.payload, indent=2, ensure_ascii=False)}


panels.add("events.OutboxEvent", Panel("integrations/admin/payload.html", _payload, OWNERS, Place.MAIN, 10))
