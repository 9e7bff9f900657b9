"""Events and their types for the desk."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from conditions.vocabulary import FieldType
from orders.events import services
from orders.events.errors import EventTypeExists, EventTypeInvalid
from orders.events.forms import KIND_NAMES, AttributeForm, NewTypeForm, refuse
from orders.events.models import Event, EventType
from orders.events.queries import types_of
from orders.events.services import attributes_of
from orders.events.types import Attribute, DeclaredType, outside
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin, RecordAdmin
from shops.desk.columns import NOTHING, member_column, moment
from shops.desk.filters import ShopFilter, period_of
from shops.desk.notes import notes_on
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.models import Programme
from shops.policy import Act

SHOWN = 8


@admin.register(EventType)
class EventTypeAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_REPORTS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS,)
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "orders/admin/event_type.html"
    saved: ClassVar[Any] = gettext_lazy("Added. Events may carry it from now on, and rules may ask about it.")
    list_display = ("name", "key", "shown_attributes", "shown_state")
    search_fields = ("name", "key")
    ordering = ("name", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("programme")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, EventType], HttpResponse]] = {
            "retire": self.retire,
            "retire-attribute": self.retire_attribute,
        }
        return [
            path(
                f"<int:type_id>/{verb}/",
                self.admin_site.admin_view(self._edits(act)),
                name=f"orders_eventtype_{verb.replace('-', '_')}",
            )
            for verb, act in verbs.items()
        ] + super().get_urls()

    def _edits(self, act: Callable[[HttpRequest, EventType], HttpResponse]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, type_id: int) -> HttpResponse:
            row = self.get_object(request, str(type_id))
            if not self.has_change_permission(request, row):
                raise PermissionDenied
            return act(request, row)

        return view

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = NewTypeForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        declared = self._declare(request, form) if request.method == "POST" and form.is_valid() else None
        if declared is None:
            lead = _("Say what customers do beside buying. What such events carry is added on the next page.")
            title, submit = _("Declare a type of events"), _("Declare it")
            return form_page(self, request, form, title=title, submit=submit, shown={"lead": lead})
        messages.success(request, _("“%(name)s” is declared. Now add what such events carry.") % {"name": declared})
        return _to(declared)

    def _declare(self, request: HttpRequest, form: NewTypeForm) -> EventType | None:
        values = form.cleaned_data
        try:
            return services.declare_type(
                programme=form.programme,
                key=values["key"].strip(),
                name=values["name"],
                by=str(request.user),
                at=timezone.now(),
            )
        except EventTypeInvalid as refusal:
            refuse(form, refusal)
        except EventTypeExists:
            form.add_error("key", _("Another type has this key."))
        return None

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> AttributeForm:
        return AttributeForm(
            data,
            decimals=row.programme.currency_decimals,
            may_be_required=not services.has_happened(event_type=row),
        )

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        try:
            services.add_attribute(event_type=row, attribute=form.attribute)
        except EventTypeInvalid as refusal:
            refuse(form, refusal)
            return False
        return True

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        is_open = obj is None or obj.retired_at is None
        return is_open and super().has_change_permission(request, obj)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        shown = {"attributes": [_told(attribute, row.programme) for attribute in attributes_of(row)]}
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def retire(self, request: HttpRequest, row: EventType) -> HttpResponse:
        """Ask, then take no more events of the type."""
        if request.method != "POST":
            lead = _("No more of these events are taken, and this can't be undone. What happened stays on record.")
            title = _("Retire “%(name)s”?") % {"name": row.name}
            return form_page(
                self, request, Form(), title=title, submit=_("Retire it"), shown={"lead": lead, "original": row}
            )
        services.retire_type(event_type=row, at=timezone.now())
        messages.success(request, _("Retired. No more of these events are taken."))
        return _to(row)

    def retire_attribute(self, request: HttpRequest, row: EventType) -> HttpResponse:
        """Ask, then keep new rules from an attribute."""
        known = {attribute.key: attribute for attribute in attributes_of(row)}
        attribute = known.get(request.GET.get("key", ""))
        if attribute is None:
            return _to(row)
        if request.method != "POST":
            lead = _("New rules can't ask about it any more, and this can't be undone. Rules that do so go on.")
            title = _("Retire “%(name)s”?") % {"name": attribute.label or attribute.key}
            return form_page(
                self, request, Form(), title=title, submit=_("Retire it"), shown={"lead": lead, "original": row}
            )
        services.retire_attribute(event_type=row, key=attribute.key)
        messages.success(request, _("Retired. New rules can't ask about it."))
        return _to(row)

    @column(description=gettext_lazy("carries"))
    def shown_attributes(self, row: EventType) -> str:
        open_ones = [attribute for attribute in attributes_of(row) if not attribute.retired]
        return ", ".join(attribute.key for attribute in open_ones) or NOTHING

    @column(description=gettext_lazy("state"), label={"open": "success", "retired": "default"})
    def shown_state(self, row: EventType) -> tuple[str, Any]:
        return ("retired", _("retired")) if row.retired_at else ("open", _("in use"))


class TypeFilter(admin.SimpleListFilter):
    """One of the types that the person's programmes know, by name: to ask the events which there are takes too long."""

    title = gettext_lazy("what happened")
    parameter_name = "type"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        known = [declared for row in access_of(request).programmes for declared in types_of(row.pk).values()]
        names = {declared.key: str(declared.name).capitalize() for declared in known}
        return sorted(names.items(), key=lambda item: item[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        chosen = self.value()
        return queryset.filter(type=chosen) if chosen else queryset


@admin.register(Event)
class EventAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_ORDERS,)
    record_template: ClassVar[str] = "orders/admin/event.html"
    list_display = (
        "shown_type",
        moment("occurred_at", gettext_lazy("happened")),
        "shown_outcome",
        "source",
        "reference",
    )
    list_select_related = ("member",)
    list_filter = (period_of("occurred_at", gettext_lazy("happened")), TypeFilter, "source", ShopFilter)
    search_fields = ("reference__startswith", "=member__number")
    search_help_text = gettext_lazy("Reference of the event, or number of the member")
    ordering = ("-occurred_at", "-pk")
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        kind, *rest = super().get_list_display(request)
        return [kind, member_column(access_of(request)), *rest]

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("member", "shop")

    def enrich(self, rows: list[Any]) -> None:
        outcomes = notes_on("orders.Event", rows)
        types = {programme_id: types_of(programme_id) for programme_id in {row.programme_id for row in rows}}
        for row in rows:
            row.outcome = outcomes.get(row.pk, NOTHING)
            row.declared = types[row.programme_id][row.type]

    @column(description=gettext_lazy("what happened"), ordering="type")
    def shown_type(self, row: Any) -> str:
        return str(row.declared.name).capitalize()

    @column(description=gettext_lazy("what it earned, and why"))
    def shown_outcome(self, row: Any) -> str:
        return str(row.outcome)


def _to(row: EventType) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:orders_eventtype_change", args=[row.pk]))


def _told(attribute: Attribute, programme: Programme) -> dict[str, Any]:
    default = outside(attribute.type, attribute.default, decimals=programme.currency_decimals)
    return {
        "key": attribute.key,
        "label": attribute.label or attribute.key,
        "kind": KIND_NAMES[attribute.type],
        "required": attribute.required,
        "retired": attribute.retired,
        "default": "" if default is None else _shown(attribute, default),
    }


def _shown(attribute: Attribute, value: Any) -> str:
    if attribute.type is FieldType.FLAG:
        return _("yes") if value else _("no")
    return ", ".join(value) if attribute.type is FieldType.TEXTS else str(value)


def _payload(event: Any, _at: datetime) -> Mapping[str, object]:
    programme = Programme.objects.get(pk=event.programme_id)
    declared: DeclaredType = types_of(programme.pk)[event.type]
    rows = []
    for attribute in declared.attributes:
        carried = event.payload.get(attribute.key)
        value = attribute.default if carried is None else carried
        if value is not None:
            text = _shown(attribute, outside(attribute.type, value, decimals=programme.currency_decimals))
            rows.append((attribute.label or attribute.key, text, carried is None))
    return {"rows": rows, "name": declared.name}


def _facts(_record: Any, _at: datetime) -> Mapping[str, object]:
    return {}


def _member(record: Any, _at: datetime) -> Mapping[str, object]:
    return {"member": record.member}


def _latest(event_type: Any, _at: datetime) -> Mapping[str, object]:
    of_type = Event.objects.filter(programme_id=event_type.programme_id, type=event_type.key)
    rows = list(of_type.order_by("-occurred_at", "-pk")[: SHOWN + 1])
    return {"rows": rows[:SHOWN], "has_more": len(rows) > SHOWN, "key": event_type.key}


panels.add(
    "orders.Event",
    Panel("orders/admin/payload.html", _payload, (Act.SEE_ORDERS,), Place.MAIN, 10),
    Panel("orders/admin/member.html", _member, (Act.SEE_MEMBERS,), Place.SIDE, 5),
    Panel("orders/admin/event_facts.html", _facts, (Act.SEE_ORDERS,), Place.SIDE, 10),
)
panels.add("orders.EventType", Panel("orders/admin/latest_events.html", _latest, (Act.SEE_ORDERS,), Place.SIDE, 10))
