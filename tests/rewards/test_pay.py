"""A part of the bill for points: asked at a till, spent by nobody but the customer."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from campaigns.queries import explanations
from events.models import OutboxEvent
from ledger.models import Posting
from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment
from members import visits
from rewards.errors import (
    AnotherWaiting,
    CardNotShown,
    KeyReused,
    NotEnough,
    PaymentNotOffered,
    RedemptionClosed,
    WrongNumber,
)
from rewards.models import Redemption
from rewards.services import Bill, confirm, confirm_by_number, decline, give_back_lapsed, reserve_payment, undo
from tests.counter.people import NOON, a_programme, ask_for, balance, number_shown_to, scan

SECOND = timedelta(seconds=1)


@pytest.fixture
def unit(bakery):
    """Ten points are one euro; at least 50 points, in steps of 10."""
    unit = unit_of(bakery.pk, "points")
    accept_as_payment(unit=unit, terms=Terms(10, 100, minimum=50, step=10))
    return unit


@pytest.fixture
def visit(ada, till, unit):
    return scan(ada, till)


@pytest.fixture
def pay(visit, till, unit):
    """Ask for points of a bill of 25.00."""

    def ask(points=200, *, total=2500, key="press 1", at=NOON):
        bill = Bill(total=total, unit_id=unit.pk, points=points)
        return reserve_payment(visit_id=visit.pk, bill=bill, till=till, key=key, at=at)

    return ask


def test_the_points_are_kept_and_nothing_is_spent(pay, ada):
    asked = pay()

    assert (asked.state, asked.price, asked.value, asked.reward) == ("RESERVED", 200, 2000, None)
    assert balance(ada) == 500
    assert not Posting.objects.filter(kind="BURN").exists()


def test_the_customers_yes_spends_them(pay, ada, bakery):
    paid = confirm(redemption_id=pay().pk, member=ada, at=NOON + SECOND)

    assert (paid.state, paid.confirmed_by) == ("REDEEMED", "COCKPIT")
    assert balance(ada) == 500
    spending = Posting.objects.get(kind="BURN")
    assert explanations([spending.pk], programme=bakery)[spending.pk].sentence == (
        f"Paid a part of the bill at {paid.shop.name}."
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_the_number_they_read_out_is_a_yes_and_a_wrong_one_is_none(pay, ada, till):
    asked = pay()
    number = number_shown_to(ada)
    wrong = "000000" if number != "000000" else "111111"

    with pytest.raises(WrongNumber):
        confirm_by_number(redemption_id=asked.pk, number=wrong, till=till, at=NOON)
    assert not Posting.objects.filter(kind="BURN").exists()
    paid = confirm_by_number(redemption_id=asked.pk, number=number, till=till, at=NOON)

    assert (paid.state, paid.confirmed_by) == ("REDEEMED", "NUMBER")


def test_no_yes_no_payment(pay, ada):
    decline(redemption_id=pay().pk, member=ada, at=NOON + SECOND)

    assert balance(ada) == 700
    with pytest.raises(RedemptionClosed):
        confirm(redemption_id=Redemption.objects.get().pk, member=ada, at=NOON + 2 * SECOND)
    assert not Posting.objects.filter(kind="BURN").exists()


def test_a_question_nobody_answers_is_over_by_itself(pay, ada):
    pay()
    over = NOON + timedelta(minutes=5)

    assert balance(ada, over) == 700
    assert give_back_lapsed(at=over) == 1
    assert Redemption.objects.get().state == "EXPIRED"


def test_a_payment_is_undone_like_a_reward(pay, ada, till, bakery):
    paid = confirm(redemption_id=pay().pk, member=ada, at=NOON + SECOND)

    undone = undo(redemption_id=paid.pk, by=till.staff, at=NOON + timedelta(minutes=3))

    assert undone.state == "REFUNDED"
    assert balance(ada, NOON + timedelta(minutes=3)) == 700
    back = Posting.objects.get(kind="REVERSE")
    assert explanations([back.pk], programme=bakery)[back.pk].sentence == (
        f"Given back because the payment at {paid.shop.name} was undone."
    )


def test_pressing_twice_asks_once(pay):
    assert pay().pk == pay().pk
    assert Redemption.objects.count() == 1


@pytest.mark.parametrize(
    ("points", "total", "reason"),
    [
        (40, 2500, "below_minimum"),
        (205, 2500, "off_step"),
        (260, 2500, "above_maximum"),
        (50, 499, "above_maximum"),
    ],
)
def test_a_bill_takes_what_the_terms_allow_and_no_more(points, total, reason, pay, ada):
    with pytest.raises(PaymentNotOffered) as refusal:
        pay(points, total=total)

    assert refusal.value.facts == {"reason": reason}
    assert (Redemption.objects.count(), balance(ada)) == (0, 700)


def test_a_unit_that_does_not_pay_pays_no_bill(pay, unit, ada):
    accept_as_payment(unit=unit, terms=Terms(10, 100), is_accepted=False)

    with pytest.raises(PaymentNotOffered) as refusal:
        pay()

    assert refusal.value.facts == {"reason": "not_a_means_of_payment"}
    assert balance(ada) == 700


def test_more_than_there_is_is_refused(pay, ada):
    with pytest.raises(NotEnough) as refusal:
        pay(710, total=100_000)

    assert refusal.value.facts == {"required": 710, "spendable": 700}
    assert (Redemption.objects.count(), balance(ada)) == (0, 700)


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_who_did_not_show_the_card_pays_nothing(ada, till, unit):
    visit = visits.open_visit_by_number(number=ada.number, till=till, nonce="n", at=NOON)
    bill = Bill(total=2500, unit_id=unit.pk, points=200)

    with pytest.raises(CardNotShown):
        reserve_payment(visit_id=visit.pk, bill=bill, till=till, key="k", at=NOON)

    assert balance(ada) == 700


def test_one_question_at_a_time(pay, ada, till, coffee):
    ask_for(ada, till, nonce="scan 1", key="press 0")

    with pytest.raises(AnotherWaiting), transaction.atomic():
        pay()

    assert Redemption.objects.count() == 1


def test_a_key_stands_for_one_bill(pay, ada):
    pay()

    with pytest.raises(KeyReused), transaction.atomic():
        pay(210)

    assert (Redemption.objects.count(), balance(ada)) == (1, 500)


def test_another_programmes_unit_pays_nothing_here(visit, till):
    foreign = unit_of(a_programme("florist").pk, "points")
    accept_as_payment(unit=foreign, terms=Terms(10, 100))
    bill = Bill(total=2500, unit_id=foreign.pk, points=100)

    with pytest.raises(PaymentNotOffered):
        reserve_payment(visit_id=visit.pk, bill=bill, till=till, key="k", at=NOON)

    assert not Redemption.objects.exists()


@pytest.mark.parametrize("change", [{"value": None}, {"unit": None}, {"value": 0}, {"took_stock": True}])
def test_the_database_refuses_what_is_neither_a_reward_nor_a_part_of_a_bill(change, pay):
    asked = pay()

    with pytest.raises(IntegrityError), transaction.atomic():
        Redemption.objects.filter(pk=asked.pk).update(**change)

    assert Redemption.objects.get().value == 2000


def test_what_happened_is_told(pay, ada, till):
    paid = confirm(redemption_id=pay().pk, member=ada, at=NOON + SECOND)
    undo(redemption_id=paid.pk, by=till.staff, at=NOON + 2 * SECOND)

    told = OutboxEvent.objects.filter(type__startswith="bill.").order_by("pk")

    assert [event.type for event in told] == ["bill.reserved", "bill.settled", "bill.refunded"]
    assert told[1].payload == {
        "redemption": paid.pk,
        "member": ada.number,
        "value": "20.00",
        "price": "200",
        "unit": "points",
        "shop": paid.shop.code,
    }
