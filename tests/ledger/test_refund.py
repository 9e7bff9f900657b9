"""A part of a spending given back: the last taken first, never more than was spent, once for each reference."""

import pytest
from django.db import transaction

from ledger.errors import AmountNotPositive, ReferenceReused, RefundAboveSpent
from ledger.models import Lot, Posting
from ledger.services import Refunded
from tests.ledger import books
from tests.ledger.books import DAY, NOON, Figures


@pytest.fixture
def three_lots(wallet):
    """Ten points each, the first lapsing in 5 days, the second in 9, the third never."""
    wallet.earn(10, until=NOON + 5 * DAY)
    wallet.earn(10, until=NOON + 9 * DAY)
    wallet.earn(10)
    return wallet


def test_what_was_taken_last_returns_first(unit, three_lots):
    spending = three_lots.spend(25)

    given = three_lots.refund(spending, 12, at=NOON + DAY, ref="return 1")

    posting = Posting.objects.get(pk=given.posting_id)
    assert given == Refunded(posting.pk, fresh=True, amount=12)
    assert (posting.kind, posting.corrects_id, posting.source, posting.reference) == (
        "REVERSE",
        spending,
        "test",
        "return 1",
    )
    assert books.legs(posting.pk) == {"MEMBER": 12, "REDEMPTION": -12}
    assert books.uses(posting.pk) == [-7, -5]
    assert three_lots.left() == [0, 7, 10]
    assert books.totals(unit) == {"MEMBER": 17, "ISSUANCE": -30, "REDEMPTION": 13}


@pytest.mark.parametrize(
    ("given_back", "is_undone", "left"), [(5, False, [0, 0, 10]), (12, False, [0, 7, 10]), (12, True, [10, 10, 10])]
)
def test_the_table_of_docs_algorithms_returns(given_back, is_undone, left, three_lots):
    spending = three_lots.spend(25)

    three_lots.refund(spending, given_back)
    if is_undone:
        three_lots.reverse(spending)

    assert three_lots.left() == left


def test_ten_small_refunds_restore_what_one_big_one_does(unit):
    def spent():
        wallet = books.a_wallet(unit)
        for days in (2, 5, 9):
            wallet.earn(10, until=NOON + days * DAY)
        return wallet, wallet.spend(23)

    (many, first), (one, second) = spent(), spent()
    at = NOON + 5 * DAY
    for _ in range(10):
        many.refund(first, 2, at=at)
    one.refund(second, 20, at=at)

    assert many.left()[:3] == one.left()[:3] == [0, 0, 10]
    assert sum(many.left()[3:]) == sum(one.left()[3:]) == 17
    assert many.figures(at) == one.figures(at) == Figures(27)
    assert many.figures(at + 30 * DAY) == one.figures(at + 30 * DAY) == Figures(0)


def test_what_lapsed_meanwhile_comes_back_in_a_grace_lot(three_lots):
    spending = three_lots.spend(25)
    at = NOON + 9 * DAY

    given = three_lots.refund(spending, 8, at=at)

    grace = Lot.objects.get(posting_id=given.posting_id)
    assert (grace.earned, grace.active_from, grace.expires_at) == (3, at, at + 30 * DAY)
    assert books.uses(given.posting_id) == [-5]


def test_without_an_amount_all_that_is_left_comes_back(three_lots):
    spending = three_lots.spend(25)
    three_lots.refund(spending, 12)

    given = three_lots.refund(spending)

    assert given.amount == 13
    assert three_lots.left() == [10, 10, 10]


def test_never_more_than_was_spent(three_lots):
    spending = three_lots.spend(25)
    three_lots.refund(spending, 12)

    with books.unchanged(), pytest.raises(RefundAboveSpent) as refusal:
        three_lots.refund(spending, 14)

    assert refusal.value.facts == {"left": 13, "amount": 14}


def test_nothing_is_left_of_what_was_given_back(three_lots):
    spending = three_lots.spend(25)
    three_lots.refund(spending, 25)

    for ask in (three_lots.refund, three_lots.reverse):
        with books.unchanged(), pytest.raises(RefundAboveSpent):
            ask(spending)


def test_undoing_gives_back_what_refunds_left(three_lots):
    spending = three_lots.spend(25)
    three_lots.refund(spending, 12)

    undone = three_lots.reverse(spending)

    assert books.legs(undone) == {"MEMBER": 13, "REDEMPTION": -13}
    assert three_lots.left() == [10, 10, 10]


def test_an_undone_spending_has_nothing_left_to_give_back(three_lots):
    spending = three_lots.spend(25)
    three_lots.reverse(spending)

    with books.unchanged(), pytest.raises(RefundAboveSpent):
        three_lots.refund(spending, 1)


@pytest.mark.parametrize("amount", [12, None])
def test_the_same_refund_again_gives_back_nothing_more(amount, three_lots):
    spending = three_lots.spend(25)
    first = three_lots.refund(spending, amount, ref="return 1")

    with books.unchanged():
        again = three_lots.refund(spending, amount, ref="return 1", at=NOON + DAY)

    assert again == Refunded(first.posting_id, fresh=False, amount=first.amount)


def test_a_reference_stands_for_one_spending_and_amount(three_lots):
    spending, other = three_lots.spend(10), three_lots.spend(10)
    three_lots.refund(spending, 5, ref="return 1")

    for spent, amount in ((spending, 6), (other, 5)):
        with books.unchanged(), pytest.raises(ReferenceReused), transaction.atomic():
            three_lots.refund(spent, amount, ref="return 1")


@pytest.mark.parametrize("amount", [0, -1])
def test_nothing_is_no_refund(amount, three_lots):
    spending = three_lots.spend(25)

    with books.unchanged(), pytest.raises(AmountNotPositive):
        three_lots.refund(spending, amount)


def test_points_that_return_offset_arrears_first(wallet):
    earning = wallet.earn(100)
    spending = wallet.spend(80)
    wallet.claw_back(earning, 60)

    wallet.refund(spending, 30)
    wallet.refund(spending, 30)

    assert wallet.figures() == Figures(20)
