"""`manage.py import_orders FILE --format uci|csv|jsonl`: read an order history into a programme."""

import csv
import hashlib
import os
import re
import time
from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, OutputWrapper
from django.utils import timezone

from integrations.importing import FORMATS
from integrations.importing.parallel import PartFailed, run_parts, total
from integrations.importing.running import BATCH, Progress
from orders import services as orders
from orders.models import ImportProblem, ImportRun
from orders.queries import import_problems
from orders.services import ImportedFile
from shops.models import Programme

TELL_EVERY = 5.0
# What a spreadsheet would take for the beginning of a formula, the wide forms of East Asian keyboards included.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")


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
        parser.add_argument("--source", default="", help="the system a CSV comes from, such as till; always the same")
        parser.add_argument("--programme", help="key of the programme; may be left out while there is only one")
        parser.add_argument("--errors", type=Path, help="where the report goes (default: here, as FILE.errors.csv)")
        parser.add_argument("--workers", type=int, choices=range(1, 65), metavar="N", default=os.cpu_count() or 1)
        parser.add_argument("--batch", type=int, choices=range(1, 10_001), metavar="N", default=BATCH)
        parser.add_argument("--again", action="store_true", help="read a finished file from its beginning once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        form: str = options["format"]
        programme = self._programme(options["programme"])
        file = ImportedFile(_sha256(path), form, _source(options["source"], form))
        if options["again"]:
            orders.forget_import(programme=programme, file=file)
        parts = options["workers"] if FORMATS[form].divisible else 1
        runs = orders.begin_import(
            programme=programme, file=file, file_name=path.name[:200], at=timezone.now(), parts=parts
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
        report = options["errors"] or Path(f"{path.name}.errors.csv")
        # Written before, because a place that can't be written is better known now than behind a long read.
        _write_report(report, ())
        told = Telling(self.stdout, before)
        try:
            self._read(programme, runs, path, options["batch"], told)
        finally:
            rows = _write_report(report, import_problems(runs))
        self._summary(told.progress)
        self.stdout.write(f"{told.rate()} Rows that need a look: {rows:,}, in {report}")

    def _read(
        self, programme: Programme, runs: Sequence[ImportRun], path: Path, batch_size: int, told: Telling
    ) -> None:
        try:
            run_parts(programme=programme, runs=runs, path=path, batch_size=batch_size, tell=told.now_at)
        except PartFailed as error:
            raise CommandError(f"Stopped after {told.progress.documents:,} documents: {error}") from error
        except KeyboardInterrupt:
            raise CommandError(
                f"Stopped after {told.progress.documents:,} documents or a few more. Run the same command to go on."
            ) from None

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


def _source(given: str, form: str) -> str:
    if FORMATS[form].needs_source and not re.fullmatch(r"[A-Za-z0-9._-]{1,40}", given):
        raise CommandError(
            f"--format {form} needs --source: a name of up to 40 letters, digits, dots and hyphens for the system that"
            " the file comes from, always the same."
        )
    if given and not FORMATS[form].needs_source:
        raise CommandError(f"--source has no meaning for --format {form}: the file says where it comes from.")
    return given


def _sha256(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").digest()
    except OSError as error:
        raise CommandError(f"{path} can't be read: {error.strerror}.") from error


def _write_report(report: Path, problems: Iterable[ImportProblem]) -> int:
    """Write the report anew; how many rows it has."""
    rows = 0
    try:
        with report.open("w", newline="", encoding="utf-8") as stream:
            sheet = csv.writer(stream)
            sheet.writerow(["row", "reference", "problem"])
            for found in problems:
                sheet.writerow([found.row, _harmless(found.reference), _harmless(found.problem)])
                rows += 1
    except OSError as error:
        raise CommandError(f"{report} can't be written: {error.strerror}. --errors names another place.") from error
    return rows


def _harmless(text: str) -> str:
    """A cell that a spreadsheet would take for a formula is quoted."""
    return f"'{text}" if text.startswith(DANGEROUS) else text
