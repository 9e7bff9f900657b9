"""Base classes of every admin page: what is seen and done there follows from the role matrix, per programme."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, Model, QuerySet
from django.forms import Form, ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from shops.desk import panels
from shops.desk.access import Access, access_of
from shops.desk.record_pages import RecordPage, pages_of
from shops.desk.theme import ThemedAdmin
from shops.models import Programme
from shops.policy import Act


class DeskAdmin(ThemedAdmin):
    """
    Shows the rows of those programmes in which one of `see` or `edit` is allowed; any other row does not exist (404).

    `programme_lookup` leads from the model to its programme's number. Django's own model permissions are not asked.
    Rows that have no name of their own are left out of the search above the menu (`in_site_search`).
    """

    see: ClassVar[tuple[Act, ...]] = ()
    edit: ClassVar[tuple[Act, ...]] = ()
    may_add: ClassVar[bool] = False
    may_change: ClassVar[bool] = False
    may_delete: ClassVar[bool] = False
    programme_lookup: ClassVar[str] = "programme_id"
    in_site_search: ClassVar[bool] = True

    actions = ()
    list_per_page = 50
    list_max_show_all = 200
    warn_unsaved_form = True

    @property
    def request(self) -> HttpRequest:
        raise AttributeError("one instance serves all requests at once: pass the request along")

    @request.setter
    def request(self, value: HttpRequest) -> None:
        """The theme leaves each request on the instance, where another thread would read it: forgotten here."""

    def programme_id_of(self, row: Model) -> int:
        value: Any = row
        for name in self.programme_lookup.split("__"):
            value = getattr(value, name)
        return int(value)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        ids = access_of(request).programme_ids(*self.see, *self.edit)
        return super().get_queryset(request).filter(**{f"{self.programme_lookup}__in": sorted(ids)})

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is None:
            raise Http404
        return found

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._allows(request, (*self.see, *self.edit), obj)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.may_add and self._allows(request, self.edit, None)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_change and self._allows(request, self.edit, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.may_delete and self._allows(request, self.edit, obj)

    def _allows(self, request: HttpRequest, acts: tuple[Act, ...], row: Model | None) -> bool:
        programme_id = None if row is None or row.pk is None else self.programme_id_of(row)
        return access_of(request).allows(*acts, programme_id=programme_id)

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return EnrichedList

    def enrich(self, rows: list[Any]) -> None:
        """Give the rows of one page what one more query knows about all of them."""

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        shown = list(super().get_list_display(request))
        access = access_of(request)
        if len(access.programmes) > 1:
            shown.append(_programme_column(self, access))
        return shown

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        filters = list(super().get_list_filter(request))
        if len(access_of(request).programmes) > 1:
            filters.insert(0, ProgrammeFilter)
        return filters

    def formfield_for_foreignkey(
        self, db_field: "ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "ModelChoiceField[Any] | None":
        """Offer only rows that the page of the other model would show."""
        if "queryset" not in kwargs:
            kwargs["queryset"] = self._choices(db_field.related_model, request)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _choices(self, model: Any, request: HttpRequest) -> QuerySet[Any]:
        if model is Programme:
            return Programme.objects.filter(pk__in=access_of(request).programme_ids(*self.edit)).order_by("name", "pk")
        page = self.admin_site.get_model_admin(model)
        return page.get_queryset(request)


class ReadOnlyAdmin(DeskAdmin):
    """Facts: seen, never added, changed or deleted, not even by the system owner."""

    may_add: ClassVar[bool] = False
    may_change: ClassVar[bool] = False
    may_delete: ClassVar[bool] = False

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}


class RecordAdmin(ReadOnlyAdmin):
    """A row shown as a page of panels instead of a form; see `shops.desk.panels`."""

    record_template: ClassVar[str] = "desk/record.html"

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        further = [
            path(
                f"<path:object_id>/{page.name}/",
                self.admin_site.admin_view(partial(self.further_page, page=page)),
                name=f"{name}_{page.name.replace('-', '_')}",
            )
            for page in pages_of(self.opts.label)
        ]
        return [*further, *super().get_urls()]

    def further_page(self, request: HttpRequest, object_id: str, *, page: RecordPage) -> HttpResponse:
        """Show a page that a room above added."""
        row = self.get_object(request, unquote(object_id))
        if request.method not in {"GET", "HEAD"} or not self._allows(request, page.acts, row):
            raise PermissionDenied
        answer = page.answer(request, row, timezone.now())
        if answer.response is not None:
            return answer.response
        shown = {"title": answer.title, "places": {}, **(answer.values or {})}
        return self.record_page(request, row, shown, template=answer.template)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        row = self.get_object(request, unquote(object_id))
        if request.method not in {"GET", "HEAD"} or not self.has_view_permission(request, row):
            raise PermissionDenied
        return self.record_page(request, row, extra_context or {})

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        programme_id = self.programme_id_of(row)
        access = access_of(request)
        programme = next(programme for programme in access.programmes if programme.pk == programme_id)
        now = timezone.now()
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "original": row,
            "record": row,
            "title": str(row),
            "programme": programme,
            "now": now,
            "has_view_permission": True,
            **extra_context,
        }
        if "places" not in context:
            context["places"] = panels.filled(self.opts.label, row, programme_id=programme_id, access=access, at=now)
        request.current_app = self.admin_site.name
        response = TemplateResponse(request, template or self.record_template, context)
        # A record's times are its own programme's, whatever zone the person's lists are in.
        with timezone.override(programme.zone):
            return response.render()


class EditableRecordAdmin(RecordAdmin):
    """A record whose page begins with a form, for those who may change it."""

    may_change: ClassVar[bool] = True
    record_template: ClassVar[str] = "desk/editable.html"
    saved: ClassVar[Any] = _("Saved.")

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> Form:
        """The form of a row; bound if there are `data`."""
        raise NotImplementedError

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        """Do what a valid form says by one service call; False when the form was given an error instead."""
        raise NotImplementedError

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, unquote(object_id))
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        form = self.form_of(request, row, request.POST)
        if form.is_valid() and self.apply(request, row, form):
            messages.success(request, self.saved)
            return HttpResponseRedirect(request.get_full_path())
        return self.record_page(request, row, {"form": form})

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        may_edit = self.has_change_permission(request, row)
        shown = {"may_edit": may_edit, "form": self.form_of(request, row) if may_edit else None}
        return super().record_page(request, row, {**shown, **extra_context}, template=template)


class ProgrammeFilter(admin.SimpleListFilter):
    """Narrows a list to one of the programmes a person works for; not offered to those with one."""

    title = _("programme")
    parameter_name = "programme"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        programmes = access_of(request).programmes_of(*model_admin.see, *model_admin.edit)
        return [(programme.key, programme.name) for programme in programmes]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() is None:
            return queryset
        page = self.model_admin
        chosen = [programme.pk for programme in access_of(request).programmes if programme.key == self.value()]
        return queryset.filter(**{f"{page.programme_lookup}__in": chosen})

    def __init__(self, request: HttpRequest, params: Any, model: Any, model_admin: Any) -> None:
        self.model_admin = model_admin
        super().__init__(request, params, model, model_admin)


class EnrichedList(ChangeList):
    """A list that lets its page enrich the rows it shows."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        if isinstance(self.model_admin, DeskAdmin):
            self.model_admin.enrich(list(self.result_list))


def _programme_column(page: DeskAdmin, access: Access) -> Callable[[Model], str]:
    names = {programme.pk: programme.name for programme in access.programmes}

    @admin.display(description=_("programme"))
    def programme(row: Model) -> str:
        return names[page.programme_id_of(row)]

    return programme
