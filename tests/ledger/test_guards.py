"""What the database refuses, whoever writes: raw SQL, past every service."""

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import IntegrityError, ProgrammingError, connection, transaction
from psycopg import sql

from ledger.models import Account, Entry, Hold, HoldLot, Lot, LotUse, Posting
from tests.ledger import books
from tests.ledger.books import MINUTE, NOON

APPEND_ONLY = [Posting, Entry, LotUse, HoldLot]


@pytest.fixture
def lived_in(wallet_with):
    """A wallet with a row in every table: an earning, a spending, an open hold."""
    wallet = wallet_with(300)
    wallet.spend(100)
    wallet.hold(50)
    return wallet


def run(statement: str, *parameters: Any) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def a_posting() -> int:
    return Posting.objects.create(
        programme_id=Account.objects.earliest("pk").programme_id,
        kind="ACCRUE",
        source="raw",
        reference=f"{Posting.objects.count()}",
        actor="raw",
        occurred_at=NOON,
    ).pk


def insert_legs(posting: int, legs: list[tuple[Account, int]]) -> None:
    """All in one statement, as balanced or not as they come, and on members' accounts with the right number."""
    rows = []
    for account, amount in legs:
        number = account.seq + 1 if account.wallet_id else None
        rows.append((account.programme_id, account.wallet_id, posting, account.pk, account.unit_id, amount, number))
    values = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, 0)"] * len(rows))
    run(
        "INSERT INTO ledger_entry (programme_id, wallet_id, posting_id, account_id, unit_id, amount, seq,"
        f" balance_after) VALUES {values}",
        *[value for row in rows for value in row],
    )


def account(wallet, kind: str) -> Account:
    return Account.objects.get(
        unit=wallet.unit, kind=kind, wallet=wallet.wallet_id if kind in {"MEMBER", "ARREARS"} else None
    )


@pytest.mark.parametrize(
    ("_case", "legs"),
    [
        ("one leg", [("MEMBER", 5)]),
        ("one short", [("MEMBER", 5), ("ISSUANCE", -4)]),
        ("same sign", [("MEMBER", 5), ("ISSUANCE", 5)]),
        ("three legs", [("MEMBER", 5), ("ISSUANCE", -3), ("REDEMPTION", -1)]),
        ("a leg that moves nothing", [("MEMBER", 5), ("ISSUANCE", -5), ("REDEMPTION", 0)]),
    ],
)
def test_entries_that_do_not_sum_to_zero_are_refused(_case, legs, lived_in):
    with books.unchanged(), pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        insert_legs(a_posting(), [(account(lived_in, kind), amount) for kind, amount in legs])


def test_entries_that_sum_to_zero_only_over_two_units_are_refused(programme, lived_in):
    credit = books.TestWallet(lived_in.wallet_id, books.a_unit(programme, "credit"))
    credit.earn(5)

    with books.unchanged(), pytest.raises(IntegrityError, match="sum to zero"), transaction.atomic():
        insert_legs(a_posting(), [(account(lived_in, "MEMBER"), 5), (account(credit, "ISSUANCE"), -5)])


def test_entries_of_two_postings_that_sum_to_zero_only_together_are_refused(lived_in):
    redemption, issuance = account(lived_in, "REDEMPTION"), account(lived_in, "ISSUANCE")
    earning, spending = books.postings_of(lived_in)

    with books.unchanged(), pytest.raises(IntegrityError, match="sum to zero"):
        run(
            "INSERT INTO ledger_entry (programme_id, posting_id, account_id, unit_id, amount)"
            " VALUES (%s, %s, %s, %s, 5), (%s, %s, %s, %s, -5)",
            *(redemption.programme_id, earning, redemption.pk, redemption.unit_id),
            *(issuance.programme_id, spending, issuance.pk, issuance.unit_id),
        )


@pytest.mark.parametrize(
    ("_case", "legs"),
    [("one leg", [("REDEMPTION", 5)]), ("a balanced pair", [("MEMBER", 5), ("ISSUANCE", -5)])],
)
def test_an_old_posting_gets_no_further_legs(_case, legs, lived_in):
    (first, *_) = books.postings_of(lived_in)

    with books.unchanged(), pytest.raises(IntegrityError):
        insert_legs(first, [(account(lived_in, kind), amount) for kind, amount in legs])


def test_a_posting_has_one_leg_per_account(lived_in):
    member = account(lived_in, "MEMBER")
    member_again = account(lived_in, "MEMBER")
    member_again.seq += 1

    with books.unchanged(), pytest.raises(IntegrityError, match="one_per_posting"), transaction.atomic():
        insert_legs(a_posting(), [(member, 5), (member_again, 5), (account(lived_in, "ISSUANCE"), -10)])


def test_an_old_posting_gets_no_balanced_pair_on_accounts_it_did_not_touch(lived_in, wallet_with):
    bob = wallet_with(50)
    (earning, *_) = books.postings_of(lived_in)

    with books.unchanged(), pytest.raises(IntegrityError, match="come at once"):
        insert_legs(earning, [(account(bob, "MEMBER"), 5), (account(bob, "REDEMPTION"), -5)])


@pytest.mark.parametrize("model", APPEND_ONLY)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_what_was_booked_is_neither_changed_nor_deleted(model, statement, lived_in):
    with books.unchanged(), pytest.raises(ProgrammingError, match="append-only"):
        run(statement.format(model._meta.db_table))


@pytest.mark.parametrize("model", [Account, Lot, Hold])
def test_accounts_lots_and_holds_are_never_deleted(model, lived_in):
    with books.unchanged(), pytest.raises(ProgrammingError, match="append-only"):
        run(f"DELETE FROM {model._meta.db_table}")


@pytest.mark.parametrize(
    "change",
    [
        "ledger_account SET wallet_id = wallet_id",
        "ledger_account SET unit_id = unit_id",
        "ledger_account SET kind = kind",
        "ledger_lot SET earned = earned",
        "ledger_lot SET account_id = account_id",
        "ledger_lot SET posting_id = posting_id",
    ],
)
def test_whose_an_account_is_and_what_was_earned_stay_as_they_are(change, lived_in):
    with books.unchanged(), pytest.raises(ProgrammingError, match="append-only"):
        run(f"UPDATE {change}")


def test_an_account_is_born_empty(lived_in):
    wallet = books.a_wallet(lived_in.unit)

    for column in ("balance", "held", "seq"):
        values = {"balance": 0, "held": 0, "seq": 0} | {column: 1}
        with books.unchanged(), pytest.raises(IntegrityError, match="born empty"):
            run(
                "INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)"
                " VALUES (%s, %s, %s, 'ARREARS', %s, %s, %s)",
                *(wallet.programme_id, wallet.wallet_id, wallet.unit.pk, *values.values()),
            )


@pytest.mark.parametrize(
    ("kind", "owned"),
    [("ISSUANCE", True), ("REDEMPTION", True), ("BREAKAGE", True), ("MEMBER", False), ("ARREARS", False), ("GIFT", 1)],
)
def test_an_account_is_of_a_kind_that_its_owner_has(kind, owned, lived_in):
    wallet = books.a_wallet(lived_in.unit)

    with books.unchanged(), pytest.raises(IntegrityError, match="of this owner"):
        run(
            "INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)"
            " VALUES (%s, %s, %s, %s, 0, 0, 0)",
            *(wallet.programme_id, wallet.wallet_id if owned else None, wallet.unit.pk, kind),
        )


@pytest.mark.parametrize(
    ("kind", "corrects"), [("REVERSE", False), ("CLAW_BACK", False), ("ACCRUE", True), ("BURN", True), ("GIFT", False)]
)
def test_a_posting_names_what_it_corrects_and_nothing_else(kind, corrects, lived_in):
    (earning, *_) = books.postings_of(lived_in)

    with books.unchanged(), pytest.raises(IntegrityError, match="names the one it corrects"):
        run(
            "INSERT INTO ledger_posting (programme_id, kind, source, reference, corrects_id, actor, occurred_at)"
            " VALUES (%s, %s, 'raw', '1', %s, 'raw', now())",
            *(lived_in.programme_id, kind, earning if corrects else None),
        )


@pytest.mark.parametrize("earned", [0, -5])
def test_a_lot_holds_something(earned, lived_in):
    member = account(lived_in, "MEMBER")

    with books.unchanged(), pytest.raises(IntegrityError, match="holds something"), transaction.atomic():
        run(
            "INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved,"
            " active_from) VALUES (%s, %s, %s, %s, %s, %s, 0, now())",
            *(member.programme_id, member.wallet_id, member.pk, a_posting(), earned, earned),
        )


@pytest.mark.parametrize(("remaining", "reserved"), [(4, 0), (6, 0), (5, 1)])
def test_a_lot_is_born_full(remaining, reserved, lived_in):
    member = account(lived_in, "MEMBER")

    with books.unchanged(), pytest.raises(IntegrityError, match="born full"), transaction.atomic():
        run(
            "INSERT INTO ledger_lot (programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved,"
            " active_from) VALUES (%s, %s, %s, %s, 5, %s, %s, now())",
            *(member.programme_id, member.wallet_id, member.pk, a_posting(), remaining, reserved),
        )


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ("ledger_account SET balance = 49 WHERE kind = 'MEMBER'", "not_overdrawn"),
        ("ledger_account SET held = -1 WHERE kind = 'MEMBER'", "not_overdrawn"),
        ("ledger_account SET balance = 1 WHERE kind = 'ISSUANCE'", "no_cached_balance"),
        ("ledger_account SET balance = 1 WHERE kind = 'ARREARS'", "is_a_debt"),
        ("ledger_lot SET remaining = -1, reserved = 0", "within_earned"),
        ("ledger_lot SET remaining = 301", "within_earned"),
        ("ledger_lot SET reserved = -1", "within_remaining"),
        ("ledger_lot SET reserved = 201", "within_remaining"),
        ("ledger_lot SET expires_at = active_from", "after_it_is_active"),
    ],
)
def test_figures_that_cannot_be_are_refused(change, constraint, lived_in):
    earning = lived_in.earn(100)
    lived_in.spend(250)
    lived_in.claw_back(earning, 100)
    lived_in.earn(100 + 200)

    with books.unchanged(), pytest.raises(IntegrityError, match=constraint):
        run(f"UPDATE {change}")


@pytest.mark.parametrize(
    "change",
    [
        "amount = 49",
        "expires_at = expires_at + interval '1 second'",
        "reference = 'another'",
        "state = 'CAPTURED', captured = 51, closed_at = now()",
        "state = 'RELEASED', captured = 1, closed_at = now()",
        "captured = 1",
        "closed_at = now()",
    ],
)
def test_a_hold_does_not_change_what_it_keeps(change, lived_in):
    with books.unchanged(), pytest.raises(IntegrityError):
        run(f"UPDATE ledger_hold SET {change}")


@pytest.mark.parametrize("end", ["capture", "release"])
@pytest.mark.parametrize(
    "step",
    [
        "state = 'HELD', captured = 0, closed_at = NULL",
        "state = 'CAPTURED', captured = 1, closed_at = now()",
        "state = 'RELEASED', captured = 0, closed_at = now()",
    ],
)
def test_a_hold_that_ended_takes_no_further_step(end, step, wallet_with):
    wallet = wallet_with(300)
    getattr(wallet, end)(wallet.hold(50), at=NOON + MINUTE)

    with books.unchanged(), pytest.raises(IntegrityError, match="ends once"):
        run(f"UPDATE ledger_hold SET {step}")


def test_an_account_is_of_its_wallets_and_its_units_programme(lived_in):
    elsewhere = books.a_wallet(books.a_unit(books.a_programme("butcher")))

    for wallet_id, unit_id in ((elsewhere.wallet_id, lived_in.unit.pk), (lived_in.wallet_id, elsewhere.unit.pk)):
        with books.unchanged(), pytest.raises(IntegrityError, match="of_its_programme"):
            run(
                "INSERT INTO ledger_account (programme_id, wallet_id, unit_id, kind, balance, held, seq)"
                " VALUES (%s, %s, %s, 'ARREARS', 0, 0, 0)",
                *(lived_in.programme_id, wallet_id, unit_id),
            )


def test_a_posting_happens_once(lived_in):
    with books.unchanged(), pytest.raises(IntegrityError, match="happens_once"):
        run(
            "INSERT INTO ledger_posting (programme_id, kind, source, reference, actor, occurred_at)"
            " SELECT programme_id, kind, source, reference, actor, occurred_at FROM ledger_posting LIMIT 1"
        )


@pytest.fixture(scope="module")
def ordinary_database(django_db_setup, django_db_blocker):
    """A copy of the test database under a name that is not a test's: nobody empties that one between tests."""
    name = sql.Identifier("laurel_truncate_scratch")
    with django_db_blocker.unblock():
        connection.close()
        test_database = connection.settings_dict["NAME"]
        where = {"host": settings.DATABASES["default"]["HOST"], "port": settings.DATABASES["default"]["PORT"]}
        where |= {"user": settings.DATABASES["default"]["USER"], "password": settings.DATABASES["default"]["PASSWORD"]}
        with psycopg.connect(dbname="postgres", autocommit=True, **where) as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(name))
            admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(name, sql.Identifier(test_database)))
            try:
                with psycopg.connect(dbname="laurel_truncate_scratch", autocommit=True, **where) as ordinary:
                    yield ordinary
            finally:
                admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(name))


@pytest.mark.parametrize("model", [*APPEND_ONLY, Account, Lot, Hold])
def test_no_table_of_the_books_is_emptied_in_a_database_that_is_not_a_tests(model, ordinary_database):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        ordinary_database.execute(f"TRUNCATE {model._meta.db_table} CASCADE")
