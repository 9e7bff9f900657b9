"""Limits under many connections at once: "first 500" means 500."""

import pytest

from campaigns.definitions import Count, Fixed, Limit, Per
from campaigns.models import Campaign, Counter
from events.models import OutboxEvent
from tests.campaigns.test_counting import counters, giving
from tests.campaigns.trade import a_campaign, a_member, books_are_sound, bring_back, buy, goods, granted, wallet
from tests.crowd import at_once

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def crowd(grocer):
    """Twenty-four members, so that nobody waits for anybody's wallet."""
    return [a_member(grocer, f"m{number}") for number in range(24)]


def all_buy(programme, amount=1000):
    answers = at_once(24, lambda number: buy(programme, amount, reference=str(number), customer=f"m{number}"))
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    return sorted(granted(answer) for answer in answers)


def test_the_first_seven_of_a_crowd_are_seven(grocer, crowd):
    a_campaign(grocer, giving(Fixed(5), Limit(Count.EXECUTIONS, 7)))

    assert all_buy(grocer) == [0] * 17 + [5] * 7
    assert list(counters().values()) == [7]
    assert books_are_sound()


def test_a_budget_is_given_to_the_last_point_and_not_beyond(grocer, crowd):
    a_campaign(grocer, giving(Fixed(30), Limit(Count.UNITS, 100)))

    assert all_buy(grocer) == [0] * 20 + [10, 30, 30, 30]
    assert sum(wallet(person)[0] for person in crowd) == 100
    assert books_are_sound()


def test_a_threshold_that_a_crowd_passes_is_announced_once(grocer, crowd):
    a_campaign(grocer, giving(Fixed(5), Limit(Count.EXECUTIONS, 20)))

    all_buy(grocer)

    told = OutboxEvent.objects.filter(type="limit.reached").values_list("payload__percent", flat=True)
    assert sorted(told) == [50, 80, 95, 100]


def test_orders_of_one_member_at_once_stay_within_their_limit(grocer, ada):
    a_campaign(grocer, giving(Fixed(40), Limit(Count.UNITS, 100, Per.MEMBER, "month")))

    answers = at_once(8, lambda number: buy(grocer, 1000, reference=str(number)))

    assert sorted(granted(answer) for answer in answers) == [0] * 5 + [20, 40, 40]
    assert wallet(ada) == (100, 0)
    assert books_are_sound()


def test_orders_of_one_member_at_once_stay_within_their_balance(grocer, ada):
    a_campaign(grocer, giving(Fixed(40), Limit(Count.BALANCE, 100, Per.MEMBER)))

    answers = at_once(8, lambda number: buy(grocer, 1000, reference=str(number)))

    assert sorted(granted(answer) for answer in answers) == [0] * 5 + [20, 40, 40]
    assert wallet(ada) == (100, 0)
    assert books_are_sound()


def test_a_campaign_that_pauses_itself_is_stopped_once(grocer, crowd):
    a_campaign(grocer, giving(Fixed(30), Limit(Count.UNITS, 100, over="pause")))

    assert sum(all_buy(grocer)) == 100
    assert Campaign.objects.get().stopped_by == "limit"
    assert OutboxEvent.objects.filter(type="campaign.stopped").count() == 1


def test_what_comes_back_while_others_buy_makes_exactly_its_room(grocer, crowd):
    a_campaign(grocer, giving(Fixed(5), Limit(Count.EXECUTIONS, 8)))
    for number in range(8):
        buy(grocer, goods(1000), reference=f"first {number}", customer=f"m{number}")

    def act(number):
        if number < 8:
            return bring_back(grocer, (1, 1), of=f"first {number}", reference=f"R{number}")
        return granted(buy(grocer, 1000, reference=str(number), customer=f"m{number}"))

    answers = at_once(24, act)

    given = sum(1 for answer in answers if answer == 5)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert 0 <= given <= 8
    assert Counter.objects.get().used == given
    assert books_are_sound()
