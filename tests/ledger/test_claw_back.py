"""Earnings taken back: from their own lot, against what lapsed of it, from other lots, else as arrears."""

import pytest
from django.db import IntegrityError, ProgrammingError, transaction

from ledger import services as ledger
from ledger.errors import AmountNotPositive, ReferenceReused
from ledger.models import Posting
from ledger.queries import clawed_back
from ledger.services import ClawedBack
from tests.ledger import books
from tests.ledger.books import DAY, MINUTE, NOON, Figures

LATER = NOON + 40 * DAY


def test_its_own_lot_pays_first(unit, wallet):
    wallet.earn(50)
    earning = wallet.earn(100)
    wallet.earn(50)

    answer = wallet.claw_back(earning, 80, ref="return 7")

    posting = Posting.objects.get(pk=answer.posting_id)
    assert answer == ClawedBack(posting.pk, fresh=True, taken=80, lapsed=0, owed=0)
    assert (posting.kind, posting.corrects_id, posting.reference) == ("CLAW_BACK", earning, "return 7")
    assert books.legs(posting.pk) == {"MEMBER": -80, "ISSUANCE": 80}
    assert wallet.left() == [50, 20, 50]
    assert wallet.figures() == Figures(120)
    assert clawed_back([earning]) == {earning: 80}


def test_a_pending_earning_is_taken_from_its_own_lot(wallet):
    wallet.earn(50)
    earning = wallet.earn(100, active=NOON + DAY)

    answer = wallet.claw_back(earning, 100)

    assert (answer.taken, answer.lapsed, answer.owed) == (100, 0, 0)
    assert wallet.figures() == Figures(spendable=50)


def test_other_lots_pay_what_its_own_has_spent(wallet):
    earning = wallet.earn(100, until=NOON + DAY)
    wallet.earn(50)
    wallet.spend(90)

    answer = wallet.claw_back(earning, 40)

    assert (answer.taken, answer.lapsed, answer.owed) == (40, 0, 0)
    assert wallet.left() == [0, 20]
    assert books.uses(answer.posting_id) == [10, 30]


@pytest.mark.parametrize(
    ("spent", "lapses", "elsewhere", "answer"),
    [(0, False, 0, (80, 0, 0)), (90, False, 0, (10, 0, 70)), (90, False, 50, (60, 0, 20)), (40, True, 0, (0, 60, 20))],
)
def test_the_table_of_docs_algorithms_returns(spent, lapses, elsewhere, answer, wallet):
    earning = wallet.earn(100, until=NOON + DAY)
    if spent:
        wallet.spend(spent)
    if elsewhere:
        wallet.earn(elsewhere)
    at = NOON
    if lapses:
        at = NOON + DAY
        books.expire_all(at)

    taken_back = wallet.claw_back(earning, 80, at=at)

    assert (taken_back.taken, taken_back.lapsed, taken_back.owed) == answer


def test_what_nothing_is_left_for_becomes_arrears(unit, wallet):
    earning = wallet.earn(100)
    wallet.spend(90)

    answer = wallet.claw_back(earning, 70)

    assert (answer.taken, answer.lapsed, answer.owed) == (10, 0, 60)
    assert books.legs(answer.posting_id) == {"MEMBER": -10, "ARREARS": -60, "ISSUANCE": 70}
    assert wallet.figures() == Figures(owed=60)
    assert books.totals(unit) == {"ISSUANCE": -30, "REDEMPTION": 90, "ARREARS": -60}


def test_a_wallet_that_was_emptied_owes_everything(wallet):
    earning = wallet.earn(100)
    wallet.spend(100)

    answer = wallet.claw_back(earning, 100)

    assert (answer.taken, answer.lapsed, answer.owed) == (0, 0, 100)
    assert books.legs(answer.posting_id) == {"ARREARS": -100, "ISSUANCE": 100}


def test_lapsed_and_pending_lots_of_others_do_not_pay(wallet):
    earning = wallet.earn(100)
    wallet.earn(50, until=NOON + DAY)
    wallet.earn(50, active=NOON + 9 * DAY)
    wallet.spend(100, at=NOON + 2 * DAY)

    answer = wallet.claw_back(earning, 100, at=NOON + 2 * DAY)

    assert (answer.taken, answer.owed) == (0, 100)
    assert wallet.figures(NOON + 2 * DAY) == Figures(pending=50, owed=100)


@pytest.mark.parametrize("expiry_ran", [True, False])
def test_what_lapsed_unspent_is_not_charged_again(expiry_ran, unit, wallet):
    earning = wallet.earn(100, until=NOON + DAY)
    wallet.spend(30)
    wallet.earn(500)
    if expiry_ran:
        assert books.expire_all(LATER) == 1

    answer = wallet.claw_back(earning, 90, at=LATER)

    assert answer.taken + answer.lapsed + answer.owed == 90
    assert wallet.figures(LATER) == Figures(480)
    books.expire_all(LATER)
    assert books.totals(unit) == {"MEMBER": 480, "ISSUANCE": -510, "REDEMPTION": 30}


def test_what_lapsed_is_set_off_once(unit, wallet):
    earning = wallet.earn(100, until=NOON + DAY)
    wallet.spend(40)
    books.expire_all(LATER)
    wallet.earn(10, at=LATER)

    answers = [wallet.claw_back(earning, 45, at=LATER), wallet.claw_back(earning, 55, at=LATER)]

    assert [(answer.taken, answer.lapsed, answer.owed) for answer in answers] == [(0, 45, 0), (10, 15, 30)]
    assert books.totals(unit) == {"ISSUANCE": -10, "REDEMPTION": 40, "ARREARS": -30}


def test_what_a_hold_keeps_is_left_to_it(wallet):
    earning = wallet.earn(100)
    hold = wallet.hold(70)

    answer = wallet.claw_back(earning, 100)

    assert (answer.taken, answer.owed) == (30, 70)
    assert wallet.figures() == Figures(reserved=70, owed=70)
    wallet.capture(hold)
    assert wallet.figures() == Figures(owed=70)


@pytest.mark.parametrize("_case", ["released", "captured in part", "over"])
def test_points_that_come_free_offset_arrears_before_they_can_be_spent(_case, wallet):
    earning = wallet.earn(100)
    hold = wallet.hold(70)
    wallet.claw_back(earning, 60)
    assert wallet.figures() == Figures(reserved=70, owed=30)

    if _case == "released":
        wallet.release(hold)
    if _case == "captured in part":
        wallet.capture(hold, 10)

    assert (
        wallet.figures(NOON + 5 * MINUTE)
        == {
            "released": Figures(40),
            "captured in part": Figures(30),
            "over": Figures(40),
        }[_case]
    )


def test_pending_points_offset_arrears_when_they_become_active(wallet):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 60)
    wallet.earn(80, active=NOON + DAY)
    assert wallet.figures() == Figures(pending=80, owed=60)

    with books.unchanged():
        assert wallet.figures(NOON + DAY) == Figures(20)
    wallet.spend(20, at=NOON + DAY)

    assert wallet.figures(NOON + DAY) == Figures(0)


@pytest.mark.parametrize(
    ("earned", "figures"), [(10, Figures(owed=50)), (60, Figures()), (61, Figures(1)), (100, Figures(40))]
)
def test_the_next_earning_offsets_arrears_first(earned, figures, unit, wallet):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 60)

    wallet.earn(earned, at=NOON + DAY)

    assert wallet.figures(NOON + DAY) == figures
    settled = Posting.objects.get(kind="SETTLE")
    assert (settled.occurred_at, settled.actor) == (NOON + DAY, "ledger")
    assert books.legs(settled.pk) == {"MEMBER": -min(earned, 60), "ARREARS": min(earned, 60)}


def test_a_batch_offsets_the_arrears_of_each_of_its_wallets(programme, unit):
    wallets = [books.a_wallet(unit, points) for points in (100, 200, 300)]
    for wallet in wallets[1:]:
        wallet.spend(wallet.figures().spendable)
        wallet.claw_back(books.postings_of(wallet)[0], 50)

    books.accrue(*[wallet.accrual(70) for wallet in reversed(wallets)], programme_id=programme.pk)

    assert [wallet.figures() for wallet in wallets] == [Figures(170), Figures(20), Figures(20)]


def test_arrears_of_one_unit_are_not_paid_by_another(programme, wallet):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 60)

    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(500)

    assert (wallet.figures(), credit.figures()) == (Figures(owed=60), Figures(500))


def test_parts_add_up_to_the_whole(unit, wallet):
    earning = wallet.earn(100)

    for part in (33, 33, 33, 1):
        wallet.claw_back(earning, part)

    assert clawed_back([earning]) == {earning: 100}
    assert books.totals(unit) == {}


@pytest.mark.parametrize(("first", "second"), [(100, 1), (60, 41)])
def test_more_than_was_earned_is_refused_by_the_database(first, second, wallet):
    earning = wallet.earn(100)
    wallet.earn(500)
    wallet.claw_back(earning, first)

    with books.unchanged(), pytest.raises(IntegrityError, match="cannot take back"), transaction.atomic():
        wallet.claw_back(earning, second)


@pytest.mark.parametrize("amount", [0, -1])
def test_less_than_one_point_is_refused(amount, wallet):
    earning = wallet.earn(100)

    with books.unchanged(), pytest.raises(AmountNotPositive):
        wallet.claw_back(earning, amount)


def test_only_an_earning_is_taken_back(wallet_with):
    wallet = wallet_with(300)
    spending = wallet.spend(100)

    with books.unchanged(), pytest.raises(ProgrammingError, match="no rows"), transaction.atomic():
        wallet.claw_back(spending, 10)


def test_the_same_reference_again_answers_what_the_first_did(wallet):
    earning = wallet.earn(100, until=NOON + DAY)
    wallet.spend(60)
    books.expire_all(LATER)
    wallet.earn(15, at=LATER)
    first = wallet.claw_back(earning, 90, at=LATER, ref="return 7")
    assert (first.taken, first.lapsed, first.owed) == (15, 40, 35)

    with books.unchanged():
        again = wallet.claw_back(earning, 90, at=LATER, ref="return 7")

    assert again == ClawedBack(first.posting_id, fresh=False, taken=15, lapsed=40, owed=35)


@pytest.mark.parametrize("_case", ["amount", "earning", "wallet"])
def test_a_reference_that_stands_for_another_claw_back_is_refused_with_its_whole_batch(_case, unit, wallet):
    earning, another = wallet.earn(100), wallet.earn(100)
    stranger = books.a_wallet(unit)
    wallet.claw_back(earning, 50, ref="return 7")
    claim = {
        "amount": wallet.claim(earning, 49, ref="return 7"),
        "earning": wallet.claim(another, 50, ref="return 7"),
        "wallet": stranger.claim(stranger.earn(100), 50, ref="return 7"),
    }[_case]

    with books.unchanged(), pytest.raises(ReferenceReused) as refusal, transaction.atomic():
        ledger.claw_back_many(claims=[wallet.claim(another, 5), claim], actor="test")

    assert refusal.value.facts == {"reference": "return 7"}


def test_many_are_answered_in_their_order_whatever_the_order_of_their_wallets(unit):
    ada, bob = books.a_wallet(unit), books.a_wallet(unit)
    adas, bobs = ada.earn(100), bob.earn(100)

    answers = ledger.claw_back_many(
        claims=[bob.claim(bobs, 10), ada.claim(adas, 90), ada.claim(adas, 10), bob.claim(bobs, 90)], actor="test"
    )

    assert [answer.taken for answer in answers] == [10, 90, 10, 90]
    assert [Posting.objects.get(pk=answer.posting_id).corrects_id for answer in answers] == [bobs, adas, adas, bobs]
    assert ledger.claw_back_many(claims=[], actor="test") == []
