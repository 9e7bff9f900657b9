"""Filters of lists by time."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from kernel.periods import end_of_day, local_day, start_of_day
from shops.desk.access import access_of
from shops.models import Shop


def _month_before(today: date) -> tuple[date, date]:
    last = today.replace(day=1) - timedelta(days=1)
    return last.replace(day=1), last


# First and last day of a period, told from today.
_PERIODS: dict[str, tuple[Any, Callable[[date], tuple[date, date]]]] = {
    "today": (_("Today"), lambda today: (today, today)),
    "yesterday": (_("Yesterday"), lambda today: (today - timedelta(days=1), today - timedelta(days=1))),
    "7-days": (_("Last 7 days"), lambda today: (today - timedelta(days=6), today)),
    "30-days": (_("Last 30 days"), lambda today: (today - timedelta(days=29), today)),
    "month": (_("This month"), lambda today: (today.replace(day=1), today)),
    "last-month": (_("Last month"), _month_before),
    "year": (_("This year"), lambda today: (today.replace(month=1, day=1), today)),
}


class PeriodFilter(admin.SimpleListFilter):
    """Whole local days of the person's programme, by the instant in `field`."""

    field: ClassVar[str]

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(name, title) for name, (title, _days) in _PERIODS.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in _PERIODS:
            return queryset
        start, end = instants_of(str(self.value()), request, at=timezone.now())
        return queryset.filter(**{f"{self.field}__gte": start, f"{self.field}__lt": end})


class ShopFilter(admin.SimpleListFilter):
    """One of the shops of the person's programmes, by the row's `shop`."""

    title = _("shop")
    parameter_name = "shop"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        ids = [programme.pk for programme in access_of(request).programmes]
        shops = Shop.objects.filter(programme_id__in=ids).order_by("name", "pk")
        return [(str(shop.pk), shop.name) for shop in shops]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = str(self.value() or "")
        return queryset.filter(shop_id=chosen) if chosen.isdecimal() else queryset


def instants_of(period: str, request: HttpRequest, *, at: datetime) -> tuple[datetime, datetime]:
    """The half-open range of instants that a period's days cover."""
    zone = access_of(request).zone
    _title, days = _PERIODS[period]
    first, last = days(local_day(at, zone))
    return start_of_day(first, zone), end_of_day(last, zone)


def period_of(field: str, title: Any) -> type[PeriodFilter]:
    """A filter for one list: by the instant in `field`, under `title`."""
    return type("Period", (PeriodFilter,), {"field": field, "title": title, "parameter_name": "when"})
