"""Wallets that speak, for tests: what they earn, hold, spend and show, with everything beside the point made up."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import Model, Sum

from ledger import queries
from ledger import services as ledger
from ledger.models import Account, Entry, Hold, HoldLot, Lot, LotUse, Posting, Unit
from ledger.policies import Policy
from ledger.services import Accrual, Accrued, ClawBack, ClawedBack, Moved, Refunded
from ledger.services.policies import FROM_THE_BEGINNING
from ledger.verification import Finding, verify
from shops.models import Programme

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)

_numbers = itertools.count(1)


class Figures(NamedTuple):
    """What a member sees of one unit."""

    spendable: int = 0
    reserved: int = 0
    pending: int = 0
    owed: int = 0


@dataclass(frozen=True)
class TestWallet:
    """One unit of one wallet. Without a `ref`, each call of a verb gets a reference of its own."""

    __test__ = False

    wallet_id: int
    unit: Unit
    refs: Iterator[int] = field(default=_numbers, repr=False)

    @property
    def programme_id(self) -> int:
        return self.unit.programme_id

    def accrual(
        self,
        amount: int,
        *,
        at: datetime = NOON,
        until: datetime | None = None,
        active: datetime | None = None,
        ref: str = "",
    ) -> Accrual:
        return Accrual(
            wallet_id=self.wallet_id,
            unit_id=self.unit.pk,
            amount=amount,
            source="test",
            reference=ref or f"earning {next(self.refs)}",
            occurred_at=at,
            active_from=active or at,
            expires_at=until,
        )

    def earn(
        self,
        amount: int,
        *,
        at: datetime = NOON,
        until: datetime | None = None,
        active: datetime | None = None,
        ref: str = "",
    ) -> int:
        """The posting's id."""
        accrual = self.accrual(amount, at=at, until=until, active=active, ref=ref)
        return accrue(accrual, programme_id=self.programme_id)[0].posting_id

    def spend(self, amount: int, *, at: datetime = NOON, ref: str = "") -> int:
        return ledger.burn(
            programme_id=self.programme_id,
            wallet_id=self.wallet_id,
            unit_id=self.unit.pk,
            amount=amount,
            source="test",
            reference=ref or f"spending {next(self.refs)}",
            at=at,
            actor="test",
        )

    def hold(self, amount: int, *, at: datetime = NOON, until: datetime | None = None, ref: str = "") -> int:
        return ledger.reserve(
            programme_id=self.programme_id,
            wallet_id=self.wallet_id,
            unit_id=self.unit.pk,
            amount=amount,
            source="test",
            reference=ref or f"hold {next(self.refs)}",
            at=at,
            until=until or at + 5 * MINUTE,
        ).hold_id

    def capture(self, hold_id: int, amount: int | None = None, *, at: datetime = NOON) -> int:
        return ledger.capture(hold_id=hold_id, amount=amount, at=at, actor="test")

    def release(self, hold_id: int, *, at: datetime = NOON) -> None:
        ledger.release(hold_id=hold_id, at=at)

    def claim(self, earning: int, amount: int, *, at: datetime = NOON, ref: str = "") -> ClawBack:
        return ClawBack(
            origin_posting_id=earning,
            wallet_id=self.wallet_id,
            amount=amount,
            source="test",
            reference=ref or f"return {next(self.refs)}",
            at=at,
        )

    def claw_back(self, earning: int, amount: int, *, at: datetime = NOON, ref: str = "") -> ClawedBack:
        return ledger.claw_back(claim=self.claim(earning, amount, at=at, ref=ref), actor="test")

    def reverse(self, spending: int, *, at: datetime = NOON, grace: timedelta = 30 * DAY) -> int:
        return ledger.reverse(burn_posting_id=spending, at=at, grace_until=at + grace, actor="test")

    def refund(
        self,
        spending: int,
        amount: int | None = None,
        *,
        at: datetime = NOON,
        grace: timedelta = 30 * DAY,
        ref: str = "",
    ) -> Refunded:
        return ledger.refund(
            burn_posting_id=spending,
            amount=amount,
            source="test",
            reference=ref or f"refund {next(self.refs)}",
            at=at,
            grace_until=at + grace,
            actor="test",
        )

    def give(
        self,
        receiver: "TestWallet",
        amount: int,
        *,
        at: datetime = NOON,
        fee: int = 0,
        ref: str = "",
        counts: bool = False,
    ) -> Moved:
        return ledger.move(
            wallet_id=self.wallet_id,
            to_wallet_id=receiver.wallet_id,
            unit=self.unit,
            amount=amount,
            fee=fee,
            source="test",
            reference=ref or f"gift {next(self.refs)}",
            at=at,
            actor="test",
            counts_as_earning=counts,
        )

    def figures(self, at: datetime = NOON) -> Figures:
        for row in queries.balances_of(self.wallet_id, at=at):
            if row.unit.pk == self.unit.pk:
                return Figures(row.spendable, row.reserved, row.pending, row.owed)
        return Figures()

    def lots(self) -> list[Lot]:
        """All lots, oldest first."""
        return list(Lot.objects.filter(wallet_id=self.wallet_id).order_by("pk"))

    def left(self) -> list[int]:
        """What is left in each lot, oldest first."""
        return list(Lot.objects.filter(wallet_id=self.wallet_id).order_by("pk").values_list("remaining", flat=True))

    def lot(self, posting: int) -> Lot:
        return Lot.objects.get(posting_id=posting)


def accrue(*accruals: Accrual, programme_id: int) -> list[Accrued]:
    return ledger.accrue(programme_id=programme_id, accruals=accruals, actor="test")


def with_own_end(accrual: Accrual) -> Accrual:
    """Its rule says when it expires."""
    return replace(accrual, has_own_end=True)


def keeping(accrual: Accrual, until: datetime) -> Accrual:
    """It keeps alive what the account had before."""
    return replace(accrual, keeps_until=until)


def a_programme(key: str = "bakery") -> Programme:
    return Programme.objects.create(key=key, name=key.title(), time_zone="Europe/Berlin")


def a_unit(programme: Programme, code: str = "points", **terms: Any) -> Unit:
    return ledger.open_unit(programme_id=programme.pk, code=code, name=code.title(), **terms)


def says(unit: Unit, policy: Policy) -> None:
    """Give a unit another policy, as if it had always had it."""
    day = FROM_THE_BEGINNING + DAY * unit.policies.count()
    ledger.save_policy_draft(unit=unit, policy=policy, by="test", at=day)
    ledger.publish_policy(unit=unit, by="test", at=day)


def a_wallet(unit: Unit, points: int = 0, *, until: datetime | None = None) -> TestWallet:
    (wallet_id,) = ledger.open_wallets(programme_id=unit.programme_id, count=1, at=NOON)
    wallet = TestWallet(wallet_id, unit)
    if points:
        wallet.earn(points, until=until)
    return wallet


def totals(unit: Unit) -> dict[str, int]:
    """The sum of entries of a unit by kind of account; those that never moved are left out."""
    found = Entry.objects.filter(unit=unit).values_list("account__kind").annotate(total=Sum("amount"))
    return {kind: int(total) for kind, total in found if total}


def legs(posting: int) -> dict[str, int]:
    """The entries of a posting, by kind of account."""
    return dict(Entry.objects.filter(posting_id=posting).values_list("account__kind", "amount"))


def uses(posting: int) -> list[int]:
    """What a posting took out of lots, oldest lot first."""
    return list(LotUse.objects.filter(posting_id=posting).order_by("lot_id").values_list("amount", flat=True))


def expire_all(at: datetime, *, accounts: int = 1000) -> int:
    """Run the expiry until nothing is left; how many lots lapsed."""
    total = 0
    while expired := ledger.expire_lapsed(at=at, accounts=accounts):
        total += expired
    return total


def findings() -> list[Finding]:
    return list(verify(tell=lambda _name: None))


def everything() -> list[list[Any]]:
    """Every row of the books, to show that nothing changed."""
    models: tuple[type[Model], ...] = (Account, Posting, Entry, Lot, LotUse, Hold, HoldLot)
    return [list(model._default_manager.order_by("pk").values()) for model in models]


@contextmanager
def unchanged() -> Iterator[None]:
    """A refusal leaves every row as it was. What the database itself refuses is undone to a savepoint."""
    before = everything()
    yield
    assert everything() == before


def break_books(statement: str, *parameters: Any) -> None:
    """Run a statement as the owner, with triggers and foreign keys switched off."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET LOCAL session_replication_role = origin")


def postings_of(wallet: TestWallet) -> list[int]:
    """The ids of the postings that touched a wallet, in their order."""
    return list(Entry.objects.filter(wallet_id=wallet.wallet_id).order_by("pk").values_list("posting_id", flat=True))


def moved(wallet: TestWallet, kind: str) -> list[int]:
    """The amounts that postings of one kind moved on a wallet, in their order."""
    entries = Entry.objects.filter(wallet_id=wallet.wallet_id, posting__kind=kind)
    return list(entries.order_by("pk").values_list("amount", flat=True))


@contextmanager
def locked(wallet_id: int) -> Iterator[None]:
    """Somebody else, on a connection of their own, has the wallet in use."""
    other = connection.copy()
    other.set_autocommit(False)
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT 1 FROM ledger_account WHERE wallet_id = %s FOR NO KEY UPDATE", [wallet_id])
            yield
    finally:
        other.rollback()
        other.close()
