"""Closed days for tests: rows are dated by the database's own clock, so what is recorded now is closed tomorrow."""

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection

from ledger import services as ledger
from ledger.models import Entry, LotUse, Posting
from ledger.seals import Damage, damages
from ledger.services import SealStep
from tests.ledger import books
from tests.ledger.books import DAY, NOON

SEALING = Path(__file__).resolve().parents[2] / "ledger" / "sql" / "sealing.sql"


def tomorrow(days: int = 1) -> datetime:
    """
    When what is recorded now is closed: rows are dated by the database's own clock. At noon, because a day is closed a
    quarter of an hour after its midnight.
    """
    return (datetime.now(UTC) + days * DAY).replace(hour=12)


def seal_all(at: datetime, *, postings: int = 1_000_000) -> list[SealStep]:
    steps = [ledger.seal_next(at=at, postings=postings)]
    while steps[-1] in {SealStep.ANNOUNCED, SealStep.SEALED}:
        steps.append(ledger.seal_next(at=at, postings=postings))
    return steps


def found() -> list[Damage]:
    return list(damages(tell=lambda _all, _done: None))


@contextmanager
def another_session() -> Iterator[psycopg.Connection[Any]]:
    settings = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST", "port": "PORT"}
    address = {
        name: connection.settings_dict[ours] for name, ours in settings.items() if connection.settings_dict[ours]
    }
    with psycopg.connect(**address) as session:
        yield session


def a_lived_in_wallet(unit: Any) -> books.TestWallet:
    """Two wallets with earnings and spendings, and a bit of everything."""
    ada, bob = books.a_wallet(unit, 300), books.a_wallet(unit, 50)
    earning = ada.earn(100, until=NOON + DAY)
    ada.capture(ada.hold(40), 30)
    bob.reverse(bob.spend(20))
    ada.claw_back(earning, 60)
    for number in range(30):
        (ada if number % 2 else bob).earn(10 + number)
        ada.spend(3)
    return ada


def all_rows() -> int:
    return Posting.objects.count() + Entry.objects.count() + LotUse.objects.count()


def new_names(count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_new_posting_ids(%s)", [count])
        (names,) = cursor.fetchone()
    return list(names)


def entry_of(posting: int) -> int:
    return Entry.objects.filter(posting_id=posting).earliest("pk").pk


def as_json(wallet: books.TestWallet, *, posting: int | None) -> str:
    return ledger.accruing(
        programme_id=wallet.programme_id,
        accruals=[dataclasses.replace(wallet.accrual(9), posting_id=posting)],
        actor="test",
    ).parameters[2]


@contextmanager
def replaced(right: str, wrong: str) -> Iterator[None]:
    """The functions with a bug in them, for a while."""
    functions = SEALING.read_text()
    functions = functions[: functions.index("CREATE TRIGGER append_only")]
    start = functions.index("CREATE TRIGGER not_into_a_seal")
    functions = functions[:start] + functions[functions.index(";\n", start) + 2 :]
    assert functions.count(right) == 1
    functions = functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    with connection.cursor() as cursor:
        cursor.execute(functions.replace(right, wrong))
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(functions)
