"""The books for the desk: read, never written. They know wallets and not whose they are; rooms above add that."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from kernel.wording import signed_text
from ledger import queries
from ledger.models import Account, Entry, Lot, LotUse, Posting, Seal, Unit
from shops.desk import panels
from shops.desk.bases import RecordAdmin
from shops.desk.columns import link, moment, shown_moment
from shops.desk.filters import period_of
from shops.desk.notes import notes_on
from shops.desk.panels import Panel, Place
from shops.desk.theme import EndlessPaginator, column
from shops.policy import Act

KIND_LABELS = {
    "ACCRUE": "success",
    "BURN": "info",
    "EXPIRE": "warning",
    "REVERSE": "primary",
    "CLAW_BACK": "danger",
    "SETTLE": "danger",
    "ADJUST": "primary",
    "TRANSFER": "info",
    "CONVERT": "info",
    "PURCHASE": "success",
}
MEMBERS_SIDE = (Account.Kind.MEMBER, Account.Kind.ARREARS)


class WalletFilter(admin.SimpleListFilter):
    """Narrows to one wallet, for links from elsewhere; there is nothing to choose from."""

    title = _("wallet")
    parameter_name = "wallet"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        wallet = request.GET.get("wallet", "")
        return [(wallet, f"#{wallet}")] if wallet.isdecimal() else []

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not str(self.value() or "").isdecimal():
            return queryset
        return queryset.filter(pk__in=queries.entries_of(int(str(self.value()))).order_by().values("posting_id"))


@admin.register(Posting)
class PostingAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER,)
    record_template: ClassVar[str] = "ledger/admin/posting.html"
    list_display = ("shown_kind", "shown_amount", "shown_why", "shown_wallet", moment("occurred_at", _("happened")))
    list_filter = ("kind", period_of("occurred_at", _("happened")), WalletFilter)
    search_fields = ("=id", "reference__startswith")
    search_help_text = _("Number or reference")
    ordering = ("-id",)
    paginator = EndlessPaginator
    show_full_result_count = False

    def enrich(self, rows: list[Any]) -> None:
        """What a posting did to members' accounts, for a whole page at once."""
        entries = defaultdict(list)
        for entry in (
            Entry.objects.filter(posting__in=rows, account__kind__in=MEMBERS_SIDE).select_related("unit").order_by("pk")
        ):
            entries[entry.posting_id].append(entry)
        why = notes_on(self.opts.label, rows)
        for row in rows:
            row.moved, row.why = entries[row.pk], why.get(row.pk)

    @column(description=_("kind"), label=KIND_LABELS)
    def shown_kind(self, posting: Posting) -> tuple[str, str]:
        return posting.kind, posting.get_kind_display()

    @column(description=_("for the member"))
    def shown_amount(self, posting: Any) -> str:
        totals: dict[Unit, int] = defaultdict(int)
        for entry in posting.moved:
            totals[entry.unit] += entry.amount
        return ", ".join(
            f"{signed_text(total, decimals=unit.decimals, language=_language())} {unit.name}"
            for unit, total in totals.items()
        )

    @column(description=_("wallet"))
    def shown_wallet(self, posting: Any) -> str:
        wallets = {entry.wallet_id for entry in posting.moved}
        return format_html_join(", ", "{}", ((_to_member(wallet_id),) for wallet_id in sorted(wallets)))

    @column(description=_("why"))
    def shown_why(self, posting: Any) -> str:
        return posting.why or f"{posting.source} {posting.reference}"


@admin.register(Unit)
class UnitAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER, Act.EDIT_SETUP, Act.EDIT_REWARDS)
    record_template: ClassVar[str] = "ledger/admin/unit.html"
    list_display = ("name", "code", "klass", "decimals", "shown_expiry")
    search_fields = ("name", "code")
    ordering = ("programme_id", "pk")

    @column(description=_("expiry"))
    def shown_expiry(self, unit: Unit) -> str:
        if unit.expiry_days is None:
            return str(_("never"))
        return str(_("%(days)s days after they were earned")) % {"days": unit.expiry_days}


@admin.register(Seal)
class SealAdmin(RecordAdmin):
    see: ClassVar[tuple[Act, ...]] = (Act.SEE_LEDGER,)
    record_template: ClassVar[str] = "ledger/admin/seal.html"
    list_display = ("shown_number", "shown_closed", "rows", "shown_hash")
    list_select_related = ("sealing",)
    ordering = ("-sealing_id", "programme_id")

    @column(description=_("seal"), ordering="number")
    def shown_number(self, seal: Seal) -> str:
        return str(seal)

    @column(description=_("posted before"), ordering="sealing__closes_at")
    def shown_closed(self, seal: Seal) -> str:
        return shown_moment(seal.sealing.closes_at)

    @column(description=_("hash"))
    def shown_hash(self, seal: Seal) -> str:
        return f"{_hex(seal.hash)[:16]}…"


def _hex(value: bytes | memoryview) -> str:
    return bytes(value).hex()


def _to_member(wallet_id: int) -> SafeString:
    return link("members_member_of_wallet", wallet_id, f"#{wallet_id}")


def _language() -> str:
    return get_language() or "en"


def _entries(posting: Any, _at: datetime) -> Mapping[str, object]:
    entries = Entry.objects.filter(posting=posting).select_related("account", "unit").order_by("wallet_id", "pk")
    return {"entries": entries}


def _lots(posting: Any, _at: datetime) -> Mapping[str, object] | None:
    lots = list(Lot.objects.filter(posting=posting).select_related("account__unit").order_by("pk"))
    uses = list(
        LotUse.objects.filter(posting=posting).select_related("lot__account__unit", "lot__posting").order_by("pk")
    )
    return {"lots": lots, "uses": uses} if lots or uses else None


def _corrections(posting: Any, _at: datetime) -> Mapping[str, object] | None:
    related = list(posting.corrections.order_by("pk"))
    if posting.corrects_id is None and not related:
        return None
    corrected = Posting.objects.filter(pk=posting.corrects_id).first()
    return {"corrected": corrected, "corrections": related}


def _facts(_posting: Any, _at: datetime) -> Mapping[str, object]:
    return {}


def _trial_balance(unit: Any, _at: datetime) -> Mapping[str, object]:
    sums = dict(
        Entry.objects.filter(unit=unit, programme_id=unit.programme_id)
        .values_list("account__kind")
        .annotate(total=Sum("amount"))
    )
    rows = [(kind.label, sums.get(kind, 0)) for kind in Account.Kind]
    return {"unit": unit, "rows": rows, "total": sum(total for _label, total in rows)}


def _seal_hash(seal: Any, _at: datetime) -> Mapping[str, object]:
    return {"hash": _hex(seal.hash)}


def _seal_facts(seal: Any, _at: datetime) -> Mapping[str, object]:
    before = Seal.objects.filter(programme_id=seal.programme_id, number=seal.number - 1).first()
    return {"first": seal.sealing.after + 1, "last": seal.sealing.until, "previous": before}


panels.add(
    "ledger.Posting",
    Panel("ledger/admin/entries.html", _entries, (Act.SEE_LEDGER,), Place.MAIN, 20),
    Panel("ledger/admin/lots.html", _lots, (Act.SEE_LEDGER,), Place.MAIN, 30),
    Panel("ledger/admin/facts.html", _facts, (Act.SEE_LEDGER,), Place.SIDE, 10),
    Panel("ledger/admin/corrections.html", _corrections, (Act.SEE_LEDGER,), Place.SIDE, 20),
)
panels.add("ledger.Unit", Panel("ledger/admin/trial_balance.html", _trial_balance, (Act.SEE_LEDGER,), Place.MAIN, 10))
panels.add(
    "ledger.Seal",
    Panel("ledger/admin/seal_hash.html", _seal_hash, (Act.SEE_LEDGER,), Place.MAIN, 10),
    Panel("ledger/admin/seal_facts.html", _seal_facts, (Act.SEE_LEDGER,), Place.SIDE, 10),
)
