"""Orders and returns for the desk: facts as their sources reported them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

import msgspec
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from orders.events import admin as events_admin
from orders.facts import Line, Tender, TenderKind
from orders.models import ContextAttribute, ImportRun, Order, Return, ReturnedLine
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.attributes import AttributeAdmin
from shops.desk.bases import ReadOnlyAdmin, RecordAdmin
from shops.desk.columns import member_column, moment
from shops.desk.filters import ShopFilter, period_of
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.policy import Act
from shops.templatetags.desk import money

__all__ = ["TENDERS", "events_admin"]

TENDERS = {
    TenderKind.CASH: _("cash"),
    TenderKind.CARD: _("card"),
    TenderKind.ONLINE: _("online"),
    TenderKind.GIFT_CARD: _("gift card"),
    TenderKind.STORED_VALUE: _("stored value"),
    TenderKind.POINTS: _("points"),
    TenderKind.CREDIT: _("promotional credit"),
}


@admin.register(Order)
class OrderAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_ORDERS,)
    record_template: ClassVar[str] = "orders/admin/order.html"
    list_display = ("reference", moment("placed_at", _("placed")), "source", "shop", "channel")
    list_select_related = ("member", "shop")
    list_filter = (period_of("placed_at", _("placed")), "source", ShopFilter)
    search_fields = ("reference__startswith", "=member__number")
    search_help_text = _("Reference of the order, or number of the member")
    ordering = ("-placed_at", "-pk")
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        reference, *rest = super().get_list_display(request)
        access = access_of(request)
        programmes = {programme.pk: programme for programme in access.programmes}

        @column(description=_("total"), ordering="total")
        def total(order: Order) -> str:
            return money(order.total, programmes[order.programme_id])

        return [reference, total, member_column(access), *rest]


@admin.register(Return)
class ReturnAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_ORDERS,)
    record_template: ClassVar[str] = "orders/admin/return.html"
    list_display = ("reference", moment("returned_at", _("returned")), "source")
    list_select_related = ("member",)
    list_filter = (period_of("returned_at", _("returned")), "source")
    search_fields = ("reference__startswith", "=member__number")
    search_help_text = _("Reference of the return, or number of the member")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        reference, *rest = super().get_list_display(request)
        return [reference, member_column(access_of(request)), *rest]


@admin.register(ImportRun)
class ImportRunAdmin(ReadOnlyAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_INTEGRATIONS,)
    list_display = (
        "file_name",
        "format",
        "documents",
        moment("started_at", _("started")),
        moment("finished_at", _("finished")),
    )
    fields = ("file_name", "format", "documents", "tally", "started_at", "finished_at")
    ordering = ("-started_at",)


def _lines(order: Any, _at: datetime) -> Mapping[str, object]:
    lines = msgspec.convert(order.lines, tuple[Line, ...])
    returned = dict(ReturnedLine.objects.filter(order=order, returned__gt=0).values_list("line_no", "returned"))
    return {
        "lines": [(line, line.amount - line.discount, returned.get(line.no, 0)) for line in lines],
        "discount": sum(line.discount for line in lines),
        "tax": sum(line.tax for line in lines),
        "tenders": [
            (TENDERS[tender.kind], tender.amount) for tender in msgspec.convert(order.tenders, tuple[Tender, ...])
        ],
    }


def _facts(_record: Any, _at: datetime) -> Mapping[str, object]:
    return {}


def _member(record: Any, _at: datetime) -> Mapping[str, object]:
    return {"member": record.member}


def _returned(goods_return: Any, _at: datetime) -> Mapping[str, object]:
    orders = Order.objects.in_bulk({part["order_id"] for part in goods_return.lines})
    parts = [_part(part, orders[part["order_id"]]) for part in goods_return.lines]
    return {"parts": parts, "unmatched": goods_return.unmatched}


def _part(part: Mapping[str, Any], order: Order) -> Mapping[str, object]:
    line = next(line for line in msgspec.convert(order.lines, tuple[Line, ...]) if line.no == part["line_no"])
    return {"order": order, "line": line, "quantity": part["quantity"]}


def _latest(member: Any, _at: datetime) -> Mapping[str, object]:
    shown = 8
    orders = list(
        Order.objects.filter(member=member)
        .select_related("shop")
        .defer("lines", "tenders")
        .order_by("-placed_at")[: shown + 1]
    )
    return {"orders": orders[:shown], "has_more": len(orders) > shown, "number": member.number}


panels.add(
    "orders.Order",
    Panel("orders/admin/lines.html", _lines, (Act.SEE_ORDERS,), Place.MAIN, 10),
    Panel("orders/admin/member.html", _member, (Act.SEE_MEMBERS,), Place.SIDE, 5),
    Panel("orders/admin/order_facts.html", _facts, (Act.SEE_ORDERS,), Place.SIDE, 10),
)
panels.add(
    "orders.Return",
    Panel("orders/admin/returned.html", _returned, (Act.SEE_ORDERS,), Place.MAIN, 10),
    Panel("orders/admin/member.html", _member, (Act.SEE_MEMBERS,), Place.SIDE, 5),
    Panel("orders/admin/return_facts.html", _facts, (Act.SEE_ORDERS,), Place.SIDE, 10),
)
panels.add("members.Member", Panel("orders/admin/latest.html", _latest, (Act.SEE_ORDERS,), Place.SIDE, 20))


@admin.register(ContextAttribute)
class ContextAttributeAdmin(AttributeAdmin):
    pass
