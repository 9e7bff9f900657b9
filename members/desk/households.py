"""Households at the desk: who is in them, whose what is, and what the programme says about them."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kernel.wording import number_text
from ledger import queries as ledger
from ledger.queries import Unit
from members.desk.household_forms import HouseholdTermsForm, ProgrammeForm
from members.errors import HeadStays
from members.households import queries, services
from members.households.models import Household, HouseholdMember, HouseholdTerms
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import EditableRecordAdmin, RecordAdmin
from shops.desk.columns import NOTHING, moment
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.models import Programme
from shops.policy import Act

State = HouseholdMember.State


@admin.register(HouseholdTerms)
class HouseholdTermsAdmin(EditableRecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER,)
    edit: ClassVar[tuple[Act, ...]] = (Act.EDIT_CAMPAIGNS, Act.EDIT_SETUP)
    may_add: ClassVar[bool] = True
    saved: ClassVar[Any] = gettext_lazy("Saved. It counts from now on; households that exist stay as they are.")
    list_display = ("shown_programme", "is_offered", "max_members", "rest_days")
    list_select_related = ("programme",)
    ordering = ("pk",)

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Begin with terms that offer nothing yet: their page says the rest."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        without = Programme.objects.filter(
            pk__in=access_of(request).programme_ids(*self.edit), household_terms__isnull=True
        ).order_by("name", "pk")
        form = ProgrammeForm(request.POST or None, programmes=list(without))
        if request.method != "POST" or not form.is_valid():
            return form_page(self, request, form, title=_("Offer households"), submit=_("Go on"))
        units = tuple(unit for unit in ledger.units_of(form.programme.pk) if unit.klass == Unit.Klass.POINTS)
        terms = services.NewTerms(is_offered=False, max_members=6, rest_days=30, units=units)
        kept = services.set_terms(programme=form.programme, terms=terms)
        return HttpResponseRedirect(reverse("admin:members_householdterms_change", args=[kept.pk]))

    def form_of(self, request: HttpRequest, row: Any, data: Any = None) -> HouseholdTermsForm:
        return HouseholdTermsForm(data, terms=row)

    def apply(self, request: HttpRequest, row: Any, form: Any) -> bool:
        services.set_terms(programme=row.programme, terms=form.terms)
        return True

    @column(description=gettext_lazy("programme"), ordering="programme__name")
    def shown_programme(self, terms: HouseholdTerms) -> str:
        return terms.programme.name


@admin.register(Household)
class HouseholdAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_MEMBERS,)
    edit: ClassVar[tuple[Act, ...]] = (Act.CLOSE_HOUSEHOLDS,)
    record_template: ClassVar[str] = "members/admin/household.html"
    list_display = ("name", "shown_head", "shown_people", "shown_pool", "shown_state", moment("created_at", _("since")))
    search_fields = ("name", "people__member__number", "people__member__name")
    search_help_text = gettext_lazy("Name of the household, or name or number of a member")
    ordering = ("-created_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Callable[[HttpRequest, Household], None]] = {"dissolve": self.dissolve, "remove": self.remove}
        return [
            path(
                f"<int:household_id>/{verb}/",
                self.admin_site.admin_view(self._does(act)),
                name=f"members_household_{verb}",
            )
            for verb, act in verbs.items()
        ] + super().get_urls()

    def get_queryset(self, request: HttpRequest) -> Any:
        count = Count("people", filter=Q(people__state=State.ACTIVE), distinct=True)
        return super().get_queryset(request).annotate(people_count=count)

    def _does(self, act: Callable[[HttpRequest, Household], None]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, household_id: int) -> HttpResponse:
            household = self.get_object(request, str(household_id))
            if not self._allows(request, self.edit, household):
                raise PermissionDenied
            if request.method == "POST":
                act(request, household)
            return HttpResponseRedirect(reverse("admin:members_household_change", args=[household.pk]))

        return view

    def dissolve(self, request: HttpRequest, household: Household) -> None:
        """Everybody leaves."""
        services.close(household=household, at=timezone.now())
        messages.success(request, _("Dissolved. Everybody has what was left of theirs."))

    def remove(self, request: HttpRequest, household: Household) -> None:
        """Somebody leaves, not the head."""
        number = request.POST.get("number", "")
        place = household.people.filter(member__number=number, state=State.ACTIVE).select_related("member").first()
        if place is None:
            raise Http404
        try:
            services.dismiss(place=place, at=timezone.now())
        except HeadStays:
            messages.warning(request, _("The head hands over first, or the household is dissolved."))
        else:
            messages.success(request, _("Removed. What was left of theirs went home with them."))

    def enrich(self, rows: list[Any]) -> None:
        balances = ledger.balances_by_wallet([row.pool_id for row in rows], at=timezone.now())
        heads = HouseholdMember.objects.filter(
            household__in=rows, state=State.ACTIVE, role=HouseholdMember.Role.HEAD
        ).select_related("member")
        by_household = {place.household_id: place.member for place in heads}
        for row in rows:
            row.balances = balances.get(row.pool_id, [])
            row.head = by_household.get(row.pk)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        shown = {"may_edit": row.is_open and self._allows(request, self.edit, row)}
        return super().record_page(request, row, {**shown, **_whole(row), **extra_context}, template=template)

    @column(description=gettext_lazy("head"))
    def shown_head(self, household: Any) -> str:
        return str(household.head or NOTHING)

    @column(description=gettext_lazy("members"), ordering="people_count")
    def shown_people(self, household: Any) -> int:
        return int(household.people_count)

    @column(description=gettext_lazy("pool"))
    def shown_pool(self, household: Any) -> str:
        return ", ".join(_amount(row.spendable + row.reserved, row.unit) for row in household.balances) or NOTHING

    @column(description=gettext_lazy("state"), label={"open": "success", "closed": "default"})
    def shown_state(self, household: Household) -> tuple[str, Any]:
        return ("open", _("open")) if household.is_open else ("closed", _("closed"))


def _whole(household: Household) -> dict[str, object]:
    now = timezone.now()
    overview = queries.overview_of(household, at=now)
    return {
        "figures": [
            {
                "spendable": _amount(row.spendable, row.unit),
                "reserved": _amount(row.reserved, row.unit) if row.reserved else "",
            }
            for row in overview.balances
        ],
        "people": [
            {
                "member": person.member,
                "row": person.row,
                "owns": ", ".join(_amount(owned.amount, owned.unit) for owned in person.sums) or NOTHING,
                "next": min((part.expires_at for part in person.parts if part.expires_at), default=None),
            }
            for person in overview.people
        ],
        "invited": queries.invited_to(household, at=now),
        "former": household.people.filter(state__in=[State.LEFT, State.REMOVED])
        .select_related("member")
        .order_by("-ended_at")[:20],
    }


def _amount(minor: int, unit: Unit) -> str:
    return f"{number_text(minor, decimals=unit.decimals, language=get_language() or 'en')} {unit.name}"


def _of_member(member: Any, _at: datetime) -> Mapping[str, object] | None:
    place = queries.place_of(member)
    return {"place": place} if place else None


panels.add("members.Member", Panel("members/admin/of_household.html", _of_member, (Act.SEE_MEMBERS,), Place.SIDE, 40))
