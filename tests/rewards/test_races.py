"""
Sixty-four at once, each on a real connection.

Every test compares what was acknowledged with the rows and the stock: a test that reads the counter alone passes while
it lies. Each was seen red with its protection removed: the condition on stock, state or tries, the wallet's lock, the
order of locks.
"""

from collections import Counter
from datetime import timedelta

import pytest

from events.models import OutboxEvent
from ledger import queries as ledger
from ledger.verification import verify
from rewards.errors import AnotherWaiting, NumberTriesUsedUp, OutOfStock, RedemptionClosed, WrongNumber
from rewards.models import Redemption
from rewards.services import cancel, confirm, confirm_by_number, decline, give_back_lapsed, reserve, undo
from tests.counter.people import NOON, a_member, a_reward, ask_for, balance, number_shown_to, scan
from tests.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

CROWD = 64
LATER = NOON + timedelta(minutes=1)
State = Redemption.State


@pytest.fixture
def customers(bakery, till):
    """Sixty-four members who can pay for one coffee each, and their visits."""
    members = [a_member(bakery, f"Customer {number}", points=300) for number in range(CROWD)]
    return [(member, scan(member, till, nonce=f"scan {member.pk}")) for member in members]


def kinds(answers):
    return Counter(type(answer).__name__ for answer in answers)


def books_are_right():
    return list(verify(tell=lambda _: None)) == []


def held_and_spendable(members):
    accounts = [ledger.balances_of(member.wallet_id, at=LATER)[0] for member in members]
    return sum(account.reserved for account in accounts), sum(account.spendable for account in accounts)


def test_the_last_coffee_goes_to_one_of_sixty_four(bakery, customers, till):
    coffee = a_reward(bakery, stock=1)

    def redeem(number):
        member, visit = customers[number]
        redemption = reserve(visit_id=visit.pk, reward_key="coffee", till=till, key=f"{number}", at=NOON)
        return confirm(redemption_id=redemption.pk, member=member, at=LATER)

    answers = at_once(CROWD, redeem)

    coffee.refresh_from_db()
    assert kinds(answers) == {"Redemption": 1, OutOfStock.__name__: 63}
    assert list(Redemption.objects.values_list("state", flat=True)) == ["REDEEMED"]
    assert coffee.stock == 0
    assert held_and_spendable(member for member, _ in customers) == (0, 63 * 300)
    assert OutboxEvent.objects.filter(type="reward.redeemed").count() == 1


def test_coffees_given_back_are_sold_again_and_none_is_lost_or_made(bakery, customers, till):
    coffee = a_reward(bakery, stock=8)

    def visit_the_bakery(number):
        member, visit = customers[number]
        redemption = reserve(visit_id=visit.pk, reward_key="coffee", till=till, key=f"{number}", at=NOON)
        if number % 3 == 0:
            return cancel(redemption_id=redemption.pk, till=till, at=LATER)
        if number % 3 == 1:
            return decline(redemption_id=redemption.pk, member=member, at=LATER)
        return confirm(redemption_id=redemption.pk, member=member, at=LATER)

    answers = at_once(CROWD, visit_the_bakery)

    coffee.refresh_from_db()
    acknowledged = Counter(answer.state for answer in answers if isinstance(answer, Redemption))
    written = Counter(Redemption.objects.values_list("state", flat=True))
    assert acknowledged == written
    assert [coffee.stock] == [8 - written["REDEEMED"]]
    assert held_and_spendable(member for member, _ in customers) == (0, (CROWD - written["REDEEMED"]) * 300)
    assert books_are_right()


def test_a_coffee_kept_by_a_lapsed_reservation_is_sold_once_with_the_sweep_running(bakery, customers, till):
    coffee = a_reward(bakery, stock=2)
    for member, visit in customers[:2]:
        reserve(visit_id=visit.pk, reward_key="coffee", till=till, key=f"first {member.pk}", at=NOON)
    now = NOON + timedelta(minutes=5)

    def come_later(number):
        member, _ = customers[number]
        if number < 2:
            return give_back_lapsed(at=now)
        return ask_for(member, till, at=now, key=f"{number}", nonce=f"later {number}")

    answers = at_once(CROWD, come_later)

    coffee.refresh_from_db()
    assert kinds(answers[2:]) == {"Redemption": 2, OutOfStock.__name__: 60}
    assert Counter(Redemption.objects.values_list("state", flat=True)) == {"EXPIRED": 2, "RESERVED": 2}
    assert coffee.stock == 0


def test_two_rewards_kept_by_lapsed_reservations_and_wanted_crosswise_are_all_sold(bakery, customers, till):
    first, second = a_reward(bakery, "cake"), a_reward(bakery, "coffee")
    wanted = ["cake", "coffee"]
    for number, (_, visit) in enumerate(customers[:5] + customers[32:37]):
        reserve(visit_id=visit.pk, reward_key=wanted[number // 5], till=till, key=f"first {number}", at=NOON)
    now = NOON + timedelta(minutes=5)

    def want_the_other(number):
        member, _ = customers[number]
        return ask_for(member, till, wanted[number < 32], at=now, key=f"{number}", nonce=f"later {number}")

    answers = at_once(CROWD, want_the_other)

    first.refresh_from_db()
    second.refresh_from_db()
    assert kinds(answers) == {"Redemption": 10, OutOfStock.__name__: 54}
    assert (first.stock, second.stock) == (0, 0)


def test_one_finger_pressing_sixty_four_times_reserves_once(ada, till, coffee):
    visit = scan(ada, till)

    answers = at_once(CROWD, lambda _: reserve(visit_id=visit.pk, reward_key="coffee", till=till, key="press", at=NOON))

    coffee.refresh_from_db()
    assert len({answer.pk for answer in answers}) == 1
    assert coffee.stock == 4
    assert balance(ada) == 400
    assert OutboxEvent.objects.filter(type="reward.reserved").count() == 1


def test_sixty_four_questions_to_one_member_become_one(bakery, till, coffee):
    rich = a_member(bakery, "Rich Example", points=300 * CROWD)
    visit = scan(rich, till)

    answers = at_once(
        CROWD, lambda number: reserve(visit_id=visit.pk, reward_key="coffee", till=till, key=f"{number}", at=NOON)
    )

    coffee.refresh_from_db()
    assert kinds(answers) == {"Redemption": 1, AnotherWaiting.__name__: 63}
    assert coffee.stock == 4
    assert held_and_spendable([rich]) == (300, 300 * 63)


def test_sixty_four_confirmations_capture_once(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)

    def say_yes(press):
        if press % 2:
            return confirm(redemption_id=redemption.pk, member=ada, at=LATER)
        return confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=LATER)

    answers = at_once(CROWD, say_yes)

    # More than five hold the right number at once, so some of those tries are not looked at.
    assert set(kinds(answers)) <= {"Redemption", NumberTriesUsedUp.__name__}
    assert {answer.state for answer in answers if isinstance(answer, Redemption)} == {State.REDEEMED}
    assert [posting.kind for posting in ledger.postings([ada.programme_id])] == ["BURN", "ACCRUE"]
    assert balance(ada, LATER) == 400
    assert OutboxEvent.objects.filter(type="reward.redeemed").count() == 1


def test_yes_and_no_and_the_sweep_at_once_have_one_outcome(ada, till, coffee):
    redemption = ask_for(ada, till)
    voices = [
        lambda: confirm(redemption_id=redemption.pk, member=ada, at=LATER),
        lambda: cancel(redemption_id=redemption.pk, till=till, at=LATER),
        lambda: decline(redemption_id=redemption.pk, member=ada, at=LATER),
        # A worker whose clock is ahead.
        lambda: give_back_lapsed(at=NOON + timedelta(minutes=5)),
    ]

    answers = at_once(CROWD, lambda number: voices[number % 4]())

    redemption.refresh_from_db()
    coffee.refresh_from_db()
    was_redeemed = redemption.state == State.REDEEMED
    acknowledged = {answer.state for answer in answers if isinstance(answer, Redemption)}
    assert acknowledged <= {redemption.state}
    assert (coffee.stock, balance(ada, NOON + timedelta(minutes=5))) == ((4, 400) if was_redeemed else (5, 700))
    assert OutboxEvent.objects.filter(type__in=["reward.redeemed", "reward.released"]).count() == 1


@pytest.mark.parametrize("end", ["cancel", "decline", "lapse", "undo"])
def test_sixty_four_give_backs_give_back_once(end, ada, till, coffee, eva):
    redemption = ask_for(ada, till)
    after = NOON + timedelta(minutes=5)
    if end == "undo":
        confirm(redemption_id=redemption.pk, member=ada, at=LATER)
    ends = {
        "cancel": lambda: cancel(redemption_id=redemption.pk, till=till, at=LATER),
        "decline": lambda: decline(redemption_id=redemption.pk, member=ada, at=LATER),
        "lapse": lambda: give_back_lapsed(at=after),
        "undo": lambda: undo(redemption_id=redemption.pk, by=eva, at=after),
    }

    at_once(CROWD, lambda _: ends[end]())

    coffee.refresh_from_db()
    assert coffee.stock == 5
    assert balance(ada, after) == 700
    assert OutboxEvent.objects.filter(type__in=["reward.released", "reward.refunded"]).count() == 1
    assert books_are_right()


def test_no_more_than_five_of_sixty_four_numbers_are_looked_at(ada, till, coffee):
    redemption = ask_for(ada, till)
    right = int(number_shown_to(ada))

    def guess(number):
        wrong = str((right + 1 + number) % 10**6).zfill(6)
        return confirm_by_number(redemption_id=redemption.pk, number=wrong, till=till, at=LATER)

    answers = at_once(CROWD, guess)

    redemption.refresh_from_db()
    assert kinds(answers) == {WrongNumber.__name__: 5, NumberTriesUsedUp.__name__: 59}
    assert {answer.facts["tries_left"] for answer in answers if isinstance(answer, WrongNumber)} == {0, 1, 2, 3, 4}
    assert (redemption.state, redemption.wrong_numbers) == ("RESERVED", 5)


def test_a_redemption_closed_while_it_is_confirmed_is_refused(ada, till, coffee):
    redemption = ask_for(ada, till)
    give_back_lapsed(at=NOON + timedelta(minutes=5))

    with pytest.raises(RedemptionClosed):
        confirm(redemption_id=redemption.pk, member=ada, at=LATER)

    coffee.refresh_from_db()
    assert coffee.stock == 5
    assert balance(ada, LATER) == 400  # the hold itself is free at its own time, as no clock was wrong there
    assert balance(ada, NOON + timedelta(minutes=5)) == 700
