"""Idempotency: a request under a known Idempotency-Key gets its first answer again, byte by byte."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable, UniqueViolation

from integrations.errors import IdempotencyKeyReused, OperationInProgress
from integrations.models import StoredAnswer

KEPT_FOR = timedelta(days=7)
PATIENCE = timedelta(seconds=3)
_SWEPT_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A success as it goes over the wire: status, where the made thing is found, and the JSON body."""

    status: int
    body: bytes
    location: str = ""


@dataclass(frozen=True, slots=True)
class Request:
    """
    What a client asked: its key, its Idempotency-Key, and the SHA-256 of operation and body.

    The same Idempotency-Key of another client is another request.
    """

    api_key_id: int
    key: str
    fingerprint: bytes


def answer_once(*, request: Request, act: Callable[[], Answer], pipelined: bool = False) -> tuple[Answer, bool]:
    """
    Do `act` and store its answer in the same transaction, or give the stored one; the second value says if replayed.

    `pipelined` lets statements of `act` whose results nobody reads travel with the next one. It may not go on behind an
    error of the database then.

    A refusal of `act` is not stored: nothing happened, and the next attempt is judged anew. While the first request is
    still at work, others wait for its answer for some seconds.

    :raises IdempotencyKeyReused: if the key stands for another request
    :raises OperationInProgress: if the first request takes longer than anybody should wait
    """
    try:
        return _attempt(request, act, pipelined=pipelined)
    except IntegrityError as clash:
        # Another request stored its answer first; this one's work is rolled back.
        if not _is_about_the_answer(clash):
            raise
        return _attempt(request, act, pipelined=pipelined)


def find(*, api_key_id: int, key: str) -> StoredAnswer | None:
    """The stored answer of a client under an Idempotency-Key."""
    return StoredAnswer.objects.filter(api_key_id=api_key_id, key=key).first()


def forget_old(*, at: datetime) -> int:
    """Remove answers older than `KEPT_FOR`; return how many. An order's own reference protects it for ever."""
    removed = 0
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM integrations_storedanswer WHERE ctid = ANY (ARRAY("
                "SELECT ctid FROM integrations_storedanswer WHERE recorded_at < %s LIMIT %s FOR UPDATE SKIP LOCKED))",
                [at - KEPT_FOR, _SWEPT_AT_ONCE],
            )
            removed += int(cursor.rowcount)
            if cursor.rowcount < _SWEPT_AT_ONCE:
                return removed


def _is_about_the_answer(clash: IntegrityError) -> bool:
    cause = clash.__cause__
    return isinstance(cause, UniqueViolation) and cause.diag.table_name == "integrations_storedanswer"


@transaction.atomic
def _attempt(request: Request, act: Callable[[], Answer], *, pipelined: bool) -> tuple[Answer, bool]:
    with _pipeline() if pipelined else nullcontext():
        locked, known = _lock_and_look(request)
        if known is None and not locked:
            _wait(request)
            _, known = _lock_and_look(request)
        if known is not None:
            return _same(request, known), True
        answer = act()
        _store(request, answer)
        return answer, False


@contextmanager
def _pipeline() -> Iterator[None]:
    with connection.wrap_database_errors, connection.connection.pipeline():
        yield


@dataclass(frozen=True, slots=True)
class _Known:
    fingerprint: bytes
    answer: Answer


def _same(request: Request, known: _Known) -> Answer:
    if known.fingerprint != request.fingerprint:
        raise IdempotencyKeyReused(key=request.key)
    return known.answer


def _lock_and_look(request: Request) -> tuple[bool, _Known | None]:
    # One round trip. The look may be older than the lock by a moment; then _store finds out.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%(key)s, %(client)s)),"
            " stored.fingerprint, stored.status, stored.body, stored.location"
            " FROM (VALUES (1)) AS one LEFT JOIN integrations_storedanswer AS stored"
            " ON stored.api_key_id = %(client)s AND stored.key = %(key)s",
            {"client": request.api_key_id, "key": request.key},
        )
        locked, fingerprint, status, body, location = cursor.fetchone()
    if fingerprint is None:
        return locked, None
    return locked, _Known(bytes(fingerprint), Answer(status, bytes(body), location))


def _wait(request: Request) -> None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{PATIENCE.total_seconds():.0f}s"])
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [request.key, request.api_key_id])
            cursor.fetchone()
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise OperationInProgress(key=request.key) from error
        raise


def _store(request: Request, answer: Answer) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO integrations_storedanswer (api_key_id, key, fingerprint, status, location, body)"
            " VALUES (%s, %s, %s, %s, %s, %s)",
            [request.api_key_id, request.key, request.fingerprint, answer.status, answer.location, answer.body],
        )
