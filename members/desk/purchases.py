"""Purchases at the desk: the list, one with all that was said about its payment, refunds, and what they add up to."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from kernel.wording import money_text, number_text
from ledger import purchases as ledger
from ledger.purchases import ClearingRow, Purchase
from ledger.queries import Unit, units_in
from ledger.services import Notice
from members import buying
from members.buying import Kind
from members.desk.purchase_forms import RefundForm
from members.desk.purchase_wording import BADGES, LAPSED, STATE_LABELS, STATES, refusal_text, state_of, why_refused
from members.models import Member
from shops.desk import panels
from shops.desk.access import access_of, person_of
from shops.desk.bases import RecordAdmin
from shops.desk.columns import member_column, moment
from shops.desk.filters import period_of
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.policy import Act

DESK = "desk"
SHOWN_OF_MEMBER = 5
Verb = Callable[[HttpRequest, Purchase], HttpResponse]


class StateFilter(admin.SimpleListFilter):
    """By what became of a purchase, with those that nobody paid in time."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.lower(), name) for state, name in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state, now = str(self.value() or "").upper(), timezone.now()
        if state == LAPSED:
            return queryset.filter(state=Purchase.State.REQUESTED, expires_at__lte=now)
        if state == Purchase.State.REQUESTED:
            return queryset.filter(state=state, expires_at__gt=now)
        return queryset.filter(state=state) if state in STATES else queryset


class ProviderFilter(admin.SimpleListFilter):
    """By who took the money."""

    title = gettext_lazy("provider")
    parameter_name = "provider"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = model_admin.get_queryset(request).exclude(provider="").order_by("provider")
        return [(name, name) for name in rows.values_list("provider", flat=True).distinct()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(provider=self.value()) if self.value() else queryset


@admin.register(Purchase)
class PurchaseAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER, Act.REFUND_PURCHASE)
    record_template: ClassVar[str] = "members/purchases/record.html"
    list_before_template = "members/purchases/list_head.html"
    list_display = ("number_shown", "shown_amount", "shown_total", "shown_state", "provider")
    list_filter = (StateFilter, ProviderFilter, "unit", period_of("captured_at", gettext_lazy("paid")))
    search_fields = ("=id", "number__istartswith", "payment__startswith", "reference__startswith")
    search_help_text = gettext_lazy("Number, payment or reference")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("unit__programme", "terms")

    def get_urls(self) -> list[URLPattern]:
        guarded = self.admin_site.admin_view
        verbs: dict[str, Verb] = {"refund": self.refund, "cancel": self.cancel}
        return [
            path("clearing/", guarded(self.clearing), name="ledger_purchase_clearing"),
            *(
                path(f"<int:row_id>/{verb}/", guarded(self._refunds(do)), name=f"ledger_purchase_{verb}")
                for verb, do in verbs.items()
            ),
            *super().get_urls(),
        ]

    def _refunds(self, do: Verb) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, row_id: int) -> HttpResponse:
            row = self.get_object(request, str(row_id))
            if not access_of(request).allows(Act.REFUND_PURCHASE, programme_id=row.programme_id):
                raise PermissionDenied
            return do(request, row)

        return view

    # -- the list

    def enrich(self, rows: list[Any]) -> None:
        members = {row.wallet_id: row for row in Member.objects.filter(wallet_id__in=[row.wallet_id for row in rows])}
        now = timezone.now()
        for row in rows:
            row.member, row.shown = members.get(row.wallet_id), state_of(row, now)
            row.member_id = row.member.pk if row.member else None

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        asked = moment("requested_at", gettext_lazy("asked for"))
        return [*super().get_list_display(request), member_column(access_of(request)), asked]

    @column(description=gettext_lazy("number"), ordering="pk")
    def number_shown(self, purchase: Purchase) -> str:
        return str(purchase)

    @column(description=gettext_lazy("amount"))
    def shown_amount(self, purchase: Purchase) -> str:
        return units_text(purchase.amount, purchase.unit)

    @column(description=gettext_lazy("to pay"))
    def shown_total(self, purchase: Purchase) -> str:
        return paid_text(purchase.total, purchase)

    @column(description=gettext_lazy("state"), label=STATE_LABELS)
    def shown_state(self, purchase: Any) -> tuple[str, Any]:
        return purchase.shown, STATES[purchase.shown]

    def clearing(self, request: HttpRequest) -> HttpResponse:
        """Money that came in and went back by month and provider, and whether the books say the same."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        programme_ids = sorted(access_of(request).programme_ids(*self.see))
        rows, units = ledger.clearing(programme_ids), {unit.pk: unit for unit in units_in(programme_ids)}
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Clearing"),
            "rows": [_clearing_row(row, units[row.unit_id]) for row in rows],
            "accounts": _accounts(rows, ledger.clearing_balances(programme_ids), units),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, "members/purchases/clearing.html", context)

    # -- a purchase

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        access, state = access_of(request), state_of(row, timezone.now())
        shown = {
            "title": _("Purchase %(number)s") % {"number": row},
            "state": STATES[state],
            "badge": BADGES.get(state, ""),
            "member": Member.objects.get(wallet_id=row.wallet_id),
            "sees_members": access.allows(Act.SEE_MEMBERS, programme_id=row.programme_id),
            "may_refund": access.allows(Act.REFUND_PURCHASE, programme_id=row.programme_id),
            "left": row.captured - row.refunded,
            "is_open": state in {"REQUESTED", "AUTHORISED"},
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def refund(self, request: HttpRequest, row: Purchase) -> HttpResponse:
        """Say that money went back, after asking how much and whether that is true."""
        left = row.captured - row.refunded
        if not left:
            messages.info(request, _("There is nothing of it to give back."))
            return _to(row)
        form = RefundForm(request.POST if request.method == "POST" else None, purchase=row)
        if form.is_valid():
            refunded = row.refunded + form.amount
            name = f"refund of {row.pk} up to {refunded}"
            notice = Notice(DESK, name, Kind.REFUNDED, _actor(request), amount=refunded)
            if self._say(request, row, notice, _("Booked. What the money had bought left the wallet.")):
                return _to(row)
        lead = _(
            "Give the money back first: %(left)s at most, by %(provider)s. What it bought leaves the wallet: from its "
            "own lot first, and what is not there any more becomes arrears."
        ) % {"left": paid_text(left, row), "provider": row.provider}
        shown = {"lead": lead, "original": row}
        title = _("Refund purchase %(number)s") % {"number": row}
        return form_page(self, request, form, title=title, submit=_("Book the refund"), shown=shown)

    def cancel(self, request: HttpRequest, row: Purchase) -> HttpResponse:
        """It will not be paid."""
        if request.method == "POST":
            notice = Notice(DESK, f"cancellation of {row.pk}", Kind.CANCELLED, _actor(request))
            self._say(request, row, notice, _("Cancelled. Nothing was paid."))
        return _to(row)

    def _say(self, request: HttpRequest, row: Purchase, notice: Notice, said: str) -> bool:
        try:
            buying.tell(purchase=row, notice=notice, at=timezone.now())
        except DomainError as refusal:
            messages.error(request, refusal_text(refusal))
            return False
        messages.success(request, said)
        return True


def units_text(amount: int, unit: Unit) -> str:
    """An amount with its unit: "5,000 Points"."""
    return f"{number_text(amount, decimals=unit.decimals, language=get_language() or 'en')} {unit.name}"


def paid_text(amount: int, purchase: Purchase) -> str:
    """Money in the currency of a purchase."""
    return _money(amount, purchase.currency, purchase.unit)


def _money(amount: int, currency: str, unit: Unit) -> str:
    return money_text(
        amount, currency=currency, decimals=unit.programme.currency_decimals, language=get_language() or "en"
    )


def _clearing_row(row: ClearingRow, unit: Unit) -> dict[str, str]:
    return {
        "month": row.month,
        "provider": row.provider,
        "unit": unit.name,
        "captured": _money(row.captured, row.currency, unit),
        "refunded": _money(row.refunded, row.currency, unit) if row.refunded else "",
        "net": _money(row.net, row.currency, unit),
        "units": units_text(row.net_units, unit),
    }


def _accounts(rows: list[ClearingRow], balances: Mapping[int, int], units: Mapping[int, Unit]) -> list[dict[str, Any]]:
    sold = {unit_id: sum(row.net_units for row in rows if row.unit_id == unit_id) for unit_id in units}
    return [
        {
            "unit": unit.name,
            "sold": units_text(sold[unit_id], unit),
            "balance": units_text(balances.get(unit_id, 0), unit),
            "agrees": sold[unit_id] == -balances.get(unit_id, 0),
        }
        for unit_id, unit in units.items()
        if sold[unit_id] or unit_id in balances
    ]


def _to(row: Purchase) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:ledger_purchase_change", args=[row.pk]))


def _actor(request: HttpRequest) -> str:
    return f"user:{person_of(request).pk}"


def _notices(purchase: Any, _at: datetime) -> Mapping[str, object]:
    rows = [
        {
            "notice": notice,
            "amount": "" if notice.amount is None else paid_text(notice.amount, purchase),
            "refused": why_refused(notice.refusal) if notice.refusal else "",
        }
        for notice in ledger.notices_of(purchase)
    ]
    return {"rows": rows}


def _postings(purchase: Any, _at: datetime) -> Mapping[str, object] | None:
    found = ledger.postings_of(purchase)
    return {"postings": found} if found else None


def _facts(purchase: Any, _at: datetime) -> Mapping[str, object]:
    return {
        "purchase": purchase,
        "price": paid_text(purchase.price, purchase),
        "fee": paid_text(purchase.fee, purchase),
        "total": paid_text(purchase.total, purchase),
    }


def _of_member(member: Any, at: datetime) -> Mapping[str, object] | None:
    found = list(ledger.purchases_of(member.wallet_id)[:SHOWN_OF_MEMBER])
    rows = [
        {
            "purchase": row,
            "amount": units_text(row.amount, row.unit),
            "total": paid_text(row.total, row),
            "state": STATES[state_of(row, at)],
            "badge": BADGES.get(state_of(row, at), ""),
        }
        for row in found
    ]
    return {"rows": rows} if rows else None


panels.add(
    "ledger.Purchase",
    Panel("members/purchases/notices.html", _notices, (Act.SEE_LEDGER, Act.REFUND_PURCHASE), Place.MAIN, 10),
    Panel("members/purchases/postings.html", _postings, (Act.SEE_LEDGER,), Place.MAIN, 20),
    Panel("members/purchases/facts.html", _facts, (Act.SEE_LEDGER, Act.REFUND_PURCHASE), Place.SIDE, 10),
)
panels.add("members.Member", Panel("members/purchases/of_member.html", _of_member, (Act.SEE_LEDGER,), Place.MAIN, 60))
