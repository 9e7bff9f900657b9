"""What a member sees: balances at an instant, what lapses soon, the history."""

import pytest

from ledger import queries
from tests.ledger import books
from tests.ledger.books import DAY, MINUTE, NOON, SECOND, Figures


def expiring(wallet, *, at=NOON, within=30 * DAY):
    rows = queries.expiring(wallet.wallet_id, at=at, within=within)
    return [(row.unit.code, row.amount, row.expires_at) for row in rows]


def test_every_unit_of_a_wallet_has_a_row_in_the_order_units_were_made(programme, unit):
    credit = books.a_unit(programme, "credit", decimals=2)
    wallet = books.a_wallet(unit, 300)

    rows = queries.balances_of(wallet.wallet_id, at=NOON)

    assert [(row.unit, row.unit.decimals, row.spendable) for row in rows] == [(unit, 0, 300), (credit, 2, 0)]


def test_all_four_figures_at_once(wallet):
    earning = wallet.earn(100)
    wallet.spend(100)
    wallet.claw_back(earning, 100)
    wallet.earn(150)
    wallet.earn(70, active=NOON + DAY)
    wallet.hold(30)

    assert wallet.figures() == Figures(spendable=20, reserved=30, pending=70)


def test_balances_of_many_wallets_come_in_one_query(unit, django_assert_num_queries):
    wallets = [books.a_wallet(unit, points) for points in (10, 20, 30)]
    ids = [wallet.wallet_id for wallet in wallets]

    with django_assert_num_queries(1):
        found = queries.balances_by_wallet([*ids, -1], at=NOON)

    assert {wallet_id: rows[0].spendable for wallet_id, rows in found.items()} == dict(
        zip(ids, (10, 20, 30), strict=True)
    )


def test_an_unknown_wallet_has_nothing(unit):
    assert queries.balances_of(-1, at=NOON) == []
    assert queries.spendable(-1, unit.pk, at=NOON) == 0


@pytest.mark.parametrize("points", [200, 300])
def test_a_wallet_whose_lots_all_lapsed_while_reserved_shows_the_hold_and_nothing_else(points, wallet_with):
    wallet = wallet_with(300, until=NOON + MINUTE)
    wallet.hold(points)

    assert wallet.figures(NOON + MINUTE) == Figures(reserved=points)


def test_lots_that_lapse_together_are_one_row_and_the_soonest_comes_first(wallet):
    for days, amount in ((9, 5), (3, 10), (3, 20), (31, 40)):
        wallet.earn(amount, until=NOON + days * DAY)
    wallet.earn(80)

    assert expiring(wallet) == [("points", 30, NOON + 3 * DAY), ("points", 5, NOON + 9 * DAY)]


@pytest.mark.parametrize(
    ("_case", "at", "rows"),
    [
        ("the moment it lapses it is gone", NOON + 3 * DAY, 0),
        ("a second before it is there", NOON + 3 * DAY - SECOND, 1),
        ("on the last second of the window", NOON, 1),
        ("a second beyond the window", NOON - SECOND, 0),
    ],
)
def test_the_window_of_what_lapses(_case, at, rows, wallet):
    wallet.earn(10, at=NOON - DAY, until=NOON + 3 * DAY)

    assert len(expiring(wallet, at=at, within=3 * DAY)) == rows


def test_what_an_open_hold_keeps_does_not_lapse_until_the_hold_is_over(wallet):
    wallet.earn(30, until=NOON + 3 * DAY)
    wallet.hold(20)

    assert expiring(wallet) == [("points", 10, NOON + 3 * DAY)]
    assert expiring(wallet, at=NOON + 5 * MINUTE) == [("points", 30, NOON + 3 * DAY)]


def test_a_lot_that_a_hold_keeps_whole_is_left_out(wallet):
    wallet.earn(30, until=NOON + 3 * DAY)
    wallet.hold(30)

    assert expiring(wallet) == []


def test_what_lapses_is_told_by_unit(programme, wallet):
    credit = books.TestWallet(wallet.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(500, until=NOON + 3 * DAY)
    wallet.earn(10, until=NOON + 3 * DAY)

    assert expiring(wallet) == [("points", 10, NOON + 3 * DAY), ("credit", 500, NOON + 3 * DAY)]


def test_the_history_is_newest_first_with_arrears_and_nobody_elses(wallet, wallet_with):
    wallet_with(999)
    earning = wallet.earn(100)
    wallet.spend(90)
    wallet.claw_back(earning, 50)

    history = [(entry.posting.kind, entry.account.kind, entry.amount) for entry in queries.entries_of(wallet.wallet_id)]

    assert sorted(history[:2]) == [("CLAW_BACK", "ARREARS", -40), ("CLAW_BACK", "MEMBER", -10)]
    assert history[2:] == [("BURN", "MEMBER", -90), ("ACCRUE", "MEMBER", 100)]


def test_what_moved_between_two_instants_by_kind(programme, wallet):
    wallet.earn(1, at=NOON - SECOND)
    wallet.earn(100, at=NOON)
    wallet.spend(30, at=NOON + MINUTE)
    wallet.earn(50, at=NOON + DAY)

    assert queries.moved_between(programme.pk, start=NOON, end=NOON + DAY) == {"ACCRUE": 100, "BURN": -30}


def test_units_are_found_by_programme_and_code(programme, unit):
    elsewhere = books.a_unit(books.a_programme("butcher"))

    assert queries.unit_of(programme.pk, "points") == unit
    assert list(queries.units_of(elsewhere.programme_id)) == [elsewhere]


def test_the_lot_of_an_earning_is_found_by_its_posting(wallet):
    earning = wallet.earn(100)

    assert queries.lots_of_postings([earning, -1]) == {earning: wallet.lot(earning)}


def test_postings_of_programmes_newest_first(programme, wallet):
    books.a_wallet(books.a_unit(books.a_programme("butcher")), 10)
    first, second = wallet.earn(1), wallet.earn(2)

    assert list(queries.postings([programme.pk]).values_list("pk", flat=True)) == [second, first]
