"""The schedule of background work, for superusers: it belongs to the installation and not to a programme."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django_celery_beat.models import PeriodicTask

from shops.desk.bases import DeskAdmin
from shops.desk.columns import moment
from shops.desk.theme import column


@admin.register(PeriodicTask)
class ScheduleAdmin(DeskAdmin):
    """What runs by itself: looked at, and switched off and on. What runs when is told by loyalty_site.schedule."""

    list_display = ("name", "shown_schedule", "enabled", moment("last_run_at", _("last run")), "total_run_count")
    list_select_related = ("interval", "crontab", "solar", "clocked")
    fields = ("name", "task", "shown_schedule", "enabled", "last_run_at", "total_run_count")
    readonly_fields = ("name", "task", "shown_schedule", "last_run_at", "total_run_count")
    ordering = ("name",)
    may_change = True

    def get_queryset(self, request: HttpRequest) -> Any:
        return super(DeskAdmin, self).get_queryset(request)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        return list(self.list_display)

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return []

    def _allows(self, request: HttpRequest, acts: Any, row: Any) -> bool:
        return request.user.is_active and request.user.is_superuser

    @column(description=_("when"))
    def shown_schedule(self, task: PeriodicTask) -> str:
        return str(task.interval or task.crontab or task.solar or task.clocked)
