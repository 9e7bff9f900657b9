"""Points reserved for a while: captured, released, or free again by themselves."""

import pytest
from django.db import IntegrityError, transaction

from ledger import services as ledger
from ledger.errors import AmountAboveHold, AmountNotPositive, HoldNotOpen, InsufficientPoints, ReferenceReused
from ledger.models import Account, Hold
from tests.ledger import books
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures

OVER = NOON + 5 * MINUTE


def held(wallet) -> int:
    return Account.objects.get(wallet_id=wallet.wallet_id, unit=wallet.unit, kind="MEMBER").held


def test_what_is_reserved_cannot_be_spent(wallet_with):
    wallet = wallet_with(300)

    hold = wallet.hold(200)

    assert wallet.figures() == Figures(spendable=100, reserved=200)
    assert held(wallet) == 200
    assert Hold.objects.values("amount", "captured", "state", "held_at", "expires_at", "closed_at").get(pk=hold) == {
        "amount": 200,
        "captured": 0,
        "state": "HELD",
        "held_at": NOON,
        "expires_at": OVER,
        "closed_at": None,
    }
    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        wallet.spend(101)
    assert refusal.value.facts == {"required": 101, "spendable": 100}


def test_what_is_reserved_cannot_be_reserved_again(wallet_with):
    wallet = wallet_with(300)
    wallet.hold(200)

    with books.unchanged(), pytest.raises(InsufficientPoints) as refusal:
        wallet.hold(101)

    assert refusal.value.facts == {"required": 101, "spendable": 100}


@pytest.mark.parametrize("amount", [0, -1])
def test_less_than_one_point_cannot_be_reserved(amount, wallet_with):
    wallet = wallet_with(300)

    with books.unchanged(), pytest.raises(AmountNotPositive):
        wallet.hold(amount)


def test_a_hold_keeps_the_lots_that_would_pay(wallet):
    wallet.earn(10, until=NOON + 9 * DAY)
    wallet.earn(10, until=NOON + 5 * DAY)

    wallet.hold(15)

    lots = [wallet.lot(posting).reserved for posting in books.postings_of(wallet)]
    assert lots == [5, 10]


def test_the_same_reference_again_is_the_same_hold(wallet_with):
    wallet = wallet_with(300)
    first = wallet.hold(200, ref="reward 7")

    with books.unchanged():
        again = wallet.hold(200, ref="reward 7", at=NOON + MINUTE)

    assert again == first


@pytest.mark.parametrize("_case", ["amount", "wallet", "unit"])
def test_a_reference_that_stands_for_another_hold_is_refused(_case, programme, wallet_with):
    wallet = wallet_with(300)
    wallet.hold(100, ref="reward 7")
    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(300)
    other, amount = {"amount": (wallet, 101), "wallet": (wallet_with(300), 100), "unit": (credit, 100)}[_case]

    with books.unchanged(), pytest.raises(ReferenceReused):
        other.hold(amount, ref="reward 7")


def test_a_hold_that_ends_before_it_begins_is_refused(wallet_with):
    wallet = wallet_with(300)

    with books.unchanged(), pytest.raises(IntegrityError), transaction.atomic():
        wallet.hold(100, until=NOON)


def test_capturing_spends_what_was_reserved(unit, wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200, ref="reward 7")

    posting = wallet.capture(hold, at=NOON + MINUTE)

    assert books.legs(posting) == {"MEMBER": -200, "REDEMPTION": 200}
    assert wallet.figures() == Figures(100)
    assert held(wallet) == 0
    closed = Hold.objects.get(pk=hold)
    assert (closed.state, closed.captured, closed.closed_at) == ("CAPTURED", 200, NOON + MINUTE)


def test_capturing_a_part_frees_the_rest(wallet):
    wallet.earn(10, until=NOON + 9 * DAY)
    wallet.earn(10, until=NOON + 5 * DAY)
    hold = wallet.hold(18)

    posting = wallet.capture(hold, 12)

    assert wallet.left() == [8, 0]
    assert books.uses(posting) == [2, 10]
    assert wallet.figures() == Figures(8)
    assert (held(wallet), Hold.objects.get(pk=hold).captured) == (0, 12)


@pytest.mark.parametrize(
    ("amount", "refusal"), [(201, AmountAboveHold(reserved=200, amount=201)), (0, AmountNotPositive(amount=0))]
)
def test_more_than_was_reserved_and_less_than_one_point_are_not_captured(amount, refusal, wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200)

    with books.unchanged(), pytest.raises(type(refusal)) as refused:
        wallet.capture(hold, amount)

    assert refused.value.facts == refusal.facts


def test_a_released_hold_gives_everything_back(wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200)

    wallet.release(hold, at=NOON + MINUTE)

    assert wallet.figures() == Figures(300)
    assert held(wallet) == 0
    closed = Hold.objects.get(pk=hold)
    assert (closed.state, closed.captured, closed.closed_at) == ("RELEASED", 0, NOON + MINUTE)


@pytest.mark.parametrize("first", ["capture", "release"])
@pytest.mark.parametrize("second", ["capture", "release"])
def test_a_hold_ends_once(first, second, wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200)
    getattr(wallet, first)(hold)

    with books.unchanged(), pytest.raises(HoldNotOpen) as refusal:
        getattr(wallet, second)(hold)

    state = {"capture": "CAPTURED", "release": "RELEASED"}[first]
    assert refusal.value.facts == {"hold": hold, "state": state, "closed_at": NOON}


@pytest.mark.parametrize("verb", ["capture", "release"])
def test_a_hold_whose_time_is_over_is_free_and_can_neither_be_captured_nor_released(verb, wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200)

    with pytest.raises(HoldNotOpen):
        getattr(wallet, verb)(hold, at=OVER)

    assert wallet.figures(OVER) == Figures(300)


def test_a_hold_can_be_captured_to_its_last_second(wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(300)

    wallet.capture(hold, at=OVER - SECOND)

    assert wallet.figures(OVER) == Figures(0)


def test_a_lapsed_hold_reads_as_free_before_anybody_frees_it(wallet_with):
    wallet = wallet_with(300)
    wallet.hold(200)

    with books.unchanged():
        assert wallet.figures(OVER - SECOND) == Figures(spendable=100, reserved=200)
        assert wallet.figures(OVER) == Figures(300)


def test_the_next_lock_of_the_wallet_frees_a_lapsed_hold_at_the_time_it_ended(wallet_with):
    wallet = wallet_with(300)
    hold = wallet.hold(200)

    wallet.spend(300, at=OVER + DAY)

    closed = Hold.objects.get(pk=hold)
    assert (closed.state, closed.closed_at) == ("RELEASED", OVER)
    assert (held(wallet), wallet.left()) == (0, [0])


def test_a_lot_that_lapses_while_it_is_reserved_is_honoured_by_the_capture(unit, wallet_with):
    wallet = wallet_with(300, until=NOON + MINUTE)
    hold = wallet.hold(200)

    assert wallet.figures(NOON + 2 * MINUTE) == Figures(spendable=0, reserved=200)
    books.expire_all(NOON + 2 * MINUTE)
    assert wallet.figures(NOON + 2 * MINUTE) == Figures(spendable=0, reserved=200)
    wallet.capture(hold, at=NOON + 2 * MINUTE)

    assert wallet.figures(NOON + 2 * MINUTE) == Figures(0)
    assert books.totals(unit) == {"ISSUANCE": -300, "REDEMPTION": 200, "BREAKAGE": 100}


@pytest.mark.parametrize("_case", ["released", "captured in part", "over"])
def test_what_comes_free_of_a_lot_that_lapsed_meanwhile_is_worthless(_case, wallet_with):
    wallet = wallet_with(300, until=NOON + MINUTE)
    hold = wallet.hold(200)

    if _case == "released":
        wallet.release(hold, at=NOON + 2 * MINUTE)
    if _case == "captured in part":
        wallet.capture(hold, 150, at=NOON + 2 * MINUTE)

    assert wallet.figures(OVER) == Figures(0)
    with pytest.raises(InsufficientPoints):
        wallet.spend(1, at=OVER)


def test_holds_of_several_units_of_a_wallet_are_apart(programme, wallet_with):
    wallet = wallet_with(300)
    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(50)

    credit.hold(30)
    wallet.hold(100)

    assert (wallet.figures(), credit.figures()) == (Figures(200, 100), Figures(20, 30))
    assert (held(wallet), held(credit)) == (100, 30)


def test_a_hold_says_whether_it_is_fresh(wallet_with):
    wallet = wallet_with(300)
    terms = {
        "programme_id": wallet.programme_id,
        "wallet_id": wallet.wallet_id,
        "unit_id": wallet.unit.pk,
        "amount": 5,
        "source": "test",
        "reference": "reward 7",
        "at": NOON,
        "until": OVER,
    }

    first, again = ledger.reserve(**terms), ledger.reserve(**terms)

    assert (first.fresh, again.fresh, again.hold_id) == (True, False, first.hold_id)
