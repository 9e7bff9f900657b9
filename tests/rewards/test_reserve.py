"""A reward is reserved at a till: points held, a piece of stock taken, nothing spent."""

from datetime import timedelta

import pytest

from events.models import OutboxEvent
from ledger import queries as ledger
from members import visits
from members.errors import MemberBlocked, VisitClosed
from members.models import Member
from rewards.errors import (
    AnotherWaiting,
    CardNotShown,
    KeyReused,
    NotEnough,
    NotOffered,
    NumberTriesUsedUp,
    OutOfStock,
    WrongNumber,
)
from rewards.models import Redemption, Reward
from rewards.services import cancel, confirm_by_number, reserve
from tests.counter.people import NOON, a_member, a_programme, a_reward, a_till, ask_for, balance, scan, somebody


def assert_nothing_happened(member, coffee, points=700, stock=5):
    coffee.refresh_from_db()
    (account,) = ledger.balances_of(member.wallet_id, at=NOON)
    assert (account.spendable, account.reserved) == (points, 0)
    assert coffee.stock == stock
    assert not Redemption.objects.exists()
    assert not OutboxEvent.objects.filter(type__startswith="reward.").exists()


def test_a_reservation_holds_the_points_and_a_piece_for_five_minutes(ada, till, coffee):
    redemption = ask_for(ada, till)

    coffee.refresh_from_db()
    (account,) = ledger.balances_of(ada.wallet_id, at=NOON)
    assert (account.spendable, account.reserved) == (400, 300)
    assert coffee.stock == 4
    assert redemption.state == Redemption.State.RESERVED
    assert redemption.expires_at == NOON + timedelta(minutes=5)
    assert OutboxEvent.objects.get(type="reward.reserved").payload == {
        "redemption": redemption.pk,
        "member": ada.number,
        "reward": "coffee",
        "price": "300",
        "unit": "points",
        "shop": "market-square",
    }


def test_asking_twice_with_the_same_key_reserves_once(ada, till, coffee):
    first = ask_for(ada, till)

    again = ask_for(ada, till)

    coffee.refresh_from_db()
    assert again == first
    assert balance(ada) == 400
    assert coffee.stock == 4


def test_asking_again_after_the_visit_still_gets_the_first_answer(ada, till, coffee):
    visit = scan(ada, till)
    first = ask_for(ada, till)
    cancel(redemption_id=first.pk, till=till, at=NOON)

    again = reserve(visit_id=visit.pk, reward_key="coffee", till=till, key="press 1", at=NOON + timedelta(hours=1))

    assert again == first
    assert again.state == Redemption.State.VOIDED


def test_the_same_key_for_another_reward_is_refused(ada, till, coffee, bakery):
    a_reward(bakery, "cake", price=100)
    ask_for(ada, till)

    with pytest.raises(KeyReused):
        ask_for(ada, till, "cake")

    assert Redemption.objects.count() == 1
    assert balance(ada) == 400


def test_the_same_key_at_another_till_is_another_key(bakery, shop, ada, till, coffee):
    first = ask_for(ada, till)
    grace = a_member(bakery, "Grace Hopper", points=300)

    second = ask_for(grace, a_till(shop, somebody("Ben", shop), "Till 2"))

    assert second != first


@pytest.mark.parametrize(
    ("_case", "change", "refusal"),
    [
        ("a point short", {"price": 701}, NotEnough),
        ("sold out", {"stock": 0}, OutOfStock),
        ("no longer offered", {"is_offered": False}, NotOffered),
        ("renamed", {"key": "tea"}, NotOffered),
    ],
)
def test_a_refusal_changes_nothing(_case, change, refusal, ada, till, coffee):
    Reward.objects.filter(pk=coffee.pk).update(**change)

    with pytest.raises(refusal):
        ask_for(ada, till)

    assert_nothing_happened(ada, coffee, stock=change.get("stock", 5))


def test_a_refusal_says_what_is_missing(ada, till, coffee):
    Reward.objects.update(price=701)

    with pytest.raises(NotEnough) as refusal:
        ask_for(ada, till)

    assert refusal.value.facts == {"required": 701, "spendable": 700}


def test_a_reward_of_another_programme_is_not_offered(ada, till, coffee):
    a_reward(a_programme("bookshop"), "novel")

    with pytest.raises(NotOffered):
        ask_for(ada, till, "novel")

    assert_nothing_happened(ada, coffee)


def test_a_typed_number_is_not_enough_to_spend(ada, till, coffee):
    visit = visits.open_visit_by_number(number=ada.number, till=till, nonce="typed", at=NOON)

    with pytest.raises(CardNotShown):
        reserve(visit_id=visit.pk, reward_key="coffee", till=till, key="k", at=NOON)

    assert_nothing_happened(ada, coffee)


def test_after_the_visit_nothing_can_be_reserved(ada, till, coffee):
    visit = scan(ada, till)

    with pytest.raises(VisitClosed):
        reserve(visit_id=visit.pk, reward_key="coffee", till=till, key="k", at=NOON + timedelta(minutes=5))

    assert_nothing_happened(ada, coffee)


def test_another_till_can_not_use_the_visit(ada, till, shop, coffee):
    visit = scan(ada, till)
    other = a_till(shop, somebody("Ben", shop), "Till 2")

    with pytest.raises(VisitClosed):
        reserve(visit_id=visit.pk, reward_key="coffee", till=other, key="k", at=NOON)

    assert_nothing_happened(ada, coffee)


def test_a_member_blocked_during_the_visit_can_not_spend(ada, till, coffee):
    visit = scan(ada, till)
    Member.objects.filter(pk=ada.pk).update(status=Member.Status.BLOCKED)

    with pytest.raises(MemberBlocked):
        reserve(visit_id=visit.pk, reward_key="coffee", till=till, key="k", at=NOON)

    assert_nothing_happened(ada, coffee)


def test_a_member_is_asked_one_question_at_a_time(ada, till, coffee):
    first = ask_for(ada, till)

    with pytest.raises(AnotherWaiting) as refusal:
        ask_for(ada, till, key="press 2")

    coffee.refresh_from_db()
    assert refusal.value.facts == {"redemption": first.pk}
    assert balance(ada) == 400
    assert coffee.stock == 4


def test_a_question_whose_time_is_over_makes_way_for_the_next(ada, till, coffee):
    first = ask_for(ada, till)
    later = NOON + timedelta(minutes=5)

    second = ask_for(ada, till, at=later, key="press 2", nonce="scan 2")

    first.refresh_from_db()
    coffee.refresh_from_db()
    assert (first.state, first.closed_at) == (Redemption.State.EXPIRED, first.expires_at)
    assert second.state == Redemption.State.RESERVED
    assert balance(ada, later) == 400
    assert coffee.stock == 4


def test_the_last_piece_kept_by_a_lapsed_reservation_goes_to_the_next_customer(bakery, ada, till):
    coffee = a_reward(bakery, stock=1)
    ask_for(ada, till)
    grace = a_member(bakery, "Grace Hopper", points=300)

    with pytest.raises(OutOfStock):
        ask_for(grace, till, at=NOON + timedelta(minutes=4, seconds=59), key="press 2", nonce="scan 2")
    taken = ask_for(grace, till, at=NOON + timedelta(minutes=5), key="press 3", nonce="scan 3")

    coffee.refresh_from_db()
    assert taken.state == Redemption.State.RESERVED
    assert coffee.stock == 0


def test_a_reward_without_a_limit_is_not_counted(bakery, ada, till):
    hug = a_reward(bakery, "hug", stock=None)

    redemption = ask_for(ada, till, "hug")
    cancel(redemption_id=redemption.pk, till=till, at=NOON)

    hug.refresh_from_db()
    assert not redemption.took_stock
    assert hug.stock is None


def test_a_limit_set_while_a_reservation_waits_is_not_raised_by_giving_it_back(bakery, ada, till):
    hug = a_reward(bakery, "hug", stock=None)
    redemption = ask_for(ada, till, "hug")
    Reward.objects.filter(pk=hug.pk).update(stock=3)

    cancel(redemption_id=redemption.pk, till=till, at=NOON)

    hug.refresh_from_db()
    assert hug.stock == 3


def test_a_till_can_not_try_numbers_by_asking_again_and_again(ada, till, coffee):
    first = ask_for(ada, till)
    for _ in range(5):
        with pytest.raises(WrongNumber):
            confirm_by_number(redemption_id=first.pk, number="no digits", till=till, at=NOON)
    cancel(redemption_id=first.pk, till=till, at=NOON)

    with pytest.raises(NumberTriesUsedUp):
        ask_for(ada, till, key="press 2")

    assert Redemption.objects.get() == first
