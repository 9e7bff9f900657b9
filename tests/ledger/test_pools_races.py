"""Pools with many at once: each race holds, and is lost without its protection."""

from collections.abc import Callable
from functools import partial

import pytest

from kernel.errors import DomainError
from ledger.errors import InsufficientPoints, NotOfPool
from ledger.models import Unit
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import Figures
from tests.ledger.planting import WALLET_LOCK, assert_lost
from tests.ledger.pooling import a_pool
from tests.ledger.test_races import either

ROUNDS = 8

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def leaving_meets_spending(unit: Unit) -> None:
    for _ in range(ROUNDS):
        ann, bob = books.a_wallet(unit, 100), books.a_wallet(unit, 100)
        pool = a_pool(unit, ann, bob)
        pool.give(ann, 100)
        pool.give(bob, 100)

        answers = at_once(6, either(partial(pool.leave, ann), partial(pool.wallet.spend, 60)))

        spent = sum(not isinstance(answer, InsufficientPoints) for answer in answers[1::2])
        # Ann's expire no later than Bob's and were there first: they pay first, while they are there.
        assert ann.figures().spendable + pool.wallet.figures().spendable == 200 - 60 * spent
        assert pool.shares()[0] == 0
        assert books.findings() == []


def leaving_meets_contributing(unit: Unit) -> None:
    for _ in range(ROUNDS):
        ann = books.a_wallet(unit, 100)
        pool = a_pool(unit, ann)

        answers = at_once(6, either(partial(pool.leave, ann), partial(pool.give, ann, 20)))

        assert all(isinstance(given, NotOfPool) or given.fresh for given in answers[1::2])
        assert (ann.figures(), pool.wallet.figures()) == (Figures(100), Figures(0))


def one_share_is_given_by_eight(unit: Unit) -> None:
    ann = books.a_wallet(unit)
    earning = ann.earn(100)
    pool = a_pool(unit, ann)

    answers = at_once(8, lambda _: pool.give_of(earning, 10))

    assert [getattr(answer, "fresh", answer) for answer in answers].count(True) == 1
    assert [getattr(answer, "fresh", answer) for answer in answers].count(False) == 7
    assert pool.wallet.figures() == Figures(10)


def all_verbs_meet(unit: Unit) -> None:
    """Those who leave, come, give, spend, take back: any order is fine, a deadlock or books that differ are not."""
    homes = [books.a_wallet(unit, 1000) for _ in range(2)]
    pool = a_pool(unit, *homes)
    # Its wallet is younger than the pool.
    late = books.a_wallet(unit, 1000)
    pool.homes.append(late)
    pool.join(late)
    earnings = [home.earn(200) for home in pool.homes]
    for home in pool.homes:
        pool.give(home, 1150)

    def turn(number: int) -> None:
        home = pool.homes[number % 3]
        for step in range(6):
            for verb in (
                partial(pool.give, home, 3),
                partial(pool.wallet.spend, 5),
                partial(pool.wallet.hold, 5),
                partial(home.claw_back, earnings[number % 3], 7),
                partial(pool.leave if step % 2 else pool.join, home),
                partial(home.earn, 2),
            ):
                try:
                    verb()
                except DomainError:
                    continue

    assert at_once(9, turn) == [None] * 9
    assert sum(pool.shares()) == sum(pool.wallet.figures()[:2])


LOCKS = {
    "  PERFORM ledger_lock_all(ARRAY[p_pool, p_wallet]);\n  UPDATE": "  PERFORM pg_sleep(0.01);\n  UPDATE",
    **WALLET_LOCK,
    "  PERFORM 1 FROM ledger_account WHERE wallet_id = ANY (p_wallets) ORDER BY wallet_id, id FOR NO KEY UPDATE;\n": "",
}
RACES: list[tuple[Callable[[Unit], None], dict[str, str]]] = [
    (leaving_meets_spending, LOCKS),
    (leaving_meets_contributing, LOCKS),
    (
        one_share_is_given_by_eight,
        {
            "  PERFORM ledger_lock_pair(lot.wallet_id, p_pool, p_at);\n": "",
            "  IF NOT fresh THEN\n    RETURN;\n  END IF;\n  SELECT least(p_amount": "  SELECT least(p_amount",
        },
    ),
    (
        all_verbs_meet,
        {
            "    PERFORM ledger_lock_all(ARRAY[p_wallet, p_other]);\n": "",
            "    PERFORM ledger_lock_all(ARRAY[lot.wallet_id]);\n": "",
        },
    ),
]


@pytest.mark.parametrize("race", [race for race, _ in RACES], ids=lambda race: race.__name__)
def test_the_race_holds(race, unit):
    race(unit)


@pytest.mark.slow
@pytest.mark.parametrize(("race", "protection"), RACES, ids=lambda value: getattr(value, "__name__", "without"))
def test_the_race_is_lost_without_its_protection(race, protection, unit, breaking):
    assert_lost(partial(race, unit), protection)
