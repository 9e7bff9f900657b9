"""Members for the desk: found by whatever names them, seen from all sides, never edited here."""

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, ClassVar

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.wording import number_text
from ledger import queries as ledger
from members import queries
from members.birthdays import birthday_text
from members.desk import adjustments as adjustments  # noqa: PLC0414  # registers its pages
from members.desk import birthdays, known, member_tiers
from members.desk import households as households  # noqa: PLC0414
from members.desk import ladders as ladders  # noqa: PLC0414  # registers its pages
from members.desk import purchases as purchases  # noqa: PLC0414  # registers its pages
from members.desk import segments as segments  # noqa: PLC0414  # registers its pages
from members.desk import transfers as transfers  # noqa: PLC0414  # registers its pages
from members.models import Household, Identifier, Member
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.bases import RecordAdmin
from shops.desk.columns import moment
from shops.desk.filters import period_of
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act

EXPIRING_WITHIN = timedelta(days=60)


@admin.register(Member)
class MemberAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_MEMBERS,)
    record_template: ClassVar[str] = "members/admin/member.html"
    list_display = ("who", "shown_number", "shown_balance", "shown_status", "email", moment("joined_at", _("joined")))
    list_filter = ("status", period_of("joined_at", _("joined")))
    search_fields = ("name", "email", "number", "identifiers__external_id")
    search_help_text = _("Name, e-mail address, number or external id")
    ordering = ("-joined_at", "-pk")

    def get_urls(self) -> list[URLPattern]:
        of_wallet = path(
            "wallet/<int:wallet_id>/", self.admin_site.admin_view(self.of_wallet), name="members_member_of_wallet"
        )
        birthday = path(
            "<int:member_id>/birthday/", self.admin_site.admin_view(self.birthday), name="members_member_birthday"
        )
        told = path("<int:member_id>/known/", self.admin_site.admin_view(self.known), name="members_member_known")
        return [of_wallet, birthday, told, *self._tier_urls(), *super().get_urls()]

    def _tier_urls(self) -> list[URLPattern]:
        acts: dict[str, Callable[[HttpRequest, Member], HttpResponse]] = {
            "tier": partial(member_tiers.override_page, self),
            "untier": member_tiers.end_page,
        }
        return [
            path(
                f"<int:member_id>/{name}/",
                self.admin_site.admin_view(self._edits(act)),
                name=f"members_member_{name}",
            )
            for name, act in acts.items()
        ]

    def _edits(self, act: Callable[[HttpRequest, Member], HttpResponse]) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, member_id: int) -> HttpResponse:
            member = self.get_object(request, str(member_id))
            if not self._allows(request, member_tiers.EDIT, member):
                raise PermissionDenied
            return act(request, member)

        return view

    def of_wallet(self, request: HttpRequest, wallet_id: int) -> HttpResponseRedirect:
        """The books know wallets only: this leads from one to its member, or to the household whose pool it is."""
        household = Household.objects.filter(pool=wallet_id).first()
        if household is not None:
            return HttpResponseRedirect(reverse("admin:members_household_change", args=[household.pk]))
        member = get_object_or_404(self.get_queryset(request), wallet_id=wallet_id)
        return HttpResponseRedirect(reverse("admin:members_member_change", args=[member.pk]))

    def birthday(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Note or correct the day that a member tells the shop."""
        member = self.get_object(request, str(member_id))
        if not self._allows(request, birthdays.EDIT, member):
            raise PermissionDenied
        return birthdays.birthday_page(self, request, member)

    def known(self, request: HttpRequest, member_id: int) -> HttpResponse:
        """Note what the programme keeps about a member."""
        member = self.get_object(request, str(member_id))
        if not self._allows(request, known.EDIT, member):
            raise PermissionDenied
        return known.known_page(self, request, member)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        if not search_term.strip():
            return queryset, False
        programmes = access_of(request).programme_ids(*self.see)
        found = queries.search(programmes, search_term.strip())
        return queryset.filter(pk__in=found.values("pk")), False

    def enrich(self, rows: list[Any]) -> None:
        balances = ledger.balances_by_wallet([row.wallet_id for row in rows], at=timezone.now())
        for row in rows:
            row.balances = balances.get(row.wallet_id, [])

    @column(description=_("member"), header=True, ordering="name")
    def who(self, member: Member) -> list[Any]:
        name = member.name or _("Without a name")
        return [name, "", initials(member)]

    @column(description=_("number"), ordering="number")
    def shown_number(self, member: Member) -> str:
        return format_html('<span class="d-nowrap">{}</span>', spaced(member.number))

    @column(description=_("balance"))
    def shown_balance(self, member: Any) -> str:
        language = get_language() or "en"
        return ", ".join(
            number_text(balance.spendable, decimals=balance.unit.decimals, language=language)
            for balance in member.balances
        )

    @column(description=_("status"), ordering="status", label={"ACTIVE": "success", "BLOCKED": "danger"})
    def shown_status(self, member: Member) -> tuple[str, str]:
        return member.status, member.get_status_display()

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        shown = {
            "initials": initials(row),
            "number": spaced(row.number),
            "title": row.name or spaced(row.number),
            "birthday": birthday_text(row),
            "may_edit": self._allows(request, birthdays.EDIT, row),
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)


def initials(member: Member) -> str:
    """One or two letters for the round picture."""
    words = member.name.split() or ["#"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def spaced(number: str) -> str:
    """Twelve digits as people read them out."""
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _wallet(member: Any, at: datetime) -> Mapping[str, object]:
    expiring = ledger.expiring(member.wallet_id, at=at, within=EXPIRING_WITHIN)
    totals: Counter[Any] = Counter()
    for part in expiring:
        totals[part.unit] += part.amount
    return {
        "balances": ledger.balances_of(member.wallet_id, at=at),
        "expiring": expiring,
        "expiring_totals": list(totals.items()),
        "expiring_days": EXPIRING_WITHIN.days,
        "wallet_id": member.wallet_id,
    }


def _identifiers(member: Any, _at: datetime) -> Mapping[str, object]:
    return {"identifiers": Identifier.objects.filter(member=member).order_by("source", "external_id")}


panels.add(
    "members.Member",
    Panel("members/admin/wallet.html", _wallet, (Act.SEE_MEMBERS,), Place.TOP, 10),
    Panel("members/admin/identifiers.html", _identifiers, (Act.SEE_MEMBERS,), Place.SIDE, 90),
)
