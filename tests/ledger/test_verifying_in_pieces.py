"""Books of any size are verified by sums over pieces of them, which find what the exact checks find."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from ledger import equations
from ledger.equations import SUMS, pieces
from tests.ledger import books
from tests.ledger.test_verify_ledger import PLANTED, lived_in

__all__ = ["lived_in"]

HOUSE = Path(__file__).resolve().parents[2]


def broken() -> set[str]:
    """The promises that the sums say are broken, all computed on this connection."""
    total: Counter[str] = Counter()
    for piece in pieces():
        total.update(piece.compute())
    return {promise for name, promises in SUMS.items() if total[name] for promise in promises}


SUMMED = {promise for promises in SUMS.values() for promise in promises}


@pytest.mark.parametrize(("check", "difference"), [case for case in PLANTED if case[0] in SUMMED])
def test_a_planted_difference_breaks_the_sum_of_its_promise(check, difference, lived_in, breaking):
    assert broken() == set()

    breaking(difference)

    assert check in broken()


# P09: one point more or less, anywhere.
ONE_POINT = [
    ("ledger_account", "balance"),
    ("ledger_account", "held"),
    ("ledger_account", "seq"),
    ("ledger_entry", "amount"),
    ("ledger_entry", "balance_after"),
    ("ledger_entry", "seq"),
    ("ledger_lot", "remaining"),
    ("ledger_lot", "earned"),
    ("ledger_lot", "reserved"),
    ("ledger_lotuse", "amount"),
    ("ledger_hold", "amount"),
    ("ledger_holdlot", "amount"),
    ("ledger_purchase", "amount"),
]
MEANT = {
    "ledger_account": "wallet_id IS NOT NULL",
    "ledger_entry": "wallet_id IS NOT NULL",
    "ledger_hold": "state = 'HELD'",
    "ledger_holdlot": "hold_id IN (SELECT id FROM ledger_hold WHERE state = 'HELD')",
}


def missed(count: int, seed: int) -> list[str]:
    """Which of `count` errors of one point, each undone again, neither sums nor checks find."""
    chance = random.Random(seed)
    found_nothing = []
    for _ in range(count):
        table, column = chance.choice(ONE_POINT)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id FROM {table} WHERE {MEANT.get(table, 'true')} ORDER BY id")
            row = chance.choice([row_id for (row_id,) in cursor.fetchall()])
        change = f"UPDATE {table} SET {column} = {column} + {chance.choice([-1, 1])} WHERE id = {row}"
        # What a unique key refuses, as a number that another entry has, can't happen.
        with suppress(IntegrityError), transaction.atomic():
            books.break_books(change)
            if not broken() or not books.findings():
                found_nothing.append(change)
            transaction.set_rollback(True)
    return found_nothing


def test_a_hundred_of_a_hundred_errors_of_one_point_are_found(lived_in, breaking):
    assert missed(100, seed=9) == []


def test_without_the_entries_running_balances_some_are_missed(lived_in, breaking, monkeypatch):
    monkeypatch.setitem(equations._OF_ENTRIES, "running balances", "0")
    monkeypatch.setitem(equations._OF_ACCOUNTS, "running balances", "0")

    assert missed(30, seed=9) != []


def test_errors_that_make_up_for_each_other_are_found(lived_in, breaking):
    for change, which in (("+ 1", "min"), ("- 1", "max")):
        breaking(
            f"UPDATE ledger_account SET balance = balance {change}"
            f" WHERE id = (SELECT {which}(id) FROM ledger_account WHERE kind = 'MEMBER')"
        )

    assert {equations.BALANCES, equations.LOTS} <= broken()


def test_amounts_too_large_to_be_weighed_in_eight_bytes_are_weighed_in_more(unit, breaking):
    wallet = books.a_wallet(unit, 2**60)
    wallet.spend(2**59)

    assert broken() == set()
    breaking("UPDATE ledger_account SET balance = balance + 1 WHERE wallet_id = %s", wallet.wallet_id)
    assert {equations.BALANCES, equations.LOTS} <= broken()


def test_pieces_leave_no_id_out(lived_in, monkeypatch, breaking):
    monkeypatch.setattr(equations, "_ROWS_AT_ONCE", 3)
    assert len(pieces()) > 10
    assert broken() == set()

    breaking("UPDATE ledger_entry SET posting_id = -5 WHERE id = (SELECT max(id) FROM ledger_entry)")

    assert equations.LINKED in broken()


# -- the command


def command(*arguments: str) -> subprocess.Popen[str]:
    program = (
        "import django; django.setup(); from django.db import connection;"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
        f"from ledger import equations; equations._ROWS_AT_ONCE = 3;"
        "from django.core.management import execute_from_command_line as run;"
        f"run(['manage.py', 'verify_ledger', *{list(arguments)!r}])"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "loyalty_site.settings"}
    return subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=HOUSE,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("connections", ["1", "3"])
def test_several_connections_find_the_same(connections, lived_in, breaking):
    breaking("UPDATE ledger_lot SET remaining = remaining - 1 WHERE earned = 50")

    process = command("--quiet", f"--connections={connections}")
    said, complained = process.communicate(timeout=60)

    assert (process.returncode, said) == (1, "")
    assert f"{equations.USES}: NO, lot" in complained
    assert f"{equations.LOTS}: NO, account" in complained
    assert equations.CHAIN not in complained


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ctrl_c_stops_it_and_the_exit_says_that_it_is_unfinished(lived_in):
    with psycopg.connect(**address()) as hindrance, psycopg.connect(**address(), autocommit=True) as observer:
        # Nothing can be read until this is over.
        hindrance.execute("LOCK TABLE ledger_lotuse IN ACCESS EXCLUSIVE MODE")
        process = command()
        deadline = time.monotonic() + 30
        while not waits(observer):
            assert time.monotonic() < deadline
            time.sleep(0.1)

        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=30)

    assert process.returncode == 2
    assert "unfinished, so nothing is proven." in complained
    assert "Traceback" not in complained


def address() -> dict[str, str]:
    names = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    settings = connection.settings_dict
    return {name: str(settings[ours]) for name, ours in names.items() if settings[ours]}


def waits(observer: psycopg.Connection) -> bool:
    row = observer.execute(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    ).fetchone()
    return row is not None and row[0] > 0
