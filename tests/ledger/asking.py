"""Who asks for adjustments and who approves them, for tests."""

import itertools
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from ledger import services as ledger
from ledger.models import Adjustment, AdjustmentLine, Unit
from ledger.services import AdjustmentDraft, AdjustmentPart, Asked, Posted, Requester
from shops import services as shops
from shops.models import Programme, StaffRole, User
from tests.ledger.books import NOON, TestWallet

Role = StaffRole.Role
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Office:
    """Support asks, an approver approves, another one could."""

    support: User
    approver: User
    other_approver: User

    def ask(
        self, *parts: AdjustmentPart, unit: Unit, at: datetime = NOON, by: User | None = None, **more: Any
    ) -> Asked:
        who = by or self.support
        values = {"reason": "GOODWILL", "wording": "For your patience", "note": "call 7"} | more
        ref = values.pop("ref", "") or f"request {next(_numbers)}"
        return ledger.ask_adjustment(
            programme_id=unit.programme_id,
            draft=AdjustmentDraft(unit_id=unit.pk, parts=parts, **values),
            by=Requester(str(who), who.pk, "desk", ref),
            at=at,
        )

    def ask_for(self, wallet: TestWallet, amount: int, *, until: datetime | None = None, **more: Any) -> int:
        """The request's id."""
        part = AdjustmentPart(wallet.wallet_id, amount, until if amount > 0 else None)
        return self.ask(part, unit=wallet.unit, **more).adjustment_id

    def approve(self, adjustment_id: int, *, at: datetime = NOON, by: User | None = None, **more: int) -> list[Posted]:
        who = by or self.approver
        return ledger.approve_adjustment(
            adjustment_id=adjustment_id,
            payload_sha256=digest(adjustment_id),
            by_id=who.pk,
            name=str(who),
            at=at,
            **more,
        )

    def adjust(self, wallet: TestWallet, amount: int, *, at: datetime = NOON, until: datetime | None = None) -> int:
        """Ask and approve; the posting's id."""
        (posted,) = self.approve(self.ask_for(wallet, amount, at=at, until=until), at=at)
        return posted.posting_id


def an_office(programme: Programme) -> Office:
    def hire(name: str, role: Role) -> User:
        return shops.hire(email=f"{name}@{programme.key}.example", name=name, programme=programme, role=role).user

    return Office(hire("Sami", Role.SUPPORT), hire("Avery", Role.APPROVER), hire("Robin", Role.APPROVER))


def digest(adjustment_id: int) -> bytes:
    return bytes(Adjustment.objects.values_list("payload_sha256", flat=True).get(pk=adjustment_id))


def post_again(adjustment_id: int, *, at: datetime) -> int | None:
    """Post what is posted; and look now at what else waits for the end of the transaction. The posting's id."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT posting FROM ledger_adjust(%s, %s, 'test')", [the_line(adjustment_id).pk, at])
        (posting_id,) = cursor.fetchone()
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return posting_id


def requests() -> list[Any]:
    """Every row of every request, to show that nothing changed."""
    return [list(model.objects.order_by("pk").values()) for model in (Adjustment, AdjustmentLine)]


def part(wallet: TestWallet, amount: int, **more: Any) -> AdjustmentPart:
    return AdjustmentPart(wallet.wallet_id, amount, **more)


def the_line(adjustment_id: int) -> AdjustmentLine:
    return AdjustmentLine.objects.get(adjustment_id=adjustment_id)
