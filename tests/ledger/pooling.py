"""Pools that speak, for tests."""

from dataclasses import dataclass, field

from ledger import pools
from ledger import services as ledger
from tests.ledger import books
from tests.ledger.books import NOON


@dataclass
class Pool:
    """A pool, and who fills it."""

    wallet: books.TestWallet
    homes: list[books.TestWallet] = field(default_factory=list)

    @property
    def id(self) -> int:
        return self.wallet.wallet_id

    def join(self, home, *, at=NOON):
        ledger.join_pool(pool_id=self.id, wallet_id=home.wallet_id, at=at)

    def leave(self, home, *, at=NOON):
        ledger.leave_pool(pool_id=self.id, wallet_id=home.wallet_id, at=at)

    def give(self, home, amount, *, at=NOON, ref=""):
        return ledger.contribute(
            wallet_id=home.wallet_id,
            pool_id=self.id,
            unit=home.unit,
            amount=amount,
            source="test",
            reference=ref or f"gift {next(home.refs)}",
            at=at,
            actor="test",
        )

    def give_of(self, earning, amount, *, at=NOON, ref=""):
        return ledger.contribute_earning(
            earning_id=earning,
            pool_id=self.id,
            amount=amount,
            source="test",
            reference=ref or f"share of {earning}",
            at=at,
            actor="test",
        )

    def shares(self, at=NOON):
        """What is whose in the pool, what holds keep included, in the order of the homes."""
        parts = pools.parts_of(self.id, at=at)
        return [sum(part.amount for part in parts if part.wallet_id == home.wallet_id) for home in self.homes]


def a_pool(unit, *homes):
    pool_id = ledger.open_pool(programme_id=unit.programme_id, at=NOON)
    pool = Pool(books.TestWallet(pool_id, unit), list(homes))
    for home in homes:
        pool.join(home)
    return pool
