"""Points spent: which lots pay, what is refused, what a repeat answers."""

import pytest
from django.db import transaction

from ledger.errors import AmountNotPositive, InsufficientPoints, ReferenceReused
from ledger.models import Posting
from ledger.queries import spendable
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures


def test_a_spending_moves_points_to_redemption(unit, wallet_with):
    wallet = wallet_with(300)

    spending = wallet.spend(120, ref="reward 7")

    posting = Posting.objects.get(pk=spending)
    assert (posting.kind, posting.source, posting.reference, posting.occurred_at) == ("BURN", "test", "reward 7", NOON)
    assert books.legs(spending) == {"MEMBER": -120, "REDEMPTION": 120}
    assert books.totals(unit) == {"MEMBER": 180, "ISSUANCE": -300, "REDEMPTION": 120}
    assert wallet.figures() == Figures(180)
    assert spendable(wallet.wallet_id, unit.pk, at=NOON) == 180


def test_lots_pay_soonest_to_expire_first_then_oldest_and_never_expiring_last(wallet):
    for until in (None, NOON + 9 * DAY, NOON + 5 * DAY, NOON + 9 * DAY, None):
        wallet.earn(10, until=until)

    order = []
    for _ in range(10):
        before = wallet.left()
        wallet.spend(5)
        order.append(next(lot for lot, (a, b) in enumerate(zip(before, wallet.left(), strict=True)) if a != b))

    assert order == [2, 2, 1, 1, 3, 3, 0, 0, 4, 4]
    assert wallet.figures() == Figures(0)


def test_one_spending_takes_several_lots_and_writes_down_how_much_of_which(wallet):
    for until in (NOON + 9 * DAY, NOON + 5 * DAY, None):
        wallet.earn(10, until=until)

    spending = wallet.spend(23)

    assert wallet.left() == [0, 0, 7]
    assert books.uses(spending) == [10, 10, 3]


def test_the_last_point_can_be_spent(wallet_with):
    wallet = wallet_with(300)

    wallet.spend(300)

    assert wallet.figures() == Figures(0)


def test_one_point_short_is_refused_and_says_what_there_is(wallet_with):
    wallet = wallet_with(299)

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        wallet.spend(300)

    assert refusal.value.facts == {"required": 300, "spendable": 299}


@pytest.mark.parametrize("amount", [0, -1])
def test_less_than_one_point_is_refused(amount, wallet_with):
    wallet = wallet_with(300)

    with books.unchanged(), pytest.raises(AmountNotPositive) as refusal:
        wallet.spend(amount)

    assert refusal.value.facts == {"amount": amount}


def test_the_same_reference_again_answers_the_first_posting_and_takes_nothing(wallet_with):
    wallet = wallet_with(300)
    first = wallet.spend(120, ref="reward 7")

    with books.unchanged():
        again = wallet.spend(120, ref="reward 7", at=NOON + DAY)

    assert again == first


def test_a_repeat_is_answered_even_when_nothing_is_left(wallet_with):
    wallet = wallet_with(300)
    first = wallet.spend(300, ref="reward 7")

    assert wallet.spend(300, ref="reward 7") == first


@pytest.mark.parametrize("_case", ["amount", "wallet", "unit"])
def test_a_reference_that_stands_for_another_spending_is_refused(_case, programme, wallet_with):
    wallet = wallet_with(300)
    wallet.spend(120, ref="reward 7")
    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(300)
    other, amount = {"amount": (wallet, 121), "wallet": (wallet_with(300), 120), "unit": (credit, 120)}[_case]

    with books.unchanged(), pytest.raises(ReferenceReused) as refusal:
        other.spend(amount, ref="reward 7")

    assert refusal.value.facts == {"reference": "reward 7"}


def test_the_reference_of_a_hold_cannot_be_captured_once_it_was_spent_without_it(wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(100, ref="reward 7")
    wallet.spend(100, ref="reward 7")

    with books.unchanged(), pytest.raises(ReferenceReused), transaction.atomic():
        wallet.capture(hold)


def test_a_lot_is_worthless_from_the_second_it_lapses_though_expiry_has_not_run(wallet_with):
    wallet = wallet_with(300, until=NOON + DAY)

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        wallet.spend(1, at=NOON + DAY)

    assert refusal.value.facts == {"required": 1, "spendable": 0}
    assert wallet.figures(NOON + DAY) == Figures(0)


def test_a_lot_can_be_spent_to_its_last_second(wallet_with):
    wallet = wallet_with(300, until=NOON + DAY)

    wallet.spend(300, at=NOON + DAY - SECOND)

    assert wallet.figures(NOON + DAY - SECOND) == Figures(0)


def test_a_lapsed_lot_is_passed_over_for_one_that_lives(wallet):
    wallet.earn(10, until=NOON + DAY)
    wallet.earn(10, until=NOON + 2 * DAY)

    wallet.spend(10, at=NOON + DAY)

    assert wallet.left() == [10, 0]


def test_pending_points_cannot_be_spent_a_second_too_soon(wallet):
    wallet.earn(10, active=NOON + DAY)

    with books.unchanged(), pytest.raises(InsufficientPoints):
        wallet.spend(10, at=NOON + DAY - SECOND)

    wallet.spend(10, at=NOON + DAY)
    assert wallet.left() == [0]


def test_other_units_of_the_wallet_do_not_pay(programme, wallet_with):
    wallet = wallet_with(300)
    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(50)

    with pytest.raises(InsufficientPoints) as refusal:
        credit.spend(51)

    assert refusal.value.facts == {"required": 51, "spendable": 50}
    assert (wallet.figures(), credit.figures()) == (Figures(300), Figures(50))
