"""A spending undone: points go back where they came from."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError, transaction

from ledger.models import Lot, Posting
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures


def test_points_return_to_their_lots_with_their_expiry(unit, wallet):
    wallet.earn(10, until=NOON + 5 * DAY)
    wallet.earn(10, until=NOON + 9 * DAY)
    wallet.earn(10)
    spending = wallet.spend(25)

    undone = wallet.reverse(spending, at=NOON + DAY)

    posting = Posting.objects.get(pk=undone)
    assert (posting.kind, posting.corrects_id, posting.occurred_at) == ("REVERSE", spending, NOON + DAY)
    assert books.legs(undone) == {"MEMBER": 25, "REDEMPTION": -25}
    assert books.uses(undone) == [-10, -10, -5]
    assert wallet.left() == [10, 10, 10]
    assert wallet.figures(NOON + 5 * DAY) == Figures(20)
    assert books.totals(unit) == {"MEMBER": 30, "ISSUANCE": -30}


def test_what_a_capture_spent_can_be_undone_too(wallet_with):
    wallet = wallet_with(300)
    spending = wallet.capture(wallet.hold(200), 150)

    wallet.reverse(spending)

    assert wallet.figures() == Figures(300)


def test_undoing_twice_is_undoing_once(wallet_with):
    wallet = wallet_with(300)
    spending = wallet.spend(100)
    first = wallet.reverse(spending)

    with books.unchanged():
        again = wallet.reverse(spending, at=NOON + DAY)

    assert again == first


@pytest.mark.parametrize("expiry_ran", [True, False])
def test_what_lapsed_meanwhile_comes_back_in_a_grace_lot(expiry_ran, wallet):
    wallet.earn(10, until=NOON + 5 * DAY)
    wallet.earn(10, until=NOON + 50 * DAY)
    spending = wallet.spend(17)
    at = NOON + 5 * DAY
    if expiry_ran:
        books.expire_all(at)

    undone = wallet.reverse(spending, at=at, grace=30 * DAY)

    grace = Lot.objects.get(posting_id=undone)
    assert (grace.earned, grace.active_from, grace.expires_at) == (10, at, at + 30 * DAY)
    assert books.uses(undone) == [-7]
    assert wallet.figures(at) == Figures(20)
    assert wallet.figures(at + 30 * DAY) == Figures(10)


@pytest.mark.parametrize(
    ("moment", "grace_lots"), [(-SECOND, 0), (timedelta(0), 1), (SECOND, 1)], ids=["before", "at", "after"]
)
def test_a_lot_is_lapsed_from_the_second_it_lapses(moment, grace_lots, wallet):
    wallet.earn(10, until=NOON + 5 * DAY)
    spending = wallet.spend(10)

    undone = wallet.reverse(spending, at=NOON + 5 * DAY + moment)

    assert Lot.objects.filter(posting_id=undone).count() == grace_lots


def test_points_that_return_offset_arrears_first(wallet):
    earning = wallet.earn(100)
    spending = wallet.spend(80)
    wallet.claw_back(earning, 60)
    assert wallet.figures() == Figures(owed=40)

    wallet.reverse(spending)

    assert wallet.figures() == Figures(40)


def test_a_spending_undone_after_its_earning_was_taken_back_leaves_nothing_and_owes_nothing(unit, wallet):
    earning = wallet.earn(100)
    spending = wallet.spend(100)
    wallet.claw_back(earning, 100)

    wallet.reverse(spending)

    assert wallet.figures() == Figures()
    assert books.totals(unit) == {}


def test_only_a_spending_is_undone(wallet):
    earning = wallet.earn(100)

    with books.unchanged(), pytest.raises(ProgrammingError, match="no rows"), transaction.atomic():
        wallet.reverse(earning)


def test_points_can_lapse_again_after_a_reversal_booked_late(wallet):
    wallet.earn(20, until=NOON + 5 * DAY)
    spending = wallet.spend(10)
    assert books.expire_all(NOON + 9 * DAY) == 1

    wallet.reverse(spending, at=NOON + 4 * DAY)

    assert wallet.left() == [10]
    assert books.expire_all(NOON + 9 * DAY) == 1
    assert wallet.left() == [0]
