"""An account statement: opening, movements, closing."""

from datetime import timedelta

import pytest

from ledger.statements import Movement, Statement, statement_of
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, TestWallet


def statement(wallet: TestWallet, *, since=NOON, until=NOON + DAY) -> Statement:
    return statement_of(wallet.wallet_id, unit=wallet.unit, since=since, until=until)


def moves(found: Statement) -> list[tuple[str, int, int]]:
    return [(movement.kind, movement.amount, movement.balance) for movement in found.movements]


def test_an_empty_account_has_a_statement_without_movements(wallet):
    found = statement(wallet)

    assert (found.opening, found.movements, found.closing) == (0, (), 0)
    assert (found.came_in, found.went_out) == (0, 0)


def test_what_moved_in_the_period_leads_from_opening_to_closing(wallet):
    wallet.earn(80, at=NOON - DAY)
    earned = wallet.earn(30, at=NOON)
    wallet.spend(50, at=NOON + timedelta(hours=2))
    wallet.earn(5, at=NOON + DAY)

    found = statement(wallet)

    assert found.movements[0] == Movement(earned, "ACCRUE", NOON, 30, 110)
    assert moves(found) == [("ACCRUE", 30, 110), ("BURN", -50, 60)]
    assert (found.opening, found.came_in, found.went_out, found.closing) == (80, 30, 50, 60)


def test_the_period_includes_its_first_instant_and_not_its_end(wallet):
    for at in (NOON - SECOND, NOON, NOON + DAY - SECOND, NOON + DAY):
        wallet.earn(1, at=at)

    found = statement(wallet)

    assert [movement.happened_at for movement in found.movements] == [NOON, NOON + DAY - SECOND]
    assert (found.opening, found.closing) == (1, 3)


def test_periods_that_follow_each_other_fit_together(wallet):
    for hours in range(0, 72, 5):
        wallet.earn(10 + hours, at=NOON + timedelta(hours=hours))

    first, second, third = (statement(wallet, since=NOON + DAY * no, until=NOON + DAY * (no + 1)) for no in range(3))
    whole = statement(wallet, until=NOON + DAY * 3)

    assert (first.closing, second.closing) == (second.opening, third.opening)
    assert first.movements + second.movements + third.movements == whole.movements
    assert whole.closing == sum(10 + hours for hours in range(0, 72, 5))


def test_what_is_reported_late_stands_where_it_happened(wallet):
    wallet.earn(7, at=NOON + timedelta(hours=5))
    wallet.earn(3, at=NOON + timedelta(hours=1))

    assert moves(statement(wallet)) == [("ACCRUE", 3, 3), ("ACCRUE", 7, 10)]


def test_what_is_taken_back_is_one_movement_though_a_part_is_owed_and_offsetting_it_is_none(wallet):
    earned = wallet.earn(80, at=NOON)
    wallet.spend(50, at=NOON + SECOND)
    wallet.claw_back(earned, 80, at=NOON + 2 * SECOND)
    wallet.earn(60, at=NOON + 3 * SECOND)

    found = statement(wallet)

    assert books.moved(wallet, "SETTLE") == [-50, 50]
    assert moves(found) == [("ACCRUE", 80, 80), ("BURN", -50, 30), ("CLAW_BACK", -80, -50), ("ACCRUE", 60, 10)]


def test_other_units_and_other_wallets_have_their_own(programme, unit, wallet):
    credit = TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    wallet.earn(80, at=NOON)
    credit.earn(7, at=NOON)
    books.a_wallet(unit).earn(9, at=NOON)

    assert [statement(each).closing for each in (wallet, credit)] == [80, 7]


@pytest.mark.parametrize("days", [0, -1])
def test_a_period_without_time_is_empty(wallet, days):
    wallet.earn(80, at=NOON)

    found = statement(wallet, until=NOON + DAY * days)

    assert (found.opening, found.movements) == (0, ())
