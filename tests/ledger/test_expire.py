"""Lapsed lots become breakage: late, twice, in whatever order with what else happens."""

import pytest

from ledger import services as ledger
from ledger.models import Account, Hold, Posting
from tests.ledger import books
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures

MIDNIGHT = NOON + 12 * 60 * MINUTE


def test_a_lapsed_lot_moves_to_breakage_dated_when_it_lapsed(unit, wallet_with):
    wallet = wallet_with(300, until=MIDNIGHT)
    wallet.spend(100)

    assert ledger.expire_lapsed(at=MIDNIGHT + DAY) == 1

    posting = Posting.objects.get(kind="EXPIRE")
    assert (posting.occurred_at, posting.actor) == (MIDNIGHT, "expiry")
    assert books.legs(posting.pk) == {"MEMBER": -200, "BREAKAGE": 200}
    assert books.uses(posting.pk) == [200]
    assert wallet.left() == [0]
    assert books.totals(unit) == {"ISSUANCE": -300, "REDEMPTION": 100, "BREAKAGE": 200}


@pytest.mark.parametrize(("moment", "lapsed"), [(MIDNIGHT - SECOND, 0), (MIDNIGHT, 1), (MIDNIGHT + SECOND, 1)])
def test_a_lot_lapses_in_the_second_it_says(moment, lapsed, wallet_with):
    wallet_with(300, until=MIDNIGHT)

    assert ledger.expire_lapsed(at=moment) == lapsed


def test_running_again_posts_nothing(wallet_with):
    wallet_with(300, until=MIDNIGHT)
    books.expire_all(MIDNIGHT)

    with books.unchanged():
        assert ledger.expire_lapsed(at=MIDNIGHT + DAY) == 0


def test_lots_of_an_account_lapse_in_the_order_of_their_time(wallet):
    for days, amount in ((3, 30), (1, 10), (2, 20), (9, 90)):
        wallet.earn(amount, until=NOON + days * DAY)

    assert ledger.expire_lapsed(at=NOON + 3 * DAY) == 3

    lapsed = Posting.objects.filter(kind="EXPIRE").order_by("pk")
    assert [(posting.occurred_at, books.legs(posting.pk)["MEMBER"]) for posting in lapsed] == [
        (NOON + DAY, -10),
        (NOON + 2 * DAY, -20),
        (NOON + 3 * DAY, -30),
    ]
    assert wallet.figures(NOON + 3 * DAY) == Figures(90)


def test_what_an_account_loses_at_one_instant_is_one_posting(wallet):
    for amount in (30, 10, 20):
        wallet.earn(amount, until=MIDNIGHT)
    wallet.earn(5, until=MIDNIGHT + SECOND)
    wallet.hold(8, until=MIDNIGHT + DAY)

    assert ledger.expire_lapsed(at=MIDNIGHT) == 3

    posting = Posting.objects.get(kind="EXPIRE")
    assert (books.legs(posting.pk), books.uses(posting.pk)) == ({"MEMBER": -52, "BREAKAGE": 52}, [22, 10, 20])
    assert wallet.left() == [8, 0, 0, 5]
    assert books.findings() == []


@pytest.mark.parametrize("accounts", [1, 2, 1000])
def test_chunks_of_any_size_come_to_the_same(accounts, unit):
    wallets = [books.a_wallet(unit, 10 * number, until=MIDNIGHT) for number in range(1, 6)]
    wallets[2].earn(7, until=MIDNIGHT + DAY)

    assert books.expire_all(MIDNIGHT, accounts=accounts) == 5

    assert [wallet.left() for wallet in wallets] == [[0], [0], [0, 7], [0], [0]]
    assert books.totals(unit) == {"MEMBER": 7, "ISSUANCE": -157, "BREAKAGE": 150}


def test_several_units_and_programmes_lapse_to_their_own_breakage(programme, unit, wallet_with):
    credit = books.a_unit(programme, "credit")
    elsewhere = books.a_unit(books.a_programme("butcher"))
    wallet_with(10, until=MIDNIGHT)
    books.a_wallet(credit, 20, until=MIDNIGHT)
    books.a_wallet(elsewhere, 30, until=MIDNIGHT)

    assert books.expire_all(MIDNIGHT) == 3

    assert [books.totals(each)["BREAKAGE"] for each in (unit, credit, elsewhere)] == [10, 20, 30]


def test_reserved_parts_stay_until_their_hold_ends(unit, wallet_with):
    wallet = wallet_with(300, until=NOON + MINUTE)
    hold = wallet.hold(200)

    assert books.expire_all(NOON + MINUTE) == 1
    assert (wallet.left(), wallet.figures(NOON + MINUTE)) == ([200], Figures(reserved=200))
    wallet.release(hold, at=NOON + 2 * MINUTE)

    assert books.expire_all(NOON + 2 * MINUTE) == 1
    assert books.totals(unit) == {"ISSUANCE": -300, "BREAKAGE": 300}


def test_a_hold_nobody_ended_keeps_nothing_from_lapsing_once_its_time_is_over(unit, wallet_with):
    wallet = wallet_with(300, until=NOON + MINUTE)
    hold = wallet.hold(300)

    assert ledger.expire_lapsed(at=NOON + 5 * MINUTE - SECOND) == 0
    assert ledger.expire_lapsed(at=NOON + 5 * MINUTE) == 1

    assert Hold.objects.get(pk=hold).state == "RELEASED"
    assert Account.objects.get(wallet_id=wallet.wallet_id).held == 0
    assert books.totals(unit) == {"ISSUANCE": -300, "BREAKAGE": 300}


@pytest.mark.parametrize("amount", [1, 60, 100])
@pytest.mark.parametrize("reserved", [0, 20])
def test_what_a_member_sees_after_a_claw_back_does_not_depend_on_when_expiry_ran(amount, reserved, unit):
    seen, booked = [], []
    at = NOON + 2 * MINUTE
    for expiry_runs in ("before", "after", "never"):
        wallet = books.a_wallet(unit)
        earning = wallet.earn(100, until=NOON + MINUTE)
        wallet.spend(30)
        wallet.earn(15)
        if reserved:
            wallet.hold(reserved)

        if expiry_runs == "before":
            books.expire_all(at)
        answer = wallet.claw_back(earning, amount, at=at)
        if expiry_runs == "after":
            books.expire_all(at)

        seen.append((wallet.figures(at), answer.owed))
        booked.append(answer.taken + answer.lapsed + answer.owed)
    assert len(set(seen)) == 1
    assert booked == [amount] * 3


def test_what_a_member_can_spend_does_not_depend_on_whether_expiry_ran(unit):
    seen = []
    for expiry_runs in (True, False):
        wallet = books.a_wallet(unit, 100, until=MIDNIGHT)
        wallet.earn(40, until=MIDNIGHT + DAY)
        wallet.spend(50)
        if expiry_runs:
            books.expire_all(MIDNIGHT)
        wallet.spend(25, at=MIDNIGHT)
        seen.append(wallet.figures(MIDNIGHT))

    assert seen == [Figures(15), Figures(15)]
