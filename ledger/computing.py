"""Pieces of work for several connections that see the same state of the books."""

import contextlib
from collections import Counter
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from threading import Event, Thread

import psycopg
from django.db import connection, transaction

from ledger.equations import Piece

# Each connection is busy by itself; what a piece hashes is one range of rows.
_TERMS = (
    "SET LOCAL statement_timeout = 0; SET LOCAL jit = off; SET LOCAL max_parallel_workers_per_gather = 0;"
    " SET LOCAL work_mem = '64MB'; SET LOCAL enable_nestloop = off; SET LOCAL plan_cache_mode = force_custom_plan"
)

Tell = Callable[[int, int], None]


def compute(pieces: Sequence[Piece], *, connections: int, tell: Tell) -> Counter[str]:
    """
    Add up all pieces, as the transaction sees the books in which this is called; it has to be `REPEATABLE READ`.

    Whatever ends this early, Ctrl-C above all, ends the queries that run as well.

    :param tell: called with how much is done, and how much there is to do
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        (snapshot,) = cursor.fetchone()
    crew = _Crew(snapshot, pieces)
    workers = [Thread(target=crew.work, daemon=True) for _ in range(connections)]
    for worker in workers:
        worker.start()
    try:
        return crew.sums(tell)
    finally:
        crew.stop()
        for worker in workers:
            worker.join()


class _Crew:
    def __init__(self, snapshot: str, pieces: Sequence[Piece]) -> None:
        self._snapshot = snapshot
        self._pieces = pieces
        self._waiting: SimpleQueue[Piece] = SimpleQueue()
        for piece in pieces:
            self._waiting.put(piece)
        self._done: SimpleQueue[tuple[Piece, dict[str, int]] | BaseException] = SimpleQueue()
        self._busy: list[psycopg.Connection[object]] = []
        self._stopped = Event()

    def work(self) -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                    cursor.execute(f"SET TRANSACTION SNAPSHOT '{self._snapshot}'")
                    cursor.execute(_TERMS)
                if isinstance(connection.connection, psycopg.Connection):
                    self._busy.append(connection.connection)
                while not self._stopped.is_set():
                    piece = self._waiting.get_nowait()
                    self._done.put((piece, piece.compute()))
        except Empty:
            pass
        except BaseException as error:  # noqa: BLE001  # told to the one who waits, who raises it
            self._done.put(error)
        finally:
            connection.close()

    def sums(self, tell: Tell) -> Counter[str]:
        total: Counter[str] = Counter()
        everything, done = sum(piece.size for piece in self._pieces), 0
        for _ in self._pieces:
            answer = self._done.get()
            if isinstance(answer, BaseException):
                raise answer
            piece, sums = answer
            for name, value in sums.items():
                total[name] += value
            done += piece.size
            tell(done, everything)
        return total

    def stop(self) -> None:
        self._stopped.set()
        for busy in self._busy:
            # One that has finished meanwhile is closed.
            with contextlib.suppress(psycopg.Error):
                busy.cancel_safe()
