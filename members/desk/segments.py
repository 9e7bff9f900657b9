"""Segments at the desk: who they are about, how many that are, and a condition built from words."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from conditions.sentences import Reader
from kernel.wording import money_text
from members.desk.household_forms import ProgrammeForm
from members.desk.segment_forms import NewSegmentForm, SegmentForm
from members.errors import SegmentInvalid
from members.models import Member, Segment, SegmentMember
from members.segments import queries, services
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin
from shops.desk.columns import moment
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.models import Programme
from shops.policy import Act

SHOWN_MEMBERS = 20
EXAMPLE = "members/admin/segment_example.html"


@admin.register(Segment)
class SegmentAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_MEMBERS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS,)
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "members/admin/segment.html"
    saved: ClassVar[Any] = gettext_lazy("Saved. Its members were found anew.")
    list_display = ("name", "shown_size", "shown_condition", moment("refreshed_at", gettext_lazy("found")))
    list_select_related = ("programme",)
    search_fields = ("name", "key")
    ordering = ("name", "pk")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("programme")

    def enrich(self, rows: list[Any]) -> None:
        sizes = queries.sizes([row.pk for row in rows])
        for row in rows:
            row.size = sizes.get(row.pk, 0)

    @column(description=gettext_lazy("members"))
    def shown_size(self, segment: Any) -> int:
        return int(segment.size)

    @column(description=gettext_lazy("for whom"))
    def shown_condition(self, segment: Segment) -> str:
        return sentence(segment.condition, segment.programme)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        programme = self._programme(request)
        if programme is None:
            form = ProgrammeForm(None, programmes=access_of(request).programmes_of(*self.edit))
            return form_page(self, request, form, title=_("Add a segment"), submit=_("Go on"))
        if "key" not in request.POST:
            return self._new_page(request, programme, NewSegmentForm(None, programme=programme))
        new = NewSegmentForm(request.POST, programme=programme)
        if "example" in request.GET:
            return _example(request, new, programme)
        if not new.is_valid() or (added := self._create(programme, new)) is None:
            return self._new_page(request, programme, new)
        messages.success(request, _("Added. Campaigns can ask for it from now on."))
        return HttpResponseRedirect(reverse("admin:members_segment_change", args=[added.pk]))

    def _programme(self, request: HttpRequest) -> Programme | None:
        """The only one, or the one that was chosen."""
        programmes = access_of(request).programmes_of(*self.edit)
        chosen = request.POST.get("programme", "")
        if len(programmes) == 1:
            return programmes[0]
        return next((programme for programme in programmes if str(programme.pk) == chosen), None)

    def _new_page(self, request: HttpRequest, programme: Programme, form: NewSegmentForm) -> HttpResponse:
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Add a segment"),
            "form": form,
            **told(form, programme),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "members/admin/segment_form.html", context)

    def _create(self, programme: Programme, form: NewSegmentForm) -> Segment | None:
        values = form.cleaned_data
        try:
            return services.create_segment(
                programme=programme,
                key=values["key"],
                name=values["name"],
                condition=values["condition"],
                at=timezone.now(),
            )
        except SegmentInvalid:
            form.add_error("key", _("Choose another key: this one is taken."))
        return None

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if "example" not in request.GET or request.method != "POST":
            return super().change_view(request, object_id, form_url, extra_context)
        row = self.get_object(request, object_id)
        if not self.has_change_permission(request, row):
            raise PermissionDenied
        return _example(request, self.form_of(request, row, request.POST), row.programme)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        saved = {"sentence": sentence(row.condition, row.programme), "size": queries.sizes([row.pk]).get(row.pk, 0)}
        return super().record_page(request, row, {**saved, **extra_context}, template=template)

    def form_of(self, request: HttpRequest, row: Any, data: QueryDict | None = None) -> SegmentForm:
        initial = {"name": row.name, "condition": row.condition}
        return SegmentForm(data, programme=row.programme, initial=initial)

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        values = form.cleaned_data
        services.change_segment(segment=row, name=values["name"], condition=values["condition"], at=timezone.now())
        return True


def sentence(condition: Mapping[str, Any], programme: Programme) -> str:
    """For whom a condition holds, in words."""
    if condition == {"all": []}:
        return _("everybody")
    return Reader(queries.words(programme.pk), lambda minor: _money(minor, programme)).condition(condition)


def told(form: SegmentForm, programme: Programme) -> dict[str, Any]:
    """What the form, as it is filled in so far, would mean: whom, and how many that are."""
    condition = form.condition
    if condition is None:
        return {}
    counted = queries.count_found(programme=programme, condition=condition, at=timezone.now())
    return {"sentence": sentence(condition, programme), "counted": counted}


def _example(request: HttpRequest, form: SegmentForm, programme: Programme) -> HttpResponse:
    return TemplateResponse(request, EXAMPLE, told(form, programme))


def _money(minor: int, programme: Programme) -> str:
    return money_text(
        minor, currency=programme.currency, decimals=programme.currency_decimals, language=get_language() or "en"
    )


def _inside(segment: Any, _at: datetime) -> Mapping[str, object]:
    rows = SegmentMember.objects.filter(segment=segment).select_related("member").order_by("-since", "-pk")
    return {"inside": list(rows[:SHOWN_MEMBERS]), "most": SHOWN_MEMBERS}


def _of_member(member: Member, _at: datetime) -> Mapping[str, object]:
    return {"segments": queries.segments_of(member.pk)}


panels.add("members.Segment", Panel("members/admin/segment_members.html", _inside, (Act.SEE_MEMBERS,), Place.MAIN, 20))
panels.add("members.Member", Panel("members/admin/segments.html", _of_member, (Act.SEE_MEMBERS,), Place.SIDE, 60))
