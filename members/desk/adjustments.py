"""Requests for adjustments at the desk: the list, a request with everything that it is bound to, and its decision."""

import csv
import io
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.amounts import format_minor
from kernel.errors import DomainError
from kernel.periods import local_day
from kernel.spreadsheets import harmless
from ledger import services as ledger
from ledger.adjustments import (
    Adjustment,
    AdjustmentLine,
    asked_nearby,
    largest_of,
    lines_of,
    open_adjustments,
    progress_of,
)
from ledger.queries import balances_by_wallet
from members import adjusting
from members.desk import asking
from members.desk.adjustment_forms import DecisionForm
from members.desk.adjustment_limit import limit_page
from members.desk.adjustment_wording import (
    BADGES,
    LAPSED,
    STATE_LABELS,
    STATES,
    refusal_text,
    state_of,
    sums_text,
    why_not_posted,
)
from members.models import Member
from shops.desk import confirming, panels
from shops.desk.access import Access, access_of, person_of
from shops.desk.bases import RecordAdmin
from shops.desk.columns import link, moment
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.errors import TooManyAttempts
from shops.policy import Act

LINES_SHOWN = 12
Verb = Callable[[HttpRequest, Adjustment], HttpResponse]


class StateFilter(admin.SimpleListFilter):
    """By what can be done with a request now."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.lower(), name) for state, name in STATES.items()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state, now = str(self.value() or "").upper(), timezone.now()
        if state == LAPSED:
            return queryset.filter(state=Adjustment.State.OPEN, lapses_at__lte=now)
        if state == Adjustment.State.OPEN:
            return queryset.filter(state=state, lapses_at__gt=now)
        return queryset.filter(state=state) if state in STATES else queryset


@admin.register(Adjustment)
class AdjustmentAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.REQUEST_ADJUSTMENT, Act.APPROVE_ADJUSTMENT)
    edit: ClassVar[tuple[Act, ...]] = (Act.REQUEST_ADJUSTMENT,)
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "members/adjustments/record.html"
    list_before_template = "members/adjustments/list_head.html"
    list_display = (
        "shown_amount",
        "shown_state",
        "reason",
        "requested_via",
        moment("requested_at", gettext_lazy("asked")),
    )
    list_filter = (StateFilter, "reason")
    search_fields = ("=id", "wording__icontains", "requested_via__istartswith")
    search_help_text = gettext_lazy("Number of the request, what the member reads, or who asked")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("unit", "requested_by", "decided_by")

    def get_urls(self) -> list[URLPattern]:
        verbs = {
            "approve": (self.approve, Act.APPROVE_ADJUSTMENT),
            "reject": (self.reject, Act.APPROVE_ADJUSTMENT),
            "withdraw": (self.withdraw, Act.REQUEST_ADJUSTMENT),
            "stop": (self.stop, Act.APPROVE_ADJUSTMENT),
            "resume": (self.resume, Act.APPROVE_ADJUSTMENT),
        }
        guarded = self.admin_site.admin_view
        return [
            path("many/", guarded(self.add_many), name="ledger_adjustment_many"),
            path("example.csv", guarded(self.example), name="ledger_adjustment_example"),
            path("limit/<int:unit_id>/", guarded(self.limit), name="ledger_adjustment_limit"),
            path("<int:row_id>/lines.csv", guarded(self.lines_file), name="ledger_adjustment_lines"),
            *(
                path(f"<int:row_id>/{verb}/", guarded(self._posted(do, act)), name=f"ledger_adjustment_{verb}")
                for verb, (do, act) in verbs.items()
            ),
            *super().get_urls(),
        ]

    def _posted(self, do: Verb, act: Act) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, row_id: int) -> HttpResponse:
            row = self.get_object(request, str(row_id))
            if not access_of(request).allows(act, programme_id=row.programme_id):
                raise PermissionDenied
            return do(request, row) if request.method == "POST" else _to(row)

        return view

    # -- the list

    def enrich(self, rows: list[Any]) -> None:
        single = AdjustmentLine.objects.filter(adjustment__in=[row for row in rows if row.line_count == 1])
        wallets = dict(single.values_list("adjustment_id", "wallet_id"))
        members = {member.wallet_id: member for member in Member.objects.filter(wallet_id__in=wallets.values())}
        now = timezone.now()
        for row in rows:
            row.member = members.get(wallets.get(row.pk, 0))
            row.shown = state_of(row, now)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        amount, state, *rest = super().get_list_display(request)
        return [amount, state, _who_column(access_of(request)), *rest]

    @column(description=gettext_lazy("amount"))
    def shown_amount(self, adjustment: Adjustment) -> str:
        return sums_text(adjustment.plus, adjustment.minus, adjustment.unit)

    @column(description=gettext_lazy("state"), label=STATE_LABELS)
    def shown_state(self, adjustment: Any) -> tuple[str, Any]:
        return adjustment.shown, STATES[adjustment.shown]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        access = access_of(request)
        deciding = sorted(access.programme_ids(Act.APPROVE_ADJUSTMENT))
        others = open_adjustments(deciding, at=timezone.now()).exclude(requested_by_id=person_of(request).pk)
        shown = {
            "may_ask": access.allows(Act.REQUEST_ADJUSTMENT),
            "waiting": others.count() if deciding else 0,
        }
        return super().changelist_view(request, {**shown, **(extra_context or {})})

    # -- asking

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return asking.ask_one(self, request)

    def add_many(self, request: HttpRequest) -> HttpResponse:
        return asking.ask_many(self, request)

    def example(self, request: HttpRequest) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        return asking.example_file(request)

    def limit(self, request: HttpRequest, unit_id: int) -> HttpResponse:
        return limit_page(self, request, unit_id)

    # -- a request

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        now, access = timezone.now(), access_of(request)
        is_open = row.is_open(now)
        is_own = row.requested_by_id == person_of(request).pk
        may_decide = access.allows(Act.APPROVE_ADJUSTMENT, programme_id=row.programme_id)
        state = state_of(row, now)
        shown = {
            "title": sums_text(row.plus, row.minus, row.unit),
            "state": STATES[state],
            "badge": BADGES.get(state, ""),
            "is_open": is_open,
            "is_own": is_own,
            "may_decide": may_decide,
            "sees_members": access.allows(Act.SEE_MEMBERS, programme_id=row.programme_id),
            "form": _decision_form(request, row, now) if is_open and may_decide and not is_own else None,
            "progress": progress_of(row) if row.state == row.State.APPROVED else None,
            "lines": _lines(row, now),
            "largest": largest_of(row) if row.line_count > 1 else None,
            "has_more": row.line_count > LINES_SHOWN,
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def lines_file(self, request: HttpRequest, row_id: int) -> HttpResponse:
        """All lines as a file that can be read in again, with what became of them."""
        row = self.get_object(request, str(row_id))
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        headers = {"Content-Disposition": f'attachment; filename="adjustment-{row.pk}.csv"'}
        zone = next(part.zone for part in access_of(request).programmes if part.pk == row.programme_id)
        return HttpResponse(_lines_csv(row, zone), "text/csv; charset=utf-8", headers=headers)

    # -- deciding

    def approve(self, request: HttpRequest, row: Adjustment) -> HttpResponse:
        return self._decide(request, row, approves=True)

    def reject(self, request: HttpRequest, row: Adjustment) -> HttpResponse:
        return self._decide(request, row, approves=False)

    def _decide(self, request: HttpRequest, row: Adjustment, *, approves: bool) -> HttpResponse:
        now = timezone.now()
        form = _decision_form(request, row, now, request.POST)
        if not form.is_valid() or not _confirmed(request, form, now):
            return self.record_page(request, row, {"form": form})
        note, person = form.cleaned_data["note"].strip(), person_of(request)
        if not approves and not note:
            form.add_error("note", _("Say why, for who asked."))
            return self.record_page(request, row, {"form": form})
        try:
            if approves:
                adjusting.approve(adjustment=row, payload_sha256=form.payload_sha256, by=person, at=now, note=note)
            else:
                ledger.reject_adjustment(adjustment_id=row.pk, by_id=person.pk, at=now, note=note)
        except DomainError as refusal:
            messages.error(request, refusal_text(refusal, row.unit))
        else:
            messages.success(request, _("Approved.") if approves else _("Rejected. Nothing was posted."))
        return _to(row)

    def withdraw(self, request: HttpRequest, row: Adjustment) -> HttpResponse:
        try:
            ledger.withdraw_adjustment(adjustment_id=row.pk, by_id=person_of(request).pk, at=timezone.now())
        except DomainError as refusal:
            messages.error(request, refusal_text(refusal, row.unit))
        else:
            messages.success(request, _("Withdrawn. Nothing was posted."))
        return _to(row)

    def stop(self, request: HttpRequest, row: Adjustment) -> HttpResponse:
        ledger.stop_adjustment(adjustment_id=row.pk, at=timezone.now())
        messages.warning(request, _("Stopped. What is posted stays; the rest waits until you go on."))
        return _to(row)

    def resume(self, request: HttpRequest, row: Adjustment) -> HttpResponse:
        ledger.resume_adjustment(adjustment_id=row.pk)
        messages.success(request, _("The rest is posted now."))
        return _to(row)


def _to(row: Adjustment) -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("admin:ledger_adjustment_change", args=[row.pk]))


def _decision_form(request: HttpRequest, row: Adjustment, at: datetime, data: Any = None) -> DecisionForm:
    payload = {"payload": bytes(row.payload_sha256).hex()}
    return DecisionForm(data, initial=payload, is_confirmed=confirming.is_confirmed(request, at=at))


def _confirmed(request: HttpRequest, form: DecisionForm, at: datetime) -> bool:
    if "password" not in form.fields:
        return True
    try:
        if confirming.confirm(request, form.cleaned_data["password"], at=at):
            return True
        form.add_error("password", _("This is not your password."))
    except TooManyAttempts:
        form.add_error("password", _("Too many tries. Wait a quarter of an hour."))
    return False


def _who_column(access: Access) -> Callable[[Any], str | SafeString]:
    @column(description=gettext_lazy("for"))
    def who(row: Any) -> str | SafeString:
        if row.member is None:
            return ngettext("%(count)s member", "%(count)s members", row.line_count) % {"count": row.line_count}
        if not access.allows(Act.SEE_MEMBERS, programme_id=row.programme_id):
            return str(row.member.number)
        return link("members_member_change", row.member.pk, row.member)

    return who


def _lines(row: Adjustment, at: datetime) -> list[dict[str, Any]]:
    """The first lines with their members, and what they would do now."""
    lines = list(lines_of(row)[:LINES_SHOWN])
    members = {member.wallet_id: member for member in Member.objects.filter(wallet_id__in=[x.wallet_id for x in lines])}
    balances = balances_by_wallet(list(members), at=at) if row.is_open(at) else {}
    return [
        {
            "line": line,
            "member": members[line.wallet_id],
            "wording": line.wording or row.wording,
            "change": asking.change_of(
                next((part for part in balances.get(line.wallet_id, []) if part.unit.pk == row.unit_id), None),
                line.amount,
            ),
            "why_not": why_not_posted(line.refusal) if line.refusal else "",
        }
        for line in lines
    ]


def _lines_csv(row: Adjustment, zone: Any) -> str:
    text = io.StringIO()
    out = csv.writer(text)
    out.writerow(["member", "amount", "text", "last_day", "posting", "not_posted_because"])
    lines = list(lines_of(row))
    numbers = adjusting.numbers_of(line.wallet_id for line in lines)
    for line in lines:
        last = "" if line.amount < 0 else "never"
        if line.expires_at is not None:
            last = local_day(line.expires_at - timedelta(microseconds=1), zone).isoformat()
        amount = format_minor(line.amount, decimals=row.unit.decimals)
        shown = [numbers[line.wallet_id], amount, harmless(line.wording), last, line.posting_id or "", line.refusal]
        out.writerow(shown)
    return text.getvalue()


def _facts(adjustment: Any, _at: datetime) -> Mapping[str, object]:
    return {"digest": bytes(adjustment.payload_sha256).hex()}


def _nearby(adjustment: Any, _at: datetime) -> Mapping[str, object]:
    nearby = asked_nearby(adjustment)
    same = ngettext("by the same for this member", "by the same for these members", adjustment.line_count)
    anybody = ngettext("by anybody for this member", "by anybody for these members", adjustment.line_count)
    return {
        "rows": [
            (same, nearby.by_same_for_members),
            (_("by the same in all"), nearby.by_same),
            (anybody, nearby.for_members),
        ],
        "limit": adjustment.unit.adjustment_limit,
    }


def _door(member: Any, _at: datetime) -> Mapping[str, object]:
    return {"address": f"{reverse('admin:ledger_adjustment_add')}?member={member.number}"}


panels.add(
    "ledger.Adjustment",
    Panel("members/adjustments/facts.html", _facts, AdjustmentAdmin.see, Place.SIDE, 10),
    Panel("members/adjustments/nearby.html", _nearby, AdjustmentAdmin.see, Place.SIDE, 20),
)
panels.add(
    "members.Member",
    Panel("members/adjustments/door.html", _door, (Act.REQUEST_ADJUSTMENT,), Place.TOP, 20),
)
