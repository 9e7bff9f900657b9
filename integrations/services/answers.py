"""Idempotency: a request under a known Idempotency-Key gets its first answer again, byte by byte."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

from integrations.errors import IdempotencyKeyReused, OperationInProgress
from integrations.models import StoredAnswer
from kernel.errors import DomainError
from roundtrips import Change, Overtaken, carry_out, settle

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


def answer_once(*, request: Request, act: Callable[[], Answer]) -> tuple[Answer, bool]:
    """
    Do `act` and store its answer in the same transaction, or give the stored one; the second value says if replayed.

    A refusal of `act` is not stored: nothing happened, and the next attempt is judged anew. While the first request is
    still at work, others wait for its answer for some seconds.

    :raises IdempotencyKeyReused: if the key stands for another request
    :raises OperationInProgress: if the first request takes longer than anybody should wait
    """
    try:
        return _attempt(request, act)
    except Overtaken:
        # Another request stored its answer first; this one's work is rolled back.
        return _attempt(request, act)


def answer_by_plan(*, request: Request, plan: Callable[[], tuple[Answer, Sequence[Change]]]) -> tuple[Answer, bool]:
    """
    Like `answer_once`, for what can be planned without writing: the answer is stored with the planned changes.

    A stored answer is looked for only when something stands in the way, because nearly every request is a new one.

    :raises IdempotencyKeyReused: if the key stands for another request
    :raises OperationInProgress: if another request is in the way longer than anybody should wait
    """
    hindered = False

    def attempt() -> tuple[tuple[Answer, bool], Sequence[Change]]:
        nonlocal hindered
        stored = find(api_key_id=request.api_key_id, key=request.key) if hindered else None
        hindered = True
        if stored is not None:
            return (_same(request, _known(stored)), True), []
        answer, changes = plan()
        return (answer, False), [_waiting_only_a_moment(), *changes, _storing(request, answer)]

    try:
        with _told_to_come_back(request):
            return settle(attempt)
    except DomainError:
        # What is refused now may have been answered before: the same request again gets the same answer.
        stored = find(api_key_id=request.api_key_id, key=request.key)
        if stored is None:
            raise
        return _same(request, _known(stored)), True


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


@transaction.atomic
def _attempt(request: Request, act: Callable[[], Answer]) -> tuple[Answer, bool]:
    locked, known = _lock_and_look(request)
    if known is None and not locked:
        _wait(request)
        _, known = _lock_and_look(request)
    if known is not None:
        return _same(request, known), True
    answer = act()
    carry_out([_storing(request, answer)])
    return answer, False


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


def _known(stored: StoredAnswer) -> _Known:
    return _Known(bytes(stored.fingerprint), Answer(stored.status, bytes(stored.body), stored.location))


def _wait(request: Request) -> None:
    with _told_to_come_back(request):
        carry_out(
            [
                _waiting_only_a_moment(),
                Change("pg_advisory_xact_lock(hashtextextended(%s, %s))", (request.key, request.api_key_id)),
            ]
        )


def _waiting_only_a_moment() -> Change:
    return Change("set_config('lock_timeout', %s, true)", (f"{PATIENCE.total_seconds():.0f}s",))


@contextmanager
def _told_to_come_back(request: Request) -> Iterator[None]:
    try:
        yield
    except OperationalError as error:
        if isinstance(error.__cause__, LockNotAvailable):
            raise OperationInProgress(key=request.key) from error
        raise


def _storing(request: Request, answer: Answer) -> Change:
    return Change(
        "integrations_store_answer(%s, %s, %s, %s, %s, %s)",
        (request.api_key_id, request.key, request.fingerprint, answer.status, answer.location, answer.body),
        overtaken_by=frozenset({"integrations_storedanswer_pkey"}),
    )
