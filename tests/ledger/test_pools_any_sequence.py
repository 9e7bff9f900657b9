"""Whatever is done with a pool: each one's share is what they gave less what was spent and expired of it."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from kernel.errors import DomainError
from ledger import services as ledger
from ledger.models import Account, PoolMember
from ledger.pools import parts_of
from tests.ledger import books
from tests.ledger.books import DAY, NOON
from tests.ledger.pooling import Pool, a_pool

VERBS = (
    "give",
    "share",
    "spend",
    "hold",
    "release",
    "capture",
    "refund",
    "refund_late",
    "leave",
    "join",
    "claw_back",
    "wait",
)
# Giving often, so that there is something.
STEPS = st.lists(
    st.tuples(st.sampled_from([*VERBS, "give", "give", "spend"]), st.integers(0, 2), st.integers(1, 40)),
    min_size=5,
    max_size=40,
)
# What each gave less what came home, by the entries; what was spent and expired of theirs, by the uses of lots.
_SHARES = """
SELECT member.wallet_id,
       (SELECT coalesce(-sum(entry.amount), 0) FROM ledger_entry entry
          JOIN ledger_posting posting ON posting.id = entry.posting_id AND posting.kind = 'TRANSFER'
         WHERE entry.wallet_id = member.wallet_id),
       (SELECT coalesce(sum(used.amount), 0) FROM ledger_lotorigin origin
          JOIN ledger_lotuse used ON used.lot_id = origin.lot_id
          JOIN ledger_posting posting ON posting.id = used.posting_id AND posting.kind IN ('BURN', 'REVERSE')
         WHERE origin.wallet_id = member.pool_id AND origin.from_wallet_id = member.wallet_id),
       (SELECT coalesce(sum(lot.earned), 0) FROM ledger_lotorigin origin JOIN ledger_lot lot ON lot.id = origin.lot_id
          JOIN ledger_posting posting ON posting.id = lot.posting_id AND posting.kind = 'REVERSE'
         WHERE origin.wallet_id = member.pool_id AND origin.from_wallet_id = member.wallet_id),
       (SELECT coalesce(sum(used.amount), 0) FROM ledger_lotorigin origin
          JOIN ledger_lotuse used ON used.lot_id = origin.lot_id
          JOIN ledger_posting posting ON posting.id = used.posting_id AND posting.kind = 'EXPIRE'
         WHERE origin.wallet_id = member.pool_id AND origin.from_wallet_id = member.wallet_id),
       (SELECT coalesce(sum(lot.remaining), 0) FROM ledger_lotorigin origin
          JOIN ledger_lot lot ON lot.id = origin.lot_id
         WHERE origin.wallet_id = member.pool_id AND origin.from_wallet_id = member.wallet_id)
  FROM ledger_poolmember member WHERE member.pool_id = %s
"""


def read_no_table_whole() -> None:
    """As in the books' own functions: what was rolled back before would else be read again and again."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")


@dataclass
class Run:
    """A pool of three."""

    pool: Pool
    now: datetime = NOON
    earnings: dict[int, list[int]] = field(default_factory=lambda: {0: [], 1: [], 2: []})
    holds: list[int] = field(default_factory=list)
    spendings: list[int] = field(default_factory=list)
    inside: set[int] = field(default_factory=lambda: {0, 1, 2})

    def step(self, verb: str, who: int, amount: int) -> None:
        known, inside = len(self.earnings[who]), set(self.inside)
        try:
            with transaction.atomic():
                getattr(self, verb)(who, amount)
        except DomainError:
            # What was earned to be given is undone with the giving.
            del self.earnings[who][known:]
            self.inside = inside
        except IntegrityError as refusal:
            assert "cannot take back" in str(refusal)  # noqa: PT017 -- any other is a failure

    def earn(self, who: int, amount: int) -> int:
        until = self.now + timedelta(hours=3 * amount) if amount % 4 else None
        posting = self.pool.homes[who].earn(2 * amount, at=self.now, until=until)
        self.earnings[who].append(posting)
        return posting

    def give(self, who: int, amount: int) -> None:
        self.earn(who, amount)
        self.pool.give(self.pool.homes[who], amount + amount // 2, at=self.now)

    def share(self, who: int, amount: int) -> None:
        earning, before = self.earn(who, amount), sum(self.pool.shares(self.now))
        self.pool.give_of(earning, amount, at=self.now)
        assert sum(self.pool.shares(self.now)) == before + amount

    def spend(self, _who: int, amount: int) -> None:
        self.spendings.append(self.pool.wallet.spend(amount, at=self.now))

    def hold(self, _who: int, amount: int) -> None:
        self.holds.append(self.pool.wallet.hold(amount, at=self.now, until=self.now + timedelta(hours=20)))

    def release(self, _who: int, _amount: int) -> None:
        if self.holds:
            self.pool.wallet.release(self.holds.pop(), at=self.now)

    def capture(self, _who: int, amount: int) -> None:
        if self.holds:
            self.spendings.append(self.pool.wallet.capture(self.holds.pop(0), amount % 7 + 1, at=self.now))

    def refund(self, who: int, amount: int) -> None:
        if self.spendings:
            spending = self.spendings[who % len(self.spendings)]
            self.pool.wallet.refund(spending, amount, at=self.now, grace=2 * DAY)

    def refund_late(self, who: int, amount: int) -> None:
        """When all that could lapse has lapsed."""
        self.spend(who, amount)
        self.wait(who, 120)
        self.refund(len(self.spendings) - 1, amount)

    def leave(self, who: int, _amount: int) -> None:
        self.pool.leave(self.pool.homes[who], at=self.now)
        self.inside.discard(who)

    def join(self, who: int, _amount: int) -> None:
        self.pool.join(self.pool.homes[who], at=self.now)
        self.inside.add(who)

    def claw_back(self, who: int, amount: int) -> None:
        if self.earnings[who]:
            self.pool.homes[who].claw_back(self.earnings[who][-1], amount, at=self.now)

    def wait(self, _who: int, amount: int) -> None:
        self.now += timedelta(hours=amount)
        books.expire_all(self.now)

    def check(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_SHARES, [self.pool.id])
            rows = cursor.fetchall()
        for wallet_id, gave, spent, graced, expired, left in rows:
            assert (wallet_id, left) == (wallet_id, gave - spent + graced - expired)
        assert sum(row[-1] for row in rows) == Account.objects.get(wallet=self.pool.id).balance
        here = PoolMember.objects.filter(pool=self.pool.id, left_at__isnull=True).values_list("wallet", flat=True)
        assert set(here) == {self.pool.homes[who].wallet_id for who in self.inside}
        parts = parts_of(self.pool.id, at=self.now)
        figures = self.pool.wallet.figures(self.now)
        assert sum(part.amount for part in parts) == figures.spendable + figures.reserved

    def check_the_gone(self) -> None:
        """Nothing free is left of those who left."""
        ledger.send_home_next(programme_id=self.pool.wallet.programme_id, at=self.now)
        gone = {home.wallet_id for who, home in enumerate(self.pool.homes) if who not in self.inside}
        free = [part.free for part in parts_of(self.pool.id, at=self.now) if part.wallet_id in gone]
        assert sum(free) == 0


@pytest.mark.parametrize("examples", [50, pytest.param(600, marks=pytest.mark.slow)])
def test_shares_are_what_was_given_less_what_was_spent_and_expired_and_sum_to_the_pool(examples, unit):
    read_no_table_whole()

    @settings(max_examples=examples, deadline=None)
    @given(steps=STEPS)
    def any_sequence(steps):
        run = Run(a_pool(unit, *[books.a_wallet(unit) for _ in range(3)]))
        for verb, who, amount in steps:
            run.step(verb, who, amount)
            run.check()

        run.check_the_gone()
        for who in range(3):
            run.leave(who, 0)
        run.check_the_gone()
        run.check()

    any_sequence()
