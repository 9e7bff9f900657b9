"""Parts of a file in processes of their own, told about in one place."""

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Callable, Sequence
from multiprocessing.synchronize import Event
from pathlib import Path

import msgspec
from django.db import connections
from django.utils import timezone

from integrations.importing.formats import FORMATS, Slice
from integrations.importing.running import Problem, Progress, run_import
from integrations.importing.tables import Unreadable
from orders.models import ImportRun
from shops.models import Programme


class PartFailed(Exception):
    """A part could not go on; the text says why."""


class _Said(msgspec.Struct, frozen=True):
    """What a part tells: progress and problems behind a batch, in the end `ended` or a `failure`."""

    part: int
    progress: Progress | None = None
    problems: tuple[Problem, ...] = ()
    ended: bool = False
    failure: str = ""


def run_parts(
    *,
    programme: Programme,
    runs: Sequence[ImportRun],
    path: Path,
    tell: Callable[[Progress, Sequence[Problem]], None],
) -> None:
    """
    Read what is left of every part at the same time, telling the sum behind every batch.

    Stopping (KeyboardInterrupt) lets the batches at work commit and then ends; nothing is lost.

    :raises PartFailed: if a part failed; the others were stopped behind their batch
    """
    left = [run for run in runs if run.finished_at is None]
    context = multiprocessing.get_context("fork")
    mail: multiprocessing.SimpleQueue[_Said] = context.SimpleQueue()
    stop = context.Event()
    connections.close_all()
    workers = [context.Process(target=_run_part, args=(programme, run, path, mail, stop), daemon=True) for run in left]
    for worker in workers:
        worker.start()
    try:
        _listen(len(workers), mail, {run.part: Progress(run.documents, Counter(run.tally)) for run in runs}, tell)
    finally:
        stop.set()
        for worker in workers:
            worker.join()


def total(parts: Sequence[Progress]) -> Progress:
    """Several parts as one."""
    counted: Counter[str] = Counter()
    for progress in parts:
        counted.update(progress.tally)
    return Progress(sum(progress.documents for progress in parts), counted)


def _listen(
    running: int,
    mail: "multiprocessing.SimpleQueue[_Said]",
    parts: dict[int, Progress],
    tell: Callable[[Progress, Sequence[Problem]], None],
) -> None:
    while running:
        said = mail.get()
        if said.failure:
            raise PartFailed(said.failure)
        if said.progress is not None:
            parts[said.part] = said.progress
            tell(total(list(parts.values())), said.problems)
        running -= said.ended


def _run_part(
    programme: Programme, run: ImportRun, path: Path, mail: "multiprocessing.SimpleQueue[_Said]", stop: Event
) -> None:
    # Ctrl-C reaches the whole group; the parent turns it into `stop`, which lets the batch at work commit.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = os.getppid()
    found: list[Problem] = []
    documents = FORMATS[run.format].documents(path, programme, Slice(run.part, run.parts))
    try:
        for progress in run_import(
            programme=programme, run=run, documents=documents, report=found.extend, now=timezone.now
        ):
            mail.put(_Said(run.part, progress, tuple(found)))
            found.clear()
            if stop.is_set() or os.getppid() != parent:
                return
        mail.put(_Said(run.part, ended=True))
    except Unreadable as error:
        mail.put(_Said(run.part, failure=str(error)))
    finally:
        connections.close_all()
