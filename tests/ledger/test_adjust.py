"""Manual adjustments: asked for, approved by another, posted as approved."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from ledger import reasons
from ledger import services as ledger
from ledger.adjustments import AskedFor, asked_nearby, limit_used
from ledger.errors import (
    AdjustmentIncomplete,
    AdjustmentLimitReached,
    AdjustmentLineOverdue,
    AdjustmentNotOpen,
    AdjustmentNotYours,
    AdjustmentPayloadChanged,
    AdjustmentTakesTwo,
    InsufficientPoints,
    ReferenceReused,
)
from ledger.models import Adjustment, Posting
from tests.ledger import asking, books
from tests.ledger.asking import part
from tests.ledger.books import DAY, NOON, SECOND, Figures

DOCUMENT = Path(__file__).resolve().parent.parent.parent / "docs" / "algorithms" / "adjustments.md"


@pytest.fixture
def office(programme):
    return asking.an_office(programme)


def test_nothing_moves_before_somebody_else_approves(office, wallet):
    adjustment_id = office.ask_for(wallet, 250, until=NOON + DAY)

    row = Adjustment.objects.get(pk=adjustment_id)
    assert (row.state, row.line_count, row.plus, row.minus) == ("OPEN", 1, 250, 0)
    assert (row.requested_by, row.requested_via, row.requested_at) == (office.support, "Sami", NOON)
    assert row.lapses_at == NOON + 7 * DAY
    assert wallet.figures() == Figures(0)
    assert Posting.objects.count() == 0


def test_what_is_added_is_a_lot_of_its_own(office, wallet):
    adjustment_id = office.ask_for(wallet, 250, until=NOON + 9 * DAY)

    (posted,) = office.approve(adjustment_id, at=NOON + DAY)

    posting = Posting.objects.get(pk=posted.posting_id)
    line = asking.the_line(adjustment_id)
    assert (posting.kind, posting.source, posting.reference) == ("ADJUST", "adjustment", str(line.pk))
    assert (posting.actor, posting.occurred_at, posting.corrects_id) == ("Avery", NOON + DAY, None)
    assert books.legs(posting.pk) == {"MEMBER": 250, "ADJUSTMENT": -250}
    lot = wallet.lot(posting.pk)
    assert (lot.earned, lot.active_from, lot.expires_at) == (250, NOON + DAY, NOON + 9 * DAY)
    assert line.posting_id == posting.pk
    assert wallet.figures(NOON + DAY) == Figures(250)


@pytest.mark.parametrize("chosen", [True, False])
def test_only_an_end_that_somebody_chose_stays_whatever_the_policy_does(chosen, office, wallet):
    asked = office.ask(part(wallet, 5, expires_at=NOON + DAY, has_own_end=chosen), unit=wallet.unit)

    (posted,) = office.approve(asked.adjustment_id)

    assert wallet.lot(posted.posting_id).has_own_end == chosen


def test_what_is_taken_leaves_the_lots_that_would_pay(office, wallet):
    wallet.earn(100)
    wallet.earn(60, until=NOON + DAY)

    posting = office.adjust(wallet, -80)

    assert books.legs(posting) == {"MEMBER": -80, "ADJUSTMENT": 80}
    assert wallet.left() == [80, 0]
    assert books.uses(posting) == [20, 60]


def test_what_is_added_goes_against_arrears_first(office, wallet):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 100)

    office.adjust(wallet, 130)

    assert wallet.figures() == Figures(30)
    assert books.moved(wallet, "SETTLE") == [-100, 100]


def test_taking_more_than_can_be_spent_is_refused_when_asked(office, wallet_with):
    wallet = wallet_with(100)
    wallet.hold(30)

    with pytest.raises(InsufficientPoints) as refusal:
        office.ask_for(wallet, -71)

    assert refusal.value.facts == {"required": 71, "spendable": 70, "wallet_id": wallet.wallet_id}
    assert Adjustment.objects.count() == 0


def test_taking_more_than_can_be_spent_is_refused_when_approved_and_the_request_stays_open(office, wallet_with):
    wallet = wallet_with(100)
    adjustment_id = office.ask_for(wallet, -80)
    wallet.spend(40)
    before = asking.requests()

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        office.approve(adjustment_id)

    assert refusal.value.facts == {"required": 80, "spendable": 60, "wallet_id": wallet.wallet_id}
    assert asking.requests() == before
    wallet.earn(20)
    assert len(office.approve(adjustment_id)) == 1
    assert wallet.figures() == Figures(0)


def test_a_request_of_many_is_posted_whole_or_not_at_all(office, unit, wallet_with):
    rich, poor = wallet_with(100), wallet_with(100)
    asked = office.ask(part(rich, 50), part(poor, -100), unit=unit)
    poor.spend(1)

    with books.unchanged(), pytest.raises(InsufficientPoints):
        office.approve(asked.adjustment_id)

    assert Adjustment.objects.get().state == "OPEN"


@pytest.mark.parametrize("parts", [[], [0]])
def test_a_request_that_moves_nothing_is_refused(parts, office, wallet):
    with pytest.raises(AdjustmentIncomplete):
        office.ask(*[part(wallet, amount) for amount in parts], unit=wallet.unit)

    assert Adjustment.objects.count() == 0


def test_a_request_says_what_the_member_reads(office, wallet):
    with pytest.raises(AdjustmentIncomplete):
        office.ask(part(wallet, 1), unit=wallet.unit, wording="  ")

    assert Adjustment.objects.count() == 0


def test_points_that_lapsed_already_are_neither_asked_for_nor_approved(office, wallet):
    with pytest.raises(AdjustmentLineOverdue):
        office.ask_for(wallet, 5, until=NOON)
    adjustment_id = office.ask_for(wallet, 5, until=NOON + DAY)

    with books.unchanged(), pytest.raises(AdjustmentLineOverdue):
        office.approve(adjustment_id, at=NOON + DAY)

    assert Adjustment.objects.get().state == "OPEN"


def test_the_same_request_again_is_the_first_one(office, wallet):
    first = office.ask(part(wallet, 5), unit=wallet.unit, ref="form 1")

    again = office.ask(part(wallet, 5), unit=wallet.unit, ref="form 1", at=NOON + SECOND)

    assert (first.fresh, again.fresh) == (True, False)
    assert first.adjustment_id == again.adjustment_id
    with pytest.raises(ReferenceReused), transaction.atomic():
        office.ask(part(wallet, 6), unit=wallet.unit, ref="form 1")
    assert Adjustment.objects.count() == 1


def test_nobody_decides_on_their_own_request(office, wallet):
    adjustment_id = office.ask_for(wallet, 5, by=office.approver)

    with books.unchanged(), pytest.raises(AdjustmentTakesTwo):
        office.approve(adjustment_id, by=office.approver)
    with pytest.raises(AdjustmentTakesTwo):
        ledger.reject_adjustment(adjustment_id=adjustment_id, by_id=office.approver.pk, at=NOON, note="no")

    assert Adjustment.objects.get().state == "OPEN"


def test_an_approval_is_bound_to_what_was_looked_at(office, wallet):
    small, large = office.ask_for(wallet, 5), office.ask_for(wallet, 5000)

    with books.unchanged(), pytest.raises(AdjustmentPayloadChanged):
        ledger.approve_adjustment(
            adjustment_id=large, payload_sha256=asking.digest(small), by_id=office.approver.pk, name="Avery", at=NOON
        )

    assert set(Adjustment.objects.values_list("state", flat=True)) == {"OPEN"}


@pytest.mark.parametrize("decision", ["approved", "rejected", "withdrawn", "lapsed"])
def test_a_request_is_decided_once_and_in_time(decision, office, wallet):
    adjustment_id = office.ask_for(wallet, 5)
    at = NOON + 7 * DAY - SECOND
    if decision == "approved":
        office.approve(adjustment_id, at=at)
    elif decision == "rejected":
        ledger.reject_adjustment(adjustment_id=adjustment_id, by_id=office.approver.pk, at=at, note="Paid twice")
    elif decision == "withdrawn":
        ledger.withdraw_adjustment(adjustment_id=adjustment_id, by_id=office.support.pk, at=at)
    else:
        at += SECOND
    before = asking.requests()

    with books.unchanged():
        for act in (
            lambda: office.approve(adjustment_id, at=at, by=office.other_approver),
            lambda: ledger.reject_adjustment(
                adjustment_id=adjustment_id, by_id=office.other_approver.pk, at=at, note="no"
            ),
            lambda: ledger.withdraw_adjustment(adjustment_id=adjustment_id, by_id=office.support.pk, at=at),
        ):
            with pytest.raises(AdjustmentNotOpen) as refusal:
                act()
            assert refusal.value.facts["state"] == decision.upper()

    assert asking.requests() == before


def test_only_who_asked_withdraws(office, wallet):
    adjustment_id = office.ask_for(wallet, 5)

    with pytest.raises(AdjustmentNotYours):
        ledger.withdraw_adjustment(adjustment_id=adjustment_id, by_id=office.approver.pk, at=NOON)

    assert Adjustment.objects.get().state == "OPEN"


def test_the_limit_counts_what_one_person_asked_for_within_a_day(office, unit, wallet_with):
    wallet = wallet_with(500)
    ledger.limit_adjustments(unit_id=unit.pk, limit=300)
    office.ask_for(wallet, 200, at=NOON)
    office.ask_for(wallet, -60, at=NOON + SECOND)
    office.ask_for(wallet, 300, by=office.approver)

    with pytest.raises(AdjustmentLimitReached) as refusal:
        office.ask_for(wallet, 41, at=NOON + DAY - SECOND)

    assert refusal.value.facts == {"limit": 300, "used": 260, "asked": 41}
    office.ask_for(wallet, 40, at=NOON + DAY - SECOND)
    office.ask_for(wallet, 200, at=NOON + DAY)
    assert limit_used(unit, by_id=office.support.pk, name="", at=NOON + DAY) == 300


def test_what_was_rejected_or_withdrawn_no_longer_counts(office, unit, wallet):
    ledger.limit_adjustments(unit_id=unit.pk, limit=100)
    withdrawn = office.ask_for(wallet, 100)
    ledger.withdraw_adjustment(adjustment_id=withdrawn, by_id=office.support.pk, at=NOON)
    rejected = office.ask_for(wallet, 100)
    ledger.reject_adjustment(adjustment_id=rejected, by_id=office.approver.pk, at=NOON, note="Paid twice")

    office.approve(office.ask_for(wallet, 100))

    with pytest.raises(AdjustmentLimitReached):
        office.ask_for(wallet, 1)


def test_who_approves_sees_what_was_asked_for_within_a_day(office, unit, wallet_with):
    ada, ben = wallet_with(100), wallet_with(100)
    office.ask_for(ada, 10, at=NOON - DAY - SECOND)
    office.ask_for(ada, 20, at=NOON - DAY)
    office.ask_for(ben, -7, at=NOON + SECOND)
    office.ask_for(ada, 400, at=NOON, by=office.other_approver)
    adjustment_id = office.ask_for(ada, 50, at=NOON)
    office.ask_for(ada, -3, at=NOON + DAY)

    nearby = asked_nearby(Adjustment.objects.get(pk=adjustment_id))

    assert nearby.by_same == AskedFor(requests=4, plus=70, minus=10)
    assert nearby.by_same_for_members == AskedFor(requests=3, plus=70, minus=3)
    assert nearby.for_members == AskedFor(requests=4, plus=470, minus=3)


def test_a_unit_that_a_wallet_never_had_can_be_added(office, programme, wallet):
    later = books.a_unit(programme, "later", decimals=2)

    office.adjust(books.TestWallet(wallet.wallet_id, later), 1234)

    assert books.totals(later) == {"MEMBER": 1234, "ADJUSTMENT": -1234}


def test_a_wallet_or_a_unit_of_another_programme_is_refused_by_the_database(office, unit):
    stranger = books.a_wallet(books.a_unit(books.a_programme("elsewhere")), 100)

    with pytest.raises(IntegrityError), transaction.atomic():
        office.ask(part(stranger, 5), unit=unit)

    assert Adjustment.objects.count() == 0


def test_the_member_reads_why(office, unit, wallet, wallet_with):
    other = wallet_with(5)
    shared = office.adjust(wallet, 5)
    asked = office.ask(part(other, 5, wording="Your lost parcel"), part(wallet, 7), unit=unit)
    own, general = office.approve(asked.adjustment_id)[::-1]

    assert reasons.of(dict.fromkeys([shared, own.posting_id, general.posting_id], "ADJUST")) == {
        shared: "Adjusted by the shop: For your patience",
        own.posting_id: "Adjusted by the shop: Your lost parcel",
        general.posting_id: "Adjusted by the shop: For your patience",
    }


def rows_of_the_document():
    """The worked examples: what a wallet has, what is adjusted, and what it has then."""
    rows = re.findall(
        r"^\| *(\d+) *\| *(\d*) *\| *(\d*) *\| *([+-]\d+) *\| *(.+?) *\|$", DOCUMENT.read_text(), re.MULTILINE
    )
    assert len(rows) >= 6
    return rows


@pytest.mark.parametrize("row", rows_of_the_document(), ids=" ".join)
def test_the_table_of_docs_algorithms_adjustments(row, office, wallet):
    earned, held, owed, asked, outcome = row
    if owed:
        debt = wallet.earn(int(owed))
        wallet.spend(int(owed))
        wallet.claw_back(debt, int(owed))
    if int(earned):
        wallet.earn(int(earned))
    if held:
        wallet.hold(int(held), until=NOON + DAY)

    if outcome.startswith("refused"):
        with pytest.raises(InsufficientPoints) as refusal:
            office.adjust(wallet, int(asked))
        assert outcome == f"refused: {refusal.value.facts['spendable']} to spend"
    else:
        office.adjust(wallet, int(asked))
        figures = wallet.figures()
        assert outcome == f"{figures.spendable} to spend, {figures.owed} owed"


def test_a_minute_decides_what_is_within_a_day(office, unit, wallet):
    ledger.limit_adjustments(unit_id=unit.pk, limit=10)
    office.ask_for(wallet, 10, at=NOON)

    with pytest.raises(AdjustmentLimitReached):
        office.ask_for(wallet, 1, at=NOON + timedelta(hours=23, minutes=59))

    office.ask_for(wallet, 10, at=NOON + timedelta(hours=24))
    assert Adjustment.objects.count() == 2
