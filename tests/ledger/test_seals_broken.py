"""What was changed behind the guards' back after it was sealed is found and named."""

import os
import random
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from ledger.models import Entry, LotUse, Posting, Seal, Sealing, SealPart
from ledger.seals import Damage, is_known
from tests.ledger import books
from tests.ledger.sealing import SEALING, a_lived_in_wallet, found, replaced, seal_all, tomorrow

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture
def lived_in(unit):
    return a_lived_in_wallet(unit)


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
    use = LotUse.objects.latest("pk")
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
    ["closes_at = now()", "until = until + 1", "sealed_at = NULL", "waits_for = NULL"],
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
