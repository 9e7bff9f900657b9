"""The books' SQL with pieces exchanged, to see whether anybody notices."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection
from hypothesis import Phase, settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from kernel.errors import DomainError

SQL = Path(__file__).resolve().parent.parent.parent / "ledger" / "sql"
# Where others learned from.
FIRST = {"functions.sql", "refunding.sql"}

# What makes a wallet everybody's one at a time.
WALLET_LOCK = {
    "PERFORM 1 FROM ledger_account WHERE wallet_id = p_wallet ORDER BY wallet_id, id FOR NO KEY UPDATE;\n"
    "  -- Statements": "-- Statements",
}


def file_with(piece: str) -> Path:
    """
    The one file of functions in which a piece stands, once, or the one where others learned it; one that is not there
    any more is an error.
    """
    found = [file for file in sorted(SQL.glob("*.sql")) if piece in file.read_text()]
    (file,) = [file for file in found if file.name in FIRST] or found
    assert file.read_text().count(piece) == 1
    return file


def plant(pieces: Mapping[str, str]) -> set[Path]:
    """Replace the functions by those with each piece exchanged for another; the files they come from."""
    texts = {file: file.read_text() for file in map(file_with, pieces)}
    for right, wrong in pieces.items():
        texts[file_with(right)] = texts[file_with(right)].replace(right, wrong)
    for text in texts.values():
        _run(text)
    return set(texts)


@contextmanager
def without(protection: Mapping[str, str]) -> Iterator[None]:
    """The functions with pieces exchanged."""
    files = plant(protection)
    try:
        yield
    finally:
        put_right(files)


def put_right(files: set[Path]) -> None:
    """The functions as their files say."""
    for file in files:
        _run(file.read_text())


def assert_lost(race: Callable[[], None], protection: Mapping[str, str]) -> None:
    """A race that is run again and again must be lost once, or it would prove nothing about its protection."""

    def ten_times() -> None:
        for _ in range(10):
            race()

    with without(protection), pytest.raises((AssertionError, DatabaseError, ObjectDoesNotExist)):
        ten_times()


def assert_caught(machine: type[RuleBasedStateMachine], right: str, wrong: str) -> None:
    """A state machine must see that a piece was exchanged for another. The caller puts it right."""
    plant({right: wrong})

    with pytest.raises((AssertionError, DatabaseError, DomainError, pytest.fail.Exception)):
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=1000,
                stateful_step_count=50,
                phases=[Phase.generate],
                report_multiple_bugs=False,
                database=None,
            ),
        )


def _run(text: str) -> None:
    # What hangs on tables is there already.
    functions = re.sub(r"^(CREATE (CONSTRAINT )?TRIGGER|ALTER TABLE)\s.*?;$", "", text, flags=re.DOTALL | re.MULTILINE)
    with connection.cursor() as cursor:
        cursor.execute(functions.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"))
