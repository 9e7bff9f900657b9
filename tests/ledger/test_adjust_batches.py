"""Long requests: posted in batches, stopped and resumed, and never a line twice."""

import pytest

from ledger import services as ledger
from ledger.adjustments import adjustments_to_post, progress_of
from ledger.models import Adjustment, AdjustmentLine
from tests.ledger import asking
from tests.ledger.asking import part
from tests.ledger.books import DAY, NOON, Figures


@pytest.fixture
def office(programme):
    return asking.an_office(programme)


@pytest.fixture
def five(unit, wallet_with):
    return [wallet_with(100) for _ in range(5)]


def post_all(adjustment_id, at=NOON):
    """How many lines each call posted."""
    counts = []
    while posted := ledger.post_adjustment(adjustment_id=adjustment_id, at=at, limit=2):
        counts.append(len(posted))
    return counts


def test_a_long_request_is_posted_in_batches(office, unit, five):
    adjustment_id = office.ask(*[part(wallet, 10) for wallet in five], unit=unit).adjustment_id

    assert office.approve(adjustment_id, at_once=2) == []
    assert adjustments_to_post() == [adjustment_id]
    assert post_all(adjustment_id) == [2, 2, 1]

    assert adjustments_to_post() == []
    assert {wallet.figures() for wallet in five} == {Figures(110)}
    assert post_all(adjustment_id) == []


def test_a_line_that_cannot_be_paid_any_more_is_left_and_can_be_tried_again(office, unit, five):
    adjustment_id = office.ask(*[part(wallet, -100) for wallet in five], unit=unit).adjustment_id
    office.approve(adjustment_id, at_once=2)
    five[0].spend(1)
    five[1].spend(1)

    assert post_all(adjustment_id) == [2, 1]

    row = Adjustment.objects.get()
    assert (progress_of(row).posted, progress_of(row).refused, progress_of(row).waiting) == (3, 2, 0)
    assert set(AdjustmentLine.objects.values_list("refusal", flat=True)) == {"", "insufficient_points"}
    five[0].earn(1)
    ledger.resume_adjustment(adjustment_id=adjustment_id)
    assert post_all(adjustment_id) == [1]
    assert [wallet.figures().spendable for wallet in five] == [0, 99, 0, 0, 0]


def test_a_stopped_request_posts_nothing_until_it_is_resumed(office, unit, five):
    adjustment_id = office.ask(*[part(wallet, 10) for wallet in five], unit=unit).adjustment_id
    office.approve(adjustment_id, at_once=2)
    ledger.post_adjustment(adjustment_id=adjustment_id, at=NOON, limit=2)

    ledger.stop_adjustment(adjustment_id=adjustment_id, at=NOON)

    assert adjustments_to_post() == []
    assert post_all(adjustment_id) == []
    ledger.resume_adjustment(adjustment_id=adjustment_id)
    assert post_all(adjustment_id) == [2, 1]


def test_lots_that_lapsed_before_they_were_posted_are_not_posted(office, unit, five):
    parts = [part(wallet, 10, expires_at=NOON + DAY) for wallet in five]
    adjustment_id = office.ask(*parts, unit=unit).adjustment_id
    office.approve(adjustment_id, at_once=2)

    assert post_all(adjustment_id, at=NOON + DAY) == []

    assert set(AdjustmentLine.objects.values_list("refusal", flat=True)) == {"adjustment_line_overdue"}
