"""Parts of a file in processes of their own, told about in one place."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import cast

import msgspec
from django.db import connections
from django.utils import timezone

from integrations.importing.formats import FORMATS, Slice
from integrations.importing.running import Progress, run_import
from integrations.importing.tables import Unreadable
from orders.models import ImportRun
from shops.models import Programme


class PartFailed(Exception):
    """A part could not go on; the text says why."""


class _Said(msgspec.Struct, frozen=True):
    """What a part tells: its progress behind a batch, in the end `ended` or a `failure`."""

    part: int
    progress: Progress | None = None
    ended: bool = False
    failure: str = ""


def run_parts(
    *,
    programme: Programme,
    runs: Sequence[ImportRun],
    path: Path,
    batch_size: int,
    tell: Callable[[Progress], None],
) -> None:
    """
    Read what is left of every part at the same time, telling the sum behind every batch.

    Stopping (KeyboardInterrupt) lets the batches at work commit and then ends; nothing is lost.

    :raises PartFailed: if a part failed; the others were stopped behind their batch
    """
    context = multiprocessing.get_context("fork")
    stop = context.Event()
    connections.close_all()
    workers: list[BaseProcess] = []
    lines: list[Connection] = []
    for run in runs:
        if run.finished_at is None:
            listening, speaking = context.Pipe(duplex=False)
            worker = context.Process(
                target=_run_part, args=(programme, run, path, batch_size, speaking, stop), daemon=True
            )
            worker.start()
            # Only the worker holds its end now, so a worker that dies is heard as the end of its line.
            speaking.close()
            workers.append(worker)
            lines.append(listening)
    try:
        _listen(lines, {run.part: Progress(run.documents, Counter(run.tally)) for run in runs}, tell)
    finally:
        stop.set()
        for process in workers:
            process.join()


def total(parts: Sequence[Progress]) -> Progress:
    """Several parts as one."""
    counted: Counter[str] = Counter()
    for progress in parts:
        counted.update(progress.tally)
    return Progress(sum(progress.documents for progress in parts), counted)


def _listen(lines: list[Connection], parts: dict[int, Progress], tell: Callable[[Progress], None]) -> None:
    while lines:
        for line in wait(lines):
            said = _hear(cast(Connection, line))
            if said.failure:
                raise PartFailed(said.failure)
            if said.progress is not None:
                parts[said.part] = said.progress
                tell(total(list(parts.values())))
            if said.ended:
                lines.remove(cast(Connection, line))


def _hear(line: Connection) -> _Said:
    try:
        return cast(_Said, line.recv())
    except EOFError:
        return _Said(0, failure="one of its processes was ended from outside")


def _run_part(programme: Programme, run: ImportRun, path: Path, batch_size: int, line: Connection, stop: Event) -> None:
    # Ctrl-C reaches the whole group; the parent turns it into `stop`, which lets the batch at work commit.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    documents = FORMATS[run.format].documents(path, programme, Slice(run.part, run.parts), run.source)
    try:
        for progress in run_import(
            programme=programme, run=run, documents=documents, batch_size=batch_size, now=timezone.now
        ):
            if os.getppid() != parent:
                return
            line.send(_Said(run.part, progress))
            if stop.is_set():
                return
        line.send(_Said(run.part, ended=True))
    except Unreadable as error:
        line.send(_Said(run.part, failure=str(error)))
    except Exception as error:
        line.send(_Said(run.part, failure=f"{type(error).__name__}: {error}"))
        raise
    finally:
        connections.close_all()
