"""Transfers between members at the desk: the list, one with what became of it, and its end by support."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from ledger import transfers as ledger
from ledger.errors import TransferNotOpen
from ledger.services import Sent
from ledger.transfer_sentences import amount_text
from ledger.transfers import Transfer
from members import queries, transferring
from members.models import Member
from members.transferring import members_of
from shops.desk import panels
from shops.desk.access import Access, access_of
from shops.desk.bases import RecordAdmin
from shops.desk.columns import link, moment
from shops.desk.filters import period_of
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.policy import Act

State = Transfer.State
STATE_LABELS: dict[str, str] = {
    State.OFFERED: "warning",
    State.ACCEPTED: "success",
    State.DONE: "success",
    State.DECLINED: "danger",
    State.WITHDRAWN: "default",
    State.LAPSED: "default",
}
BADGES = {State.OFFERED: "is-warn", State.ACCEPTED: "is-good", State.DONE: "is-good", State.DECLINED: "is-bad"}
LATEST = 5
Ending = Callable[..., Sent]


class StateFilter(admin.SimpleListFilter):
    """By the state that a transfer is in now."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(state.lower(), name) for state, name in State.choices]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        state = str(self.value() or "").upper()
        over = Q(state=State.OFFERED, ends_at__lte=timezone.now())
        if state == State.LAPSED:
            return queryset.filter(Q(state=state) | over)
        return queryset.filter(state=state).exclude(over) if state in State.values else queryset


@admin.register(Transfer)
class TransferAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_MEMBERS,)
    record_template: ClassVar[str] = "members/transfers/record.html"
    list_display = ("shown_amount", "shown_state", "sender", "receiver", moment("made_at", gettext_lazy("made")))
    list_filter = (StateFilter, "unit", period_of("made_at", gettext_lazy("made")))
    search_fields = ("=id",)
    search_help_text = gettext_lazy("Number of the transfer or of a member, or a member's name")
    ordering = ("-pk",)
    paginator = EndlessPaginator
    show_full_result_count = False
    in_site_search: ClassVar[bool] = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("unit")

    def get_urls(self) -> list[URLPattern]:
        verbs: dict[str, Ending] = {"decline": transferring.decline, "withdraw": transferring.withdraw}
        guarded = self.admin_site.admin_view
        return [
            *(
                path(f"<int:row_id>/{verb}/", guarded(self._ends(act)), name=f"ledger_transfer_{verb}")
                for verb, act in verbs.items()
            ),
            *super().get_urls(),
        ]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        said = search_term.strip()
        if not said:
            return queryset, False
        wallets = queries.search(access_of(request).programme_ids(*self.see), said).values("wallet_id")
        named = Q(from_wallet__in=wallets) | Q(to_wallet__in=wallets)
        return queryset.filter(named | Q(pk=int(said)) if said.isdecimal() and len(said) < 12 else named), False

    def enrich(self, rows: list[Any]) -> None:
        members = members_of(rows)
        for row in rows:
            row.giver, row.taker = members[row.from_wallet_id], members[row.to_wallet_id]

    @column(description=gettext_lazy("amount"))
    def shown_amount(self, row: Transfer) -> str:
        return amount_text(row.amount, row.unit)

    @column(description=gettext_lazy("state"), label=STATE_LABELS)
    def shown_state(self, row: Transfer) -> tuple[str, Any]:
        state = row.state_at(timezone.now())
        return state, state.label

    @column(description=gettext_lazy("from"))
    def sender(self, row: Any) -> SafeString:
        return link("members_member_change", row.giver.pk, row.giver)

    @column(description=gettext_lazy("to"))
    def receiver(self, row: Any) -> SafeString:
        return link("members_member_change", row.taker.pk, row.taker)

    def record_page(
        self, request: HttpRequest, row: Any, extra_context: dict[str, Any], *, template: str | None = None
    ) -> HttpResponse:
        now, access = timezone.now(), access_of(request)
        members, state = members_of([row]), row.state_at(now)
        shown = {
            "title": amount_text(row.amount, row.unit),
            "fee": amount_text(row.fee, row.unit) if row.fee else "",
            "state": state,
            "badge": BADGES.get(state, ""),
            "is_open": row.is_open(now),
            "may_end": _may_end(access, row),
            "sees_books": access.allows(Act.SEE_LEDGER, programme_id=row.programme_id),
            "made_by": _by(row.made_by, members[row.from_wallet_id]),
            "ended_by": _by(
                row.ended_by, members[row.from_wallet_id if state == State.WITHDRAWN else row.to_wallet_id]
            ),
            "giver": members[row.from_wallet_id],
            "taker": members[row.to_wallet_id],
            "parts": [(amount_text(part.amount, row.unit), part.expires_at) for part in ledger.parts_of([row])[row.pk]],
        }
        return super().record_page(request, row, {**shown, **extra_context}, template=template)

    def _ends(self, act: Ending) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, row_id: int) -> HttpResponse:
            row = self.get_object(request, str(row_id))
            if not _may_end(access_of(request), row):
                raise PermissionDenied
            if request.method == "POST":
                self._end(request, row, act)
            return HttpResponseRedirect(reverse("admin:ledger_transfer_change", args=[row.pk]))

        return view

    def _end(self, request: HttpRequest, row: Transfer, act: Ending) -> None:
        try:
            act(transfer=row, at=timezone.now(), actor=str(request.user))
        except TransferNotOpen as refusal:
            state = State(str(refusal.facts["state"])).label
            messages.info(request, _("The offer had ended already: %(state)s.") % {"state": state})
        else:
            messages.success(request, _("The offer has ended. Its points are the sender's again."))


def _by(actor: str, member: Member) -> str:
    """Who did it: members do it themselves where no machine and no staff did."""
    return str(member) if actor == "member" else actor


def _may_end(access: Access, row: Transfer) -> bool:
    return access.allows(Act.END_TRANSFER, programme_id=row.programme_id)


def _latest(member: Any, at: datetime) -> Mapping[str, object] | None:
    rows = list(ledger.transfers_of(member.wallet_id)[: LATEST + 1])
    if not rows:
        return None
    members: dict[int, Member] = members_of(rows)
    return {
        "rows": [
            {
                "row": row,
                "is_giver": row.from_wallet_id == member.wallet_id,
                "other": members[row.to_wallet_id if row.from_wallet_id == member.wallet_id else row.from_wallet_id],
                "amount": amount_text(row.amount, row.unit),
                "state": row.state_at(at),
            }
            for row in rows[:LATEST]
        ],
        "has_more": len(rows) > LATEST,
        "number": member.number,
    }


panels.add("members.Member", Panel("members/transfers/latest.html", _latest, (Act.SEE_MEMBERS,), Place.SIDE, 40))
