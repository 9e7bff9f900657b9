"""Seals at the desk, with a hash to print."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from ledger.models import Seal
from shops.desk import panels
from shops.desk.bases import RecordAdmin
from shops.desk.columns import shown_moment
from shops.desk.panels import Panel, Place
from shops.desk.theme import column
from shops.policy import Act


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


def _seal_hash(seal: Any, _at: datetime) -> Mapping[str, object]:
    return {"hash": _hex(seal.hash)}


def _seal_facts(seal: Any, _at: datetime) -> Mapping[str, object]:
    before = Seal.objects.filter(programme_id=seal.programme_id, number=seal.number - 1).first()
    return {"first": seal.sealing.after + 1, "last": seal.sealing.until, "previous": before}


panels.add(
    "ledger.Seal",
    Panel("ledger/admin/seal_hash.html", _seal_hash, (Act.SEE_LEDGER,), Place.MAIN, 10),
    Panel("ledger/admin/seal_facts.html", _seal_facts, (Act.SEE_LEDGER,), Place.SIDE, 10),
)
