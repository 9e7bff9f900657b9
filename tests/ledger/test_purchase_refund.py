"""Money of purchases goes back, and what it had bought with it."""

from datetime import UTC, datetime

import pytest

from ledger import errors
from ledger.models import Posting
from ledger.policies import after
from ledger.purchases import clearing, untouched
from tests.ledger import books
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures
from tests.ledger.buying import TOP_UP, buy, known, sell, states, tell, withdraw


@pytest.fixture
def terms(unit):
    return sell(unit)


@pytest.fixture
def cash(programme):
    """A wallet of money, in cents."""
    return books.a_unit(programme, "cash", klass="STORED_VALUE", decimals=2)


@pytest.fixture
def top_up(cash):
    return sell(cash, TOP_UP)


@pytest.fixture
def purse(cash):
    return books.a_wallet(cash)


def test_a_refund_takes_the_own_lot_then_what_expired_then_others_and_leaves_arrears(wallet, terms, unit):
    books.says(unit, after(10))
    wallet.earn(300)
    purchase = buy(wallet, terms)
    wallet.spend(400, at=NOON + MINUTE)
    late = NOON + 20 * DAY
    books.expire_all(late)
    assert books.totals(unit)["BREAKAGE"] == 600

    tell(purchase, "REFUNDED", 3000, at=late)

    assert states(purchase) == ("REFUNDED", 3000, 3000, 1000)
    (back,) = Posting.objects.filter(kind="CLAW_BACK", corrects_id=known(purchase).posting_id)
    assert books.legs(back.pk) == {"BREAKAGE": -600, "MEMBER": -300, "ARREARS": -100, "CLEARING": 1000}
    assert wallet.figures(late) == Figures(owed=100)


def test_a_refund_told_twice_takes_once(wallet, terms):
    purchase = buy(wallet, terms)
    tell(purchase, "REFUNDED", 3000)

    with books.unchanged():
        assert not tell(purchase, "REFUNDED", 3000).changed
        assert not tell(purchase, "REFUNDED").changed

    assert wallet.figures() == Figures()


@pytest.mark.parametrize(
    ("kind", "amount", "refusal"),
    [("REFUNDED", 3001, errors.PaymentMismatch), ("REFUNDED", 1500, errors.RefundNotWhole)],
)
def test_points_go_back_whole(kind, amount, refusal, wallet, terms):
    purchase = buy(wallet, terms)

    with books.unchanged(), pytest.raises(refusal):
        tell(purchase, kind, amount)

    assert states(purchase) == ("CAPTURED", 3000, 0, 0)


@pytest.mark.parametrize("parts", [[1000], [1, 300, 999, 1000], [300, 100, 300, 1000], [300, 1000, 300]])
def test_money_goes_back_in_parts_and_sums_do_not_depend_on_how(parts, purse, top_up):
    purchase = buy(purse, top_up, 1000)

    for upto in parts:
        tell(purchase, "REFUNDED", upto)

    assert states(purchase) == ("REFUNDED", 1000, 1000, 1000)
    assert purse.figures() == Figures()


def test_a_part_of_the_money_leaves_the_rest(purse, top_up, cash):
    purchase = buy(purse, top_up, 1000)

    tell(purchase, "REFUNDED", 250)

    assert states(purchase) == ("CAPTURED", 1000, 250, 250)
    assert (purse.figures(), books.totals(cash)) == (Figures(750), {"MEMBER": 750, "CLEARING": -750})


def test_the_fee_goes_back_last_and_takes_nothing(purse, cash):
    purchase = buy(purse, sell(cash, TOP_UP, fee=100), 1000)

    tell(purchase, "REFUNDED", 1050)
    assert (states(purchase), purse.figures()) == (("CAPTURED", 1100, 1050, 1000), Figures())

    tell(purchase, "REFUNDED", 1100)
    assert states(purchase) == ("REFUNDED", 1100, 1100, 1000)
    assert Posting.objects.filter(kind="CLAW_BACK").count() == 1


def test_who_used_nothing_can_withdraw_within_the_time(wallet, terms, unit):
    other = wallet.earn(500)
    purchase = buy(wallet, terms)
    last = datetime(2026, 3, 16, 23, tzinfo=UTC) - SECOND  # the end of the fourteenth day in Berlin
    assert untouched(purchase, at=last)

    told = withdraw(purchase, at=last)

    assert (told.changed, states(purchase)) == (True, ("REFUNDED", 3000, 3000, 1000))
    assert wallet.left() == [500, 0]
    assert wallet.lot(other).remaining == 500
    assert books.totals(unit) == {"ISSUANCE": -500, "MEMBER": 500}


@pytest.mark.parametrize("use", ["spend", "hold"])
def test_who_used_one_point_can_not_withdraw(use, wallet, terms):
    purchase = buy(wallet, terms)
    getattr(wallet, use)(1)

    assert not untouched(purchase, at=NOON)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused) as refusal:
        withdraw(purchase)

    assert refusal.value.facts["reason"] == "withdrawal_used"
    assert states(purchase) == ("CAPTURED", 3000, 0, 0)


def test_who_owed_can_not_withdraw_what_paid_the_debt(wallet, terms):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 100)

    purchase = buy(wallet, terms)

    assert (wallet.figures(), wallet.left(), books.totals(wallet.unit)["MEMBER"]) == (Figures(900), [0, 900], 900)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused):
        withdraw(purchase)


@pytest.mark.parametrize(
    ("days", "at", "reason"),
    [(0, NOON, "no_withdrawal"), (14, datetime(2026, 3, 16, 23, tzinfo=UTC), "withdrawal_over")],
)
def test_without_the_right_nobody_withdraws(days, at, reason, wallet, unit):
    purchase = buy(wallet, sell(unit, withdrawal_days=days))

    assert not untouched(purchase, at=at)
    with books.unchanged(), pytest.raises(errors.WithdrawalRefused) as refusal:
        withdraw(purchase, at=at)

    assert refusal.value.facts["reason"] == reason


def test_what_expired_is_not_withdrawn_whether_or_not_the_night_was(wallet, terms, unit):
    books.says(unit, after(5))
    purchase = buy(wallet, terms)
    late = NOON + 6 * DAY

    for _ in range(2):
        assert not untouched(purchase, at=late)
        with pytest.raises(errors.WithdrawalRefused) as refusal:
            withdraw(purchase, at=late)
        assert refusal.value.facts["reason"] == "withdrawal_over"
        books.expire_all(late)


def test_points_that_came_back_into_the_lot_can_be_withdrawn_again(wallet, terms):
    purchase = buy(wallet, terms)
    wallet.reverse(wallet.spend(10))

    assert withdraw(purchase).changed


def test_what_came_in_and_went_back_adds_up_to_the_clearing_account(wallet, purse, terms, top_up, unit, cash):
    late = datetime(2026, 4, 2, tzinfo=UTC)
    tell(buy(wallet, terms, 5000), "REFUNDED", at=late)
    buy(wallet, terms, 1000, at=late)
    topped_up = buy(purse, top_up, 1000)
    for upto, at in ((300, NOON), (100, late), (700, late)):
        tell(topped_up, "REFUNDED", upto, at=at)

    rows = {(row.month, row.unit_id): row for row in clearing([unit.programme_id])}

    assert {key: (row.captured, row.refunded, row.net, row.net_units) for key, row in rows.items()} == {
        ("2026-03", unit.pk): (9000, 0, 9000, 5000),
        ("2026-04", unit.pk): (3000, 9000, -6000, -4000),
        ("2026-03", cash.pk): (1000, 300, 700, 700),
        ("2026-04", cash.pk): (0, 400, -400, -400),
    }
    for each in (unit, cash):
        assert sum(row.net_units for row in rows.values() if row.unit_id == each.pk) == -books.totals(each)["CLEARING"]
    assert clearing([]) == []
