"""`manage.py import_orders FILE --format uci|csv|jsonl`: read an order history into a programme."""

import csv
import hashlib
import time
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.importing import FORMATS, documents_of
from integrations.importing.documents import Document
from integrations.importing.running import Problem, Progress, run_import
from integrations.importing.tables import Unreadable
from orders import services as orders
from orders.models import ImportRun
from shops.models import Programme

TELL_EVERY = 5.0


class Command(BaseCommand):
    help = "Read an order history into a programme. Stop and go on any time; the same file again changes nothing."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--format", choices=sorted(FORMATS), required=True)
        parser.add_argument("--programme", help="key of the programme; may be left out while there is only one")
        parser.add_argument("--errors", type=Path, help="where the report of rows goes (default: FILE.errors.csv)")
        parser.add_argument("--again", action="store_true", help="read a finished file from its beginning once more")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["file"]
        programme = self._programme(options["programme"])
        run = orders.begin_import(
            programme=programme,
            file_sha256=_sha256(path),
            file_name=path.name,
            form=options["format"],
            at=timezone.now(),
            again=options["again"],
        )
        if run.finished_at:
            self.stdout.write(
                f"{path.name} was read completely on {run.finished_at:%d %B %Y}; --again reads it once more."
            )
            self._summary(Progress(run.documents, run.tally))
            return
        if run.documents:
            self.stdout.write(f"Going on behind the first {run.documents:,} documents.")
        report = options["errors"] or Path(f"{path.name}.errors.csv")
        self._run(programme, run, documents_of(path, form=options["format"], programme=programme), report)

    def _run(self, programme: Programme, run: ImportRun, documents: Iterator[Document], report: Path) -> None:
        progress = Progress(run.documents, run.tally)
        began = told = time.monotonic()
        before = run.documents
        with report.open("a" if before else "w", newline="", encoding="utf-8") as stream:
            sheet = csv.writer(stream)
            if not before:
                sheet.writerow(["row", "reference", "problem"])

            def write(problems: Sequence[Problem]) -> None:
                sheet.writerows(
                    [problem.row, _harmless(problem.reference), _harmless(problem.problem)] for problem in problems
                )
                stream.flush()

            try:
                for progress in run_import(
                    programme=programme, run=run, documents=documents, report=write, now=timezone.now
                ):
                    if time.monotonic() - told >= TELL_EVERY:
                        told = time.monotonic()
                        rate = (progress.documents - before) / (told - began)
                        self.stdout.write(f"  {progress.documents:,} documents, {rate:,.0f} a second")
            except Unreadable as error:
                raise CommandError(f"Stopped after {progress.documents:,} documents: {error}") from error
            except KeyboardInterrupt:
                raise CommandError(
                    f"Stopped after {progress.documents:,} documents. Run the same command to go on."
                ) from None
        seconds = time.monotonic() - began
        rate = (progress.documents - before) / max(seconds, 0.001)
        self._summary(progress)
        self.stdout.write(f"Read in {seconds:.1f} s, {rate:,.0f} documents a second. Rows that need a look: {report}")

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
