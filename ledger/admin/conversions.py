"""What becomes what, at the desk."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kernel.wording import number_text
from ledger import services
from ledger.conversion_forms import NewConversionForm, TermsForm
from ledger.models import Conversion, ConversionTerms, Unit
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act


@admin.register(ConversionTerms)
class ConversionTermsAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP)
    may_add: ClassVar[bool] = True
    programme_lookup: ClassVar[str] = "source_unit__programme_id"
    saved: ClassVar[Any] = gettext_lazy("Saved. It counts from now on; what was converted stays as it is.")
    list_display = ("shown_rate", "is_offered", "is_automatic")
    list_select_related = ("source_unit", "target_unit")
    ordering = ("pk",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("source_unit", "target_unit")

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        programmes = access_of(request).programme_ids(*self.edit)
        units = list(Unit.objects.filter(programme__in=programmes).select_related("programme").order_by("pk"))
        form = NewConversionForm(request.POST or None, units=units)
        if request.method != "POST" or not form.is_valid() or form.units is None:
            return form_page(self, request, form, title=_("Add a conversion"), submit=_("Add the conversion"))
        source, target = form.units
        added = services.add_conversion(source=source, target=target, terms=form.terms)
        messages.success(request, _("%(rate)s from now on.") % {"rate": rate_of(added)})
        return HttpResponseRedirect(reverse("admin:ledger_conversionterms_change", args=[added.pk]))

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> TermsForm:
        return TermsForm(data, conversion=row)

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        services.change_conversion(conversion=row, terms=form.terms)
        return True

    @column(description=gettext_lazy("what becomes what"))
    def shown_rate(self, terms: ConversionTerms) -> str:
        return rate_of(terms)


def rate_of(terms: ConversionTerms) -> str:
    """The terms in words."""
    return _("%(chunk)s %(source)s become %(gives)s %(target)s") % {
        "chunk": _number(terms.chunk, terms.source_unit),
        "source": terms.source_unit.name,
        "gives": _number(terms.gives, terms.target_unit),
        "target": terms.target_unit.name,
    }


def _done(terms: Any, _at: datetime) -> Mapping[str, object]:
    by_terms = Conversion.objects.filter(terms=terms).values("chunk", "gives")
    rows = by_terms.annotate(times=Count("pk"), sum_of_chunks=Sum("chunks")).order_by("-times")
    return {
        "rows": [
            {
                "times": row["times"],
                "taken": _number(row["sum_of_chunks"] * row["chunk"], terms.source_unit),
                "given": _number(row["sum_of_chunks"] * row["gives"], terms.target_unit),
            }
            for row in rows
        ],
        "terms": terms,
    }


def _number(amount: int, unit: Unit) -> str:
    return number_text(amount, decimals=unit.decimals, language=get_language() or "en")


panels.add("ledger.ConversionTerms", Panel("ledger/admin/converted.html", _done, (Act.SEE_LEDGER,), Place.MAIN, 20))
