"""
Transfers by many at once, on real connections. What protects a race is also taken away in the long campaign, and then
it must be lost.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pytest

from kernel.errors import DomainError
from ledger.errors import InsufficientPoints, TransferLimitReached
from ledger.models import Transfer, Unit
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import Figures
from tests.ledger.planting import WALLET_LOCK, assert_lost
from tests.ledger.sending import accept, decline, may_be_sent, offer, send, withdraw

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def names(answers: Sequence[object]) -> Counter[str]:
    """How often each refusal was the answer, and how often there was none."""
    return Counter(type(answer).__name__ if isinstance(answer, DomainError) else "done" for answer in answers)


def twenty_send_all_points(unit: Unit) -> None:
    """PC-214."""
    may_be_sent(unit)
    anna, others = books.a_wallet(unit, 100), [books.a_wallet(unit) for _ in range(20)]

    answers = at_once(20, lambda number: send(anna, others[number], 100))

    assert names(answers) == {"done": 1, "InsufficientPoints": 19}
    assert sorted(wallet.figures().spendable for wallet in others) == [0] * 19 + [100]
    assert books.totals(unit) == {"ISSUANCE": -100, "MEMBER": 100}


def sixty_four_come_up_to_a_limit(unit: Unit, *, of_the_receiver: bool, through: int, **limit: int) -> None:
    may_be_sent(unit, needs_acceptance=True, **limit)
    many, one = [books.a_wallet(unit, 1000) for _ in range(8)], books.a_wallet(unit, 1000)

    def try_one(number: int) -> Any:
        giver, receiver = (many[number % 8], one) if of_the_receiver else (one, many[number % 8])
        return send(giver, receiver, 10)

    answers = at_once(64, try_one)

    assert sum(isinstance(answer, TransferLimitReached) for answer in answers) == 64 - through
    assert Transfer.objects.filter(unit=unit).count() == through


def many_send_up_to_the_month(unit: Unit) -> None:
    sixty_four_come_up_to_a_limit(unit, of_the_receiver=False, sent_monthly=55, through=5)


def many_send_up_to_the_day(unit: Unit) -> None:
    sixty_four_come_up_to_a_limit(unit, of_the_receiver=False, made_daily=7, through=7)


def many_send_to_one_up_to_the_month(unit: Unit) -> None:
    sixty_four_come_up_to_a_limit(unit, of_the_receiver=True, received_monthly=55, through=5)


def many_repeat_one_request(unit: Unit) -> None:
    may_be_sent(unit)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)

    answers = at_once(8, lambda _number: send(anna, ben, 10, ref="1"))

    assert names(answers) == {"done": 8}
    assert sum(answer.fresh for answer in answers) == 1
    assert {answer.transfer.pk for answer in answers} == {Transfer.objects.get(unit=unit).pk}
    assert ben.figures() == Figures(10)


def many_wallets_use_one_reference(unit: Unit) -> None:
    may_be_sent(unit)
    givers, others = [books.a_wallet(unit, 100) for _ in range(8)], [books.a_wallet(unit) for _ in range(8)]

    answers = at_once(8, lambda number: send(givers[number], others[number], 10, ref="1"))

    assert names(answers) == {"done": 1, "ReferenceReused": 7}
    assert sum(wallet.figures().spendable for wallet in others) == 10


def end_at_once(unit: Unit, *ways: Callable[[Transfer], Any]) -> None:
    """Of those who end an offer at the same moment one does."""
    may_be_sent(unit, needs_acceptance=True)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)
    made = [offer(anna, ben, 10) for _ in range(4)]

    answers = at_once(24, lambda number: ways[number % len(ways)](made[number % 4]))

    fresh = [answer.transfer for answer in answers if not isinstance(answer, DomainError) and answer.fresh]
    assert sorted(row.pk for row in fresh) == [row.pk for row in made]
    accepted = sum(row.state == "ACCEPTED" for row in fresh)
    assert (anna.figures(), ben.figures()) == (Figures(100 - 10 * accepted), Figures(10 * accepted))
    assert books.findings() == []


def an_offer_is_accepted_many_times(unit: Unit) -> None:
    end_at_once(unit, accept)


def an_acceptance_meets_a_withdrawal(unit: Unit) -> None:
    # By thirds, so that each offer meets both.
    end_at_once(unit, accept, withdraw, decline)


def an_offer_meets_a_spending(unit: Unit) -> None:
    may_be_sent(unit, needs_acceptance=True)
    anna, ben = books.a_wallet(unit, 100), books.a_wallet(unit)

    answers = at_once(10, lambda number: anna.spend(30) if number % 2 else send(anna, ben, 30))

    assert sum(isinstance(answer, InsufficientPoints) for answer in answers) == 7
    assert anna.figures() == Figures(10, reserved=30 * Transfer.objects.filter(unit=unit).count())


def all_send_to_each_other(unit: Unit) -> None:
    may_be_sent(unit, needs_acceptance=True)
    ring = [books.a_wallet(unit, 1000) for _ in range(4)]

    def turn(number: int) -> None:
        for step in range(6):
            giver, receiver = ring[number % 4], ring[(number + 1 + step % 3) % 4]
            (accept if step % 3 else withdraw)(offer(giver, receiver, 7))

    assert at_once(16, turn) == [None] * 16
    assert sum(wallet.figures().spendable for wallet in ring) == 4000


PAIR = (
    "  PERFORM ledger_lock(least(p_wallet, p_other), p_at);\n"
    "  PERFORM ledger_lock(greatest(p_wallet, p_other), p_at);\n"
)
RECEIVER_LOCK = {PAIR: "  PERFORM ledger_lock(p_wallet, p_at);\n"}
ORDER_OF_LOCKS = {PAIR: "  PERFORM ledger_lock(p_wallet, p_at);\n  PERFORM ledger_lock(p_other, p_at);\n"}
LOOKED_AT_BEHIND_THE_LOCK = {
    "offer.state = 'OFFERED' AND offer.ends_at > p_at AND kept.state = 'HELD'": "offer.ends_at > p_at",
}
ONE_FOR_A_REFERENCE = {"  IF NOT FOUND THEN\n    -- Another pair": "  IF false THEN\n    -- Another pair"}

RACES: list[tuple[Callable[[Unit], None], dict[str, str]]] = [
    (twenty_send_all_points, WALLET_LOCK),
    (many_send_up_to_the_month, WALLET_LOCK),
    (many_send_up_to_the_day, WALLET_LOCK),
    (many_send_to_one_up_to_the_month, RECEIVER_LOCK),
    (many_repeat_one_request, WALLET_LOCK),
    (many_wallets_use_one_reference, ONE_FOR_A_REFERENCE),
    (an_offer_is_accepted_many_times, LOOKED_AT_BEHIND_THE_LOCK),
    (an_acceptance_meets_a_withdrawal, WALLET_LOCK),
    (an_offer_meets_a_spending, WALLET_LOCK),
    (all_send_to_each_other, ORDER_OF_LOCKS),
]


@pytest.mark.parametrize("race", [race for race, _ in RACES], ids=lambda race: race.__name__)
def test_the_race_holds(race, unit):
    race(unit)


@pytest.mark.slow
@pytest.mark.parametrize(("race", "protection"), RACES, ids=lambda value: getattr(value, "__name__", "without"))
def test_the_race_is_lost_without_its_protection(race, protection, unit, breaking):
    assert_lost(partial(race, unit), protection)
