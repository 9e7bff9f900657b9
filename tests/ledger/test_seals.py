"""Seals: what was posted by a closed day is hashed, exactly and once, and a change behind the guards' back is found."""

import dataclasses
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection, transaction

from events.models import OutboxEvent
from ledger import services as ledger
from ledger.models import Entry, Posting, Seal, Sealing, SealPart
from ledger.seals import Damage, damages, is_known
from ledger.services import SealStep
from ledger.tasks import seal_closed_days
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON

SEALING = Path(__file__).resolve().parents[2] / "ledger" / "sql" / "sealing.sql"

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def tomorrow(days: int = 1) -> datetime:
    """When what is recorded now is closed: rows are dated by the database's own clock."""
    return datetime.now(UTC) + days * DAY


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


@pytest.fixture
def lived_in(unit):
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


def test_a_closed_day_is_sealed_step_by_step(lived_in, programme):
    steps = seal_all(tomorrow())

    assert steps == [SealStep.ANNOUNCED, SealStep.SEALED, SealStep.NOTHING]
    seal = Seal.objects.get()
    assert (seal.programme_id, seal.number, bytes(seal.previous)) == (programme.pk, 1, b"")
    assert seal.rows == Posting.objects.count() + Entry.objects.count() + books.LotUse.objects.count()
    assert len(bytes(seal.hash)) == 32
    assert found() == []


def test_what_was_posted_today_is_not_sealed_yet(lived_in):
    assert seal_all(datetime.now(UTC)) == [SealStep.NOTHING]
    assert Sealing.objects.count() == 0


def test_the_day_is_closed_a_quarter_of_an_hour_after_midnight(lived_in):
    midnight = tomorrow().replace(hour=0, minute=0, second=0, microsecond=0)

    assert ledger.seal_next(at=midnight + timedelta(minutes=14, seconds=59)) == SealStep.NOTHING
    assert ledger.seal_next(at=midnight + timedelta(minutes=15)) == SealStep.ANNOUNCED


def test_seals_of_a_programme_are_a_chain(lived_in):
    seal_all(tomorrow())
    lived_in.earn(5)

    seal_all(tomorrow(2))

    first, second = Seal.objects.order_by("number")
    assert (second.number, bytes(second.previous), second.rows) == (2, bytes(first.hash), 3)
    assert found() == []


def test_each_programme_has_its_own_chain(lived_in, programme):
    other = books.a_wallet(books.a_unit(books.a_programme("grocer")), 70)

    seal_all(tomorrow())

    assert Counter(Seal.objects.values_list("programme_id", "number")) == {
        (programme.pk, 1): 1,
        (other.programme_id, 1): 1,
    }
    assert found() == []


def test_a_late_run_takes_all_days_and_a_long_one_comes_in_pieces(lived_in):
    steps = seal_all(tomorrow(9), postings=20)

    assert steps.count(SealStep.SEALED) == Seal.objects.count() > 2
    assert found() == []
    covered = sum(Seal.objects.values_list("rows", flat=True))
    assert covered == Posting.objects.count() + Entry.objects.count() + books.LotUse.objects.count()


def test_a_second_run_seals_nothing(lived_in):
    seal_all(tomorrow())
    before = list(Seal.objects.values())

    assert seal_all(tomorrow()) == [SealStep.NOTHING]
    assert list(Seal.objects.values()) == before


def test_many_workers_seal_once(lived_in):
    at_once(8, lambda _: seal_all(tomorrow()))
    seal_all(tomorrow())

    assert (Sealing.objects.count(), Seal.objects.count()) == (1, 1)
    assert OutboxEvent.objects.filter(type="ledger.sealed").count() == 1
    assert found() == []


def test_the_task_seals_nothing_of_today(lived_in):
    seal_closed_days()

    assert Seal.objects.count() == 0


def test_a_seal_is_a_fact_that_can_be_kept_elsewhere(lived_in, programme):
    seal_all(tomorrow())

    seal, fact = Seal.objects.get(), OutboxEvent.objects.get(type="ledger.sealed")
    assert fact.programme_id == programme.pk
    assert fact.payload == {
        "number": 1,
        "hash": bytes(seal.hash).hex(),
        "previous": "",
        "rows": seal.rows,
        "last_posting": Posting.objects.latest("pk").pk,
    }
    assert is_known(bytes(seal.hash).hex())
    assert not is_known("00" * 32)
    assert not is_known("no hash")


# -- nothing slips through


def test_who_began_before_is_waited_for_and_sealed_too(unit, lived_in):
    late = books.a_wallet(unit)
    with another_session() as session:
        session.execute(
            "SELECT ledger_accrue(%s, 'test', %s)",
            [unit.programme_id, as_json(late, posting=None)],
        )

        steps = [*seal_all(tomorrow()), *seal_all(tomorrow())]
        session.commit()

    # It is posted last, so its number may lie behind those announced: what counts is that it is in one of both seals.
    seal_all(tomorrow())
    assert SealStep.WAITING in steps
    assert sum(Seal.objects.values_list("rows", flat=True)) == all_rows()
    assert found() == []


def test_a_posting_named_before_is_waited_for_while_nobody_closed_the_day(unit, lived_in):
    late = books.a_wallet(unit)
    with another_session() as session:
        (names,) = session.execute("SELECT ledger_new_posting_ids(1)").fetchone() or ((),)
        session.commit()
        # Others have posted meanwhile: the name lies in the middle of what is about to be closed.
        lived_in.earn(1)
        session.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=names[0])])
        steps = seal_all(tomorrow())
        waited = Seal.objects.count()
        session.commit()

    assert (steps, waited) == ([SealStep.ANNOUNCED, SealStep.WAITING], 0)
    assert seal_all(tomorrow()) == [SealStep.SEALED, SealStep.NOTHING]
    assert Seal.objects.get().rows == all_rows()
    assert found() == []


def test_a_posting_named_before_comes_too_late_once_the_day_is_closed(unit, lived_in):
    late = books.a_wallet(unit)
    (name,) = new_names(1)
    lived_in.earn(1)
    ledger.seal_next(at=tomorrow())

    too_late = pytest.raises(OperationalError, match="it was named long before it was written")
    with books.unchanged(), too_late, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=name)])

    (fresh,) = new_names(1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=fresh)])
    seal_all(tomorrow())
    assert Seal.objects.get(number=1).rows + Seal.objects.get(number=2).rows == all_rows()


def test_whoever_posts_while_days_are_closed_is_sealed_once(unit, lived_in):
    wallets = [books.a_wallet(unit) for _ in range(6)]

    def work(number: int) -> None:
        if number < len(wallets):
            for count in range(40):
                wallets[number].earn(1 + count)
        else:
            for days in range(1, 25):
                ledger.seal_next(at=tomorrow(days), postings=30)

    at_once(8, work)
    seal_all(tomorrow(99), postings=30)

    assert Seal.objects.count() > 3
    assert sum(Seal.objects.values_list("rows", flat=True)) == all_rows()
    assert found() == []


def test_without_the_guard_a_late_posting_slips_into_a_seal(unit, lived_in, breaking):
    (name,) = new_names(1)
    lived_in.earn(1)
    late = books.a_wallet(unit)
    with replaced("IF EXISTS (SELECT FROM new_rows", "IF false AND EXISTS (SELECT FROM new_rows"):
        seal_all(tomorrow())
        with connection.cursor() as cursor:
            cursor.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=name)])

    assert [damage.number for damage in found()] == [1]


def test_without_waiting_who_began_before_is_missing(unit, lived_in, breaking):
    late = books.a_wallet(unit)
    waits = "IF pg_snapshot_xmin(snapshot)::text::bigint >= stretch.horizon THEN"
    with replaced(waits, "IF true THEN"), another_session() as session:
        (names,) = session.execute("SELECT ledger_new_posting_ids(1)").fetchone() or ((),)
        session.commit()
        lived_in.earn(1)
        session.execute("SELECT ledger_accrue(%s, 'test', %s)", [unit.programme_id, as_json(late, posting=names[0])])
        seal_all(tomorrow())
        session.commit()

        assert found() != []


# -- what is changed is found

TABLES = {
    "ledger_posting": [
        "actor = actor || 'x'",
        "occurred_at = occurred_at + interval '1 microsecond'",
        "recorded_at = recorded_at - interval '1 day'",
        "reference = reference || ' '",
        "source = 'till'",
        "kind = CASE kind WHEN 'BURN' THEN 'ADJUST' ELSE 'BURN' END",
        "corrects_id = coalesce(corrects_id, 0) + 1",
        "programme_id = -1",
    ],
    "ledger_entry": [
        "amount = amount + 1",
        "amount = -amount",
        "balance_after = coalesce(balance_after, 0) + 1",
        "seq = coalesce(seq, 0) + 1000",
        "account_id = -1",
        "wallet_id = coalesce(wallet_id, 0) - 1",
        "unit_id = -1",
        "programme_id = -1",
    ],
    "ledger_lotuse": ["amount = amount + 1", "lot_id = -1", "programme_id = -1", "wallet_id = -1"],
}


def tampering(chance: random.Random) -> tuple[str, str]:
    """A table, and a statement that changes, removes or adds one row of it."""
    table = chance.choice(sorted(TABLES))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table} ORDER BY id")
        row = chance.choice([row_id for (row_id,) in cursor.fetchall()])
    what = chance.choice(["change", "change", "change", "remove", "add"])
    if what == "remove":
        return table, f"DELETE FROM {table} WHERE id = {row}"
    if what == "change":
        return table, f"UPDATE {table} SET {chance.choice(TABLES[table])} WHERE id = {row}"
    return table, {
        "ledger_posting": "INSERT INTO ledger_posting (id, programme_id, kind, source, reference, actor, occurred_at)"
        f" SELECT -{row}, programme_id, kind, source, 'added', actor, occurred_at FROM ledger_posting WHERE id = {row}",
        "ledger_entry": "INSERT INTO ledger_entry (programme_id, posting_id, account_id, unit_id, amount)"
        f" SELECT programme_id, posting_id, -1, unit_id, 1 FROM ledger_entry WHERE id = {row}",
        "ledger_lotuse": "INSERT INTO ledger_lotuse (programme_id, wallet_id, posting_id, lot_id, amount)"
        f" SELECT programme_id, wallet_id, posting_id, lot_id, 1 FROM ledger_lotuse WHERE id = {row}",
    }[table]


def tamperings_found(count: int, seed: int) -> list[str]:
    """Which of `count` random tamperings, each undone again, are not found."""
    chance = random.Random(seed)
    missed = []
    for _ in range(count):
        _table, statement = tampering(chance)
        with transaction.atomic():
            books.break_books(statement)
            if not found():
                missed.append(statement)
            transaction.set_rollback(True)
    return missed


def test_a_hundred_of_a_hundred_tamperings_are_found(lived_in, breaking):
    seal_all(tomorrow(), postings=25)

    assert tamperings_found(100, seed=7) == []
    assert found() == []


def test_a_seal_that_skips_the_last_row_misses_some(lived_in, breaking):
    with replaced("posting.id <= p_until\n", "posting.id < p_until\n"):
        seal_all(tomorrow(), postings=25)

        last = Sealing.objects.latest("until").until
        with transaction.atomic():
            books.break_books("UPDATE ledger_posting SET actor = 'somebody' WHERE id = %s", last)
            assert found() == []
            transaction.set_rollback(True)
        assert tamperings_found(100, seed=7) != []


ADDED_ENTRY = (
    "INSERT INTO ledger_entry (id, programme_id, posting_id, account_id, unit_id, amount)"
    " SELECT 999999, programme_id, posting_id, -1, unit_id, 1 FROM ledger_entry WHERE id = {entry}"
)
FIRST_REMOVED = (
    "DELETE FROM ledger_sealpart USING ledger_seal s WHERE s.id = seal_id AND number = 1;"
    "DELETE FROM ledger_seal WHERE number = 1"
)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE ledger_entry SET amount = amount + 1 WHERE id = {entry}", "entry {entry} was changed"),
        ("UPDATE ledger_posting SET actor = 'eve' WHERE id = {posting}", "posting {posting} was changed"),
        ("DELETE FROM ledger_lotuse WHERE id = {use}", "1 rows were removed behind entry {entry}"),
        (
            ADDED_ENTRY,
            "entry 999999 was added",
        ),
    ],
)
def test_the_row_that_differs_is_named(change, said, lived_in, programme, breaking):
    seal_all(tomorrow())
    use = books.LotUse.objects.latest("pk")
    names = {
        "use": use.pk,
        "posting": use.posting_id,
        "entry": Entry.objects.filter(posting=use.posting_id).latest("pk").pk,
    }

    breaking(change.format(**names))

    assert found() == [Damage(programme.pk, 1, said.format(**names))]


@pytest.mark.parametrize(
    ("change", "number", "said"),
    [
        ("UPDATE ledger_seal SET hash = sha256('x') WHERE number = 1", 1, "the seal itself was changed"),
        ("UPDATE ledger_seal SET previous = sha256('x') WHERE number = 2", 2, "it does not name the one before it"),
        ("UPDATE ledger_sealpart SET hash = sha256('x')", 1, "the seal itself was changed"),
        (
            FIRST_REMOVED,
            2,
            "the one before it is gone",
        ),
    ],
)
def test_a_changed_seal_is_found(change, number, said, lived_in, breaking):
    seal_all(tomorrow())
    lived_in.earn(5)
    seal_all(tomorrow(2))

    breaking(change)

    assert (number, said) in [(damage.number, damage.what) for damage in found()]


def test_a_rewritten_chain_has_not_the_hash_that_was_kept_elsewhere(lived_in, breaking):
    seal_all(tomorrow())
    printed = bytes(Seal.objects.get().hash).hex()

    breaking("DELETE FROM ledger_sealpart; DELETE FROM ledger_seal; DELETE FROM ledger_sealing")
    breaking("UPDATE ledger_posting SET actor = 'eve' WHERE id = (SELECT max(id) FROM ledger_posting)")
    seal_all(tomorrow())

    assert found() == []
    assert not is_known(printed)
    with pytest.raises(CommandError, match=f"No seal has the hash {printed}"):
        call_command("verify_ledger", "--quiet", "--seals", f"--printed={printed}")


@pytest.mark.parametrize("table", [Seal, SealPart])
def test_a_seal_is_never_edited_or_removed(table, lived_in):
    seal_all(tomorrow())

    for statement in (f"UPDATE {table._meta.db_table} SET hash = ''", f"DELETE FROM {table._meta.db_table}"):
        with pytest.raises(Exception, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(
    "change",
    ["closes_at = now()", "until = until + 1", "sealed_at = NULL", "horizon = 1"],
)
def test_a_sealed_stretch_stays_what_it_is(change, lived_in):
    seal_all(tomorrow())

    with pytest.raises(Exception, match="is append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE ledger_sealing SET {change}")


def test_the_command_tells_the_first_difference_and_exits_with_one(lived_in, breaking, capsys):
    seal_all(tomorrow())
    call_command("verify_ledger", "--seals")
    assert "1 seals agree" in capsys.readouterr().out
    posting = Posting.objects.earliest("pk").pk
    breaking("UPDATE ledger_posting SET actor = 'eve' WHERE id = %s", posting)

    program = (
        "import django; django.setup(); from django.db import connection;"
        f"connection.settings_dict['NAME'] = {connection.settings_dict['NAME']!r};"
        "from django.core.management import execute_from_command_line as run;"
        "run(['manage.py', 'verify_ledger', '--seals'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "loyalty_site.settings"},
        cwd=SEALING.parents[2],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert f"posting {posting} was changed" in done.stderr


# -- means


def all_rows() -> int:
    return Posting.objects.count() + Entry.objects.count() + books.LotUse.objects.count()


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
