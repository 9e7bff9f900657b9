"""
The books once more, in plain Python and without a thought of speed: what `test_model.py` compares the real ones with.

Nothing is shared with the code under test. A wallet is a list of lots; every verb says in a few lines what it does to
them. Times are datetimes, amounts integers.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from tests.ledger.books import Figures


class Refused(Exception):
    """The wallet can't, or the hold isn't open."""


@dataclass(eq=False)
class Lot:
    earned: int
    active: datetime
    until: datetime | None
    left: int = 0
    lapsed: int = 0  # of it, expired and not yet set off against a claw-back
    taken_back: int = 0

    def __post_init__(self) -> None:
        self.left = self.earned

    def is_live(self, at: datetime) -> bool:
        return self.active <= at and (self.until is None or at < self.until)

    def is_over(self, at: datetime) -> bool:
        return self.until is not None and self.until <= at


Parts = list[tuple[Lot, int]]


@dataclass(eq=False)
class Hold:
    parts: Parts
    until: datetime
    is_open: bool = True

    def is_kept(self, at: datetime) -> bool:
        return self.is_open and at < self.until


@dataclass(eq=False)
class Wallet:
    """Lots in the order they were made; `owed` are the arrears."""

    lots: list[Lot] = field(default_factory=list)
    holds: list[Hold] = field(default_factory=list)
    owed: int = 0
    issued: int = 0
    redeemed: int = 0
    breakage: int = 0
    adjusted: int = 0
    fees: int = 0

    # -- what there is

    def kept(self, lot: Lot, at: datetime) -> int:
        return sum(
            amount for hold in self.holds if hold.is_kept(at) for part_of, amount in hold.parts if part_of is lot
        )

    def payers(self, at: datetime) -> list[Lot]:
        """Live lots in the order in which they pay."""
        live = [(lot.until is None, lot.until, number, lot) for number, lot in enumerate(self.lots) if lot.is_live(at)]
        return [lot for *_, lot in sorted(live, key=lambda row: row[:3])]

    def free(self, at: datetime) -> int:
        return sum(lot.left - self.kept(lot, at) for lot in self.payers(at))

    def figures(self, at: datetime) -> Figures:
        offset = min(self.free(at), self.owed)
        return Figures(
            spendable=self.free(at) - offset,
            reserved=sum(self.kept(lot, at) for lot in self.lots),
            pending=sum(lot.left for lot in self.lots if lot.active > at),
            owed=self.owed - offset,
        )

    # -- what happens

    def earn(self, amount: int, at: datetime, active: datetime, until: datetime | None) -> Lot:
        lot = Lot(amount, active, until)
        self.lots.append(lot)
        self.issued += amount
        self.settle(at)
        return lot

    def spend(self, amount: int, at: datetime) -> Parts:
        self.settle(at)
        parts = self.pick(amount, at)
        self.take(parts)
        self.redeemed += amount
        return parts

    def adjust(self, amount: int, at: datetime, until: datetime | None) -> None:
        """Plus makes a lot, minus pays like a spending."""
        self.settle(at)
        if amount > 0:
            self.lots.append(Lot(amount, at, until))
        else:
            self.take(self.pick(-amount, at))
        self.adjusted += amount
        self.settle(at)

    def hold(self, amount: int, at: datetime, until: datetime) -> Hold:
        self.settle(at)
        hold = Hold(self.pick(amount, at), until)
        self.holds.append(hold)
        return hold

    def capture(self, hold: Hold, amount: int, at: datetime) -> Parts:
        self.end(hold, at)
        parts: Parts = []
        for lot, kept in hold.parts:
            part = min(kept, amount - sum(taken for _, taken in parts))
            if part:
                parts.append((lot, part))
        self.take(parts)
        self.redeemed += amount
        self.settle(at)
        return parts

    def give(self, other: "Wallet", parts: Parts, fee: int, at: datetime) -> None:
        """Another wallet gets what was picked less the fee, which is taken of the first, in lots that live as long."""
        self.take(parts)
        self.fees += fee
        for lot, amount in parts:
            paid = min(fee, amount)
            fee -= paid
            if amount > paid:
                other.lots.append(Lot(amount - paid, lot.active, lot.until))
        other.settle(at)

    def send(self, other: "Wallet", amount: int, fee: int, at: datetime) -> None:
        self.settle(at)
        other.settle(at)
        self.give(other, self.pick(amount + fee, at), fee, at)

    def offer(self, amount: int, at: datetime, until: datetime) -> Hold:
        """No longer than the first of its points lives."""
        hold = self.hold(amount, at, until)
        hold.until = min([until, *(lot.until for lot, _ in hold.parts if lot.until)])
        return hold

    def accept(self, other: "Wallet", hold: Hold, fee: int, at: datetime) -> None:
        other.settle(at)
        self.end(hold, at)
        self.give(other, hold.parts, fee, at)

    def release(self, hold: Hold, at: datetime) -> None:
        self.end(hold, at)
        self.settle(at)

    def claw_back(self, lot: Lot, amount: int, at: datetime) -> tuple[int, int, int]:
        """Taken, lapsed, owed."""
        if lot.taken_back + amount > lot.earned:
            raise Refused
        self.settle(at)
        lot.taken_back += amount
        self.issued -= amount
        own = min(amount, lot.left - self.kept(lot, at))
        lot.left -= own
        lapsed = min(amount - own, lot.lapsed)
        lot.lapsed -= lapsed
        self.breakage -= lapsed
        others = self.pick(min(amount - own - lapsed, self.free(at)), at)
        self.take(others)
        taken = own + sum(part for _, part in others)
        self.owed += amount - taken - lapsed
        return taken, lapsed, amount - taken - lapsed

    def refund(self, parts: Parts, before: int, amount: int, at: datetime, grace: datetime) -> None:
        """Give back `amount` of a spending of which `before` was given back already: the last taken first."""
        self.settle(at)
        if before + amount > sum(part for _, part in parts):
            raise Refused
        self.redeemed -= amount
        over = 0
        for lot, part in reversed(parts):
            skipped = min(part, before)
            back = min(part - skipped, amount)
            before, amount = before - skipped, amount - back
            if lot.is_over(at):
                over += back
            else:
                lot.left += back
        if over:
            self.lots.append(Lot(over, at, grace))
        self.settle(at)

    def expire(self, at: datetime) -> int:
        """How many lots lapsed."""
        count = 0
        for lot in self.lots:
            amount = lot.left - self.kept(lot, at)
            if lot.is_over(at) and amount:
                count += 1
                lot.left -= amount
                lot.lapsed += amount
                self.breakage += amount
        return count

    # -- what it is made of

    def settle(self, at: datetime) -> None:
        offset = min(self.owed, self.free(at))
        self.take(self.pick(offset, at))
        self.owed -= offset

    def end(self, hold: Hold, at: datetime) -> None:
        if not hold.is_kept(at):
            self.settle(at)
            raise Refused
        self.settle(at)
        hold.is_open = False

    def pick(self, amount: int, at: datetime) -> Parts:
        if amount > self.free(at):
            raise Refused
        parts: Parts = []
        for lot in self.payers(at):
            part = min(lot.left - self.kept(lot, at), amount - sum(taken for _, taken in parts))
            if part:
                parts.append((lot, part))
        return parts

    def take(self, parts: Parts) -> None:
        for lot, part in parts:
            lot.left -= part


@contextmanager
def refused_whole(*wallets: Wallet) -> Iterator[None]:
    """Verbs of one transaction write nothing when they are refused, not even what they set off first."""
    before = [(wallet, wallet.owed, [(lot, lot.left) for lot in wallet.lots]) for wallet in wallets]
    try:
        yield
    except Refused:
        for wallet, owed, lots in before:
            wallet.owed = owed
            for lot, left in lots:
                lot.left = left
        raise
