"""Ask several things at once, decide, and write everything at once."""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import IntegrityError, connection, transaction
from psycopg.errors import UniqueViolation

T = TypeVar("T")
U = TypeVar("U")
ATTEMPTS = 5


@dataclass(frozen=True, slots=True)
class Question(Generic[T]):
    """Columns of a statement without a table, their parameters, and how their values become an answer."""

    columns: tuple[str, ...]
    parameters: tuple[Any, ...]
    read: Callable[[Sequence[Any]], T]


@dataclass(frozen=True, slots=True)
class Change:
    """A call of an SQL function that writes; `overtaken_by` names the unique constraints it may find taken."""

    call: str
    parameters: tuple[Any, ...]
    overtaken_by: frozenset[str] = frozenset()


class Overtaken(Exception):
    """Somebody else wrote the same meanwhile; nothing of the changes stands."""


def ask(question: Question[T]) -> T:
    """Answer a question in one round trip."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(question.columns)}", question.parameters)
        return question.read(cursor.fetchone())


def both(first: Question[T], second: Question[U]) -> Question[tuple[T, U]]:
    """Two questions as one."""
    split = len(first.columns)
    return Question(
        first.columns + second.columns,
        first.parameters + second.parameters,
        lambda row: (first.read(row[:split]), second.read(row[split:])),
    )


def carry_out(changes: Sequence[Change]) -> None:
    """
    Write everything by one statement, which is a transaction of its own where none is open.

    The functions are called in the given order, and each sees what those before it wrote.

    :raises Overtaken: if one of the declared constraints is violated; as behind every error of the database, an open
        transaction can only be rolled back then
    """
    if not changes:
        return
    parameters = [value for change in changes for value in change.parameters]
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT {', '.join(change.call for change in changes)}", parameters)
    except IntegrityError as clash:
        taken = _taken(clash)
        if any(taken in change.overtaken_by for change in changes):
            raise Overtaken from clash
        raise


def settle(plan: Callable[[], tuple[T, Sequence[Change]]]) -> T:
    """
    Read and decide by `plan`, then write what it planned; when somebody else wrote the same meanwhile, plan anew.

    :returns: the outcome that `plan` gave beside its changes
    :raises Overtaken: if that happens again and again
    """
    for attempt in range(1, ATTEMPTS + 1):
        outcome, changes = plan()
        try:
            # A transaction that is open already can go on behind a savepoint only.
            with transaction.atomic() if connection.in_atomic_block else nullcontext():
                carry_out(changes)
        except Overtaken:
            if attempt == ATTEMPTS:
                raise
        else:
            return outcome
    raise AssertionError("unreachable")


def _taken(clash: IntegrityError) -> str | None:
    return clash.__cause__.diag.constraint_name if isinstance(clash.__cause__, UniqueViolation) else None
