"""`manage.py import_orders FILE --format uci|csv|jsonl`: read an order history into a programme."""

import csv
import hashlib
import os
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from integrations.importing import FORMATS
from integrations.importing.parallel import PartFailed, run_parts, total
from integrations.importing.running import Problem, Progress
from orders import services as orders
from orders.models import ImportRun
from shops.models import Programme

TELL_EVERY = 5.0


class Telling:
    """Says how far the import is, every few seconds."""

    def __init__(self, out: OutputWrapper, before: Progress) -> None:
        self.progress = before
        self._out = out
        self._before = before.documents
        self._began = self._told = time.monotonic()

    def now_at(self, progress: Progress) -> None:
        self.progress = progress
        if time.monotonic() - self._told >= TELL_EVERY:
            self._told = time.monotonic()
            self._out.write(f"  {progress.documents:,} documents, {self._a_second():,.0f} a second")

    def rate(self) -> str:
        seconds = time.monotonic() - self._began
        return f"Read in {seconds:.1f} s, {self._a_second():,.0f} documents a second."

    def _a_second(self) -> float:
        return (self.progress.documents - self._before) / max(time.monotonic() - self._began, 0.001)


class Command(BaseCommand):
    help = "Read an order history into a programme. Stop and go on any time; the same file again changes nothing."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(FORMATS), required=True)
        parser.add_argument("--programme", help="key of the programme; may be left out while there is only one")
        parser.add_argument("--errors", type=Path, help="where the report of rows goes (default: FILE.errors.csv)")
        parser.add_argument("--workers", type=int, choices=range(1, 65), metavar="N", default=os.cpu_count() or 1)
        parser.add_argument("--again", action="store_true", help="read a finished file from its beginning once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        form: str = options["format"]
        programme = self._programme(options["programme"])
        sha256 = _sha256(path)
        if options["again"]:
            orders.forget_import(programme=programme, file_sha256=sha256, form=form)
        runs = orders.begin_import(
            programme=programme,
            file_sha256=sha256,
            file_name=path.name,
            form=form,
            at=timezone.now(),
            parts=options["workers"] if FORMATS[form].divisible else 1,
        )
        before = total([Progress(run.documents, Counter(run.tally)) for run in runs])
        if all(run.finished_at for run in runs):
            self.stdout.write(
                f"{path.name} was read completely on {runs[0].finished_at:%d %B %Y}; --again reads it once more."
            )
            self._summary(before)
            return
        if before.documents:
            self.stdout.write(f"Going on behind the first {before.documents:,} documents.")
        self._run(programme, runs, before, path, options["errors"] or Path(f"{path.name}.errors.csv"))

    def _run(self, programme: Programme, runs: Sequence[ImportRun], before: Progress, path: Path, report: Path) -> None:
        told = Telling(self.stdout, before)
        with report.open("a" if before.documents else "w", newline="", encoding="utf-8") as stream:
            sheet = csv.writer(stream)
            if not before.documents:
                sheet.writerow(["row", "reference", "problem"])

            def tell(progress: Progress, problems: Sequence[Problem]) -> None:
                sheet.writerows([found.row, _harmless(found.reference), _harmless(found.problem)] for found in problems)
                stream.flush()
                told.now_at(progress)

            try:
                run_parts(programme=programme, runs=runs, path=path, tell=tell)
            except PartFailed as error:
                raise CommandError(f"Stopped after {told.progress.documents:,} documents: {error}") from error
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped after {told.progress.documents:,} documents or a few more. Run the same command to go on."
                ) from None
        self._summary(told.progress)
        self.stdout.write(f"{told.rate()} Rows that need a look: {report}")

    def _summary(self, progress: Progress) -> None:
        self.stdout.write(f"documents: {progress.documents}")
        for name in sorted(progress.tally):
            self.stdout.write(f"{name}: {progress.tally[name]}")

    def _programme(self, key: str | None) -> Programme:
        found = list(Programme.objects.filter(key=key) if key else Programme.objects.all()[:2])
        if len(found) != 1:
            known = ", ".join(Programme.objects.values_list("key", flat=True)) or "none yet"
            raise CommandError(f"--programme {key or ''} names no single programme; there are: {known}.")
        return found[0]


def _sha256(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text
