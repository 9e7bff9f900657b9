"""The customer's yes, on their own screen or by a number they read out, and nobody else's."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from events.models import OutboxEvent
from ledger import queries as ledger
from rewards.errors import NumberTriesUsedUp, RedemptionClosed, RedemptionUnknown, WrongNumber
from rewards.models import Redemption
from rewards.services import cancel, confirm, confirm_by_number
from tests.counter.people import NOON, a_member, a_till, ask_for, balance, number_shown_to, somebody

LATER = NOON + timedelta(minutes=1)


def wrong_number(member):
    return str((int(number_shown_to(member)) + 1) % 10**6).zfill(6)


def test_yes_on_the_own_screen_spends_the_points(ada, till, coffee):
    redemption = ask_for(ada, till)

    confirmed = confirm(redemption_id=redemption.pk, member=ada, at=LATER)

    (account,) = ledger.balances_of(ada.wallet_id, at=LATER)
    posting = ledger.postings([ada.programme_id])[0]
    coffee.refresh_from_db()
    assert (confirmed.state, confirmed.redeemed_at, confirmed.confirmed_by) == ("REDEEMED", LATER, "COCKPIT")
    assert (confirmed.burn, posting.kind, posting.actor) == (posting, "BURN", f"member:{ada.number}")
    assert (account.spendable, account.reserved) == (400, 0)
    assert coffee.stock == 4
    assert OutboxEvent.objects.get(type="reward.redeemed").payload["redemption"] == redemption.pk


def test_yes_by_the_number_read_out_spends_the_points(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)

    confirmed = confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=LATER)

    assert (confirmed.state, confirmed.confirmed_by, confirmed.wrong_numbers) == ("REDEEMED", "NUMBER", 0)
    assert balance(ada, LATER) == 400


def test_a_number_may_be_typed_with_a_gap(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)

    confirmed = confirm_by_number(
        redemption_id=redemption.pk, number=f" {number[:3]} {number[3:]}", till=till, at=LATER
    )

    assert confirmed.state == Redemption.State.REDEEMED


def test_saying_yes_twice_spends_once(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)
    first = confirm(redemption_id=redemption.pk, member=ada, at=LATER)

    again = confirm(redemption_id=redemption.pk, member=ada, at=LATER + timedelta(seconds=1))
    by_number = confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=LATER)

    assert again.redeemed_at == by_number.redeemed_at == first.redeemed_at == LATER
    assert balance(ada, LATER) == 400
    assert OutboxEvent.objects.filter(type="reward.redeemed").count() == 1


def test_another_member_can_not_say_yes(bakery, ada, till, coffee):
    redemption = ask_for(ada, till)

    with pytest.raises(RedemptionUnknown):
        confirm(redemption_id=redemption.pk, member=a_member(bakery, "Mallory Example"), at=LATER)

    redemption.refresh_from_db()
    assert redemption.state == Redemption.State.RESERVED


def test_another_till_can_not_type_the_number(ada, till, shop, coffee):
    redemption = ask_for(ada, till)
    other = a_till(shop, somebody("Ben", shop), "Till 2")

    with pytest.raises(RedemptionUnknown):
        confirm_by_number(redemption_id=redemption.pk, number=number_shown_to(ada), till=other, at=LATER)

    redemption.refresh_from_db()
    assert (redemption.state, redemption.wrong_numbers) == ("RESERVED", 0)


def test_a_no_can_not_be_turned_into_a_yes(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)
    cancel(redemption_id=redemption.pk, till=till, at=NOON)

    with pytest.raises(RedemptionClosed) as refusal:
        confirm(redemption_id=redemption.pk, member=ada, at=LATER)
    with pytest.raises(RedemptionClosed):
        confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=LATER)

    assert refusal.value.facts["state"] == "VOIDED"
    assert balance(ada, LATER) == 700


def test_after_five_minutes_nobody_can_say_yes(ada, till, coffee):
    redemption = ask_for(ada, till)
    number = number_shown_to(ada)
    too_late = NOON + timedelta(minutes=5)

    with pytest.raises(RedemptionClosed) as refusal:
        confirm(redemption_id=redemption.pk, member=ada, at=too_late)
    with pytest.raises(RedemptionClosed):
        confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=too_late)

    redemption.refresh_from_db()
    assert refusal.value.facts["state"] == "EXPIRED"
    assert redemption.wrong_numbers == 0
    assert balance(ada, too_late) == 700


def test_a_wrong_number_says_how_many_tries_are_left(ada, till, coffee):
    redemption = ask_for(ada, till)

    with pytest.raises(WrongNumber) as refusal:
        confirm_by_number(redemption_id=redemption.pk, number=wrong_number(ada), till=till, at=LATER)

    redemption.refresh_from_db()
    assert refusal.value.facts == {"tries_left": 4}
    assert (redemption.state, redemption.wrong_numbers) == ("RESERVED", 1)


def test_after_five_wrong_numbers_the_right_one_is_not_looked_at_and_the_own_screen_still_works(ada, till, coffee):
    redemption = ask_for(ada, till)
    for _ in range(5):
        with pytest.raises(WrongNumber):
            confirm_by_number(redemption_id=redemption.pk, number=wrong_number(ada), till=till, at=LATER)

    with pytest.raises(NumberTriesUsedUp):
        confirm_by_number(redemption_id=redemption.pk, number=number_shown_to(ada), till=till, at=LATER)

    assert balance(ada, LATER) == 400
    assert confirm(redemption_id=redemption.pk, member=ada, at=LATER).confirmed_by == "COCKPIT"


def test_the_fifth_try_may_be_the_right_one(ada, till, coffee):
    redemption = ask_for(ada, till)
    for _ in range(4):
        with pytest.raises(WrongNumber):
            confirm_by_number(redemption_id=redemption.pk, number=wrong_number(ada), till=till, at=LATER)

    confirmed = confirm_by_number(redemption_id=redemption.pk, number=number_shown_to(ada), till=till, at=LATER)

    assert (confirmed.state, confirmed.wrong_numbers) == ("REDEEMED", 4)


def test_each_redemption_has_a_number_of_its_own_and_the_secret_decides_it(ada, till, coffee, settings):
    first = ask_for(ada, till)
    shown_first = number_shown_to(ada)
    cancel(redemption_id=first.pk, till=till, at=NOON)
    ask_for(ada, till, key="press 2")
    shown_second = number_shown_to(ada)

    settings.TOKEN_KEY = "another secret, which is at least fifty characters long"

    assert len({shown_first, shown_second, number_shown_to(ada)}) == 3
    assert all(len(number) == 6 and number.isdigit() for number in (shown_first, shown_second))


@pytest.mark.parametrize(
    ("constraint", "change"),
    [
        ("redemption_needs_the_customers_yes", {"state": "REDEEMED", "redeemed_at": LATER}),
        ("redemption_step", {"state": "REFUNDED", "redeemed_at": LATER, "closed_at": LATER}),
        ("redemption_step", {"price": 1}),
        ("redemption_step", {"took_stock": False}),
        ("redemption_number_is_tried_five_times", {"wrong_numbers": 6}),
    ],
)
def test_the_database_refuses_what_no_service_does(constraint, change, ada, till, coffee):
    redemption = ask_for(ada, till)

    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Redemption.objects.filter(pk=redemption.pk).update(**change)


def test_the_database_keeps_the_yes_of_a_redeemed_one(ada, till, coffee):
    redemption = ask_for(ada, till)
    confirm(redemption_id=redemption.pk, member=ada, at=LATER)

    with pytest.raises(IntegrityError, match="redemption_step"), transaction.atomic():
        Redemption.objects.filter(pk=redemption.pk).update(state="REFUNDED", burn=None)
