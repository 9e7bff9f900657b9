"""
`manage.py verify_ledger`: recompute the books, and with `--seals` whether anything sealed was changed since.

Exits with 0 if they agree, 1 at a difference, 2 if it was stopped before it was through.
"""

import os
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ledger import seals
from ledger.verification import CHECKS, verify_in_pieces

UNFINISHED = 2
SHOWN_AT_MOST = 20
TOLD_EVERY = 2 * 10**9


class Progress:
    """Says every other second how far it is, and how long it may still take."""

    def __init__(self, command: BaseCommand, *, quiet: bool) -> None:
        self._command, self._quiet = command, quiet
        self._began = self._told_at = time.monotonic_ns()
        self.percent = 0

    def tell(self, done: int, everything: int) -> None:
        now = time.monotonic_ns()
        self.percent = done * 100 // everything
        # Before anything is done nothing can be said about the rest.
        if self._quiet or not self.percent or now - self._told_at < TOLD_EVERY:
            return
        self._told_at = now
        left = (now - self._began) * (everything - done) // done // 10**9
        self._command.stdout.write(f"  {self.percent:3} %, about {left} s to go")
        self._command.stdout.flush()

    @property
    def took(self) -> str:
        tenths = (time.monotonic_ns() - self._began) // 10**8
        return f"{tenths // 10}.{tenths % 10} s"


class Command(BaseCommand):
    help = (
        "Check over the whole database that balances, lots, holds and entries agree. Exits with 1 if they don't, with"
        " 2 if it was stopped before it was through."
    )
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")
        parser.add_argument("--seals", action="store_true", help="compare with what was sealed, instead")
        parser.add_argument("--printed", metavar="HASH", help="with --seals: a hash kept elsewhere, to be among them")
        parser.add_argument(
            "--connections",
            type=int,
            default=min(os.cpu_count() or 1, 4),
            help="how many share the work (one for each core, at most 4)",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        progress = Progress(self, quiet=options["quiet"])
        try:
            with _one_state_of_the_books():
                said = self._verify_seals(progress, options) if options["seals"] else self._verify(progress, options)
        except KeyboardInterrupt:
            self.stderr.write(f"Stopped at {progress.percent} %: unfinished, so nothing is proven.")
            sys.exit(UNFINISHED)
        if not options["quiet"]:
            self.stdout.write(self.style.SUCCESS(f"{said}, in {progress.took}."))

    def _verify(self, progress: Progress, options: dict[str, Any]) -> str:
        if not options["quiet"]:
            for check in CHECKS:
                self.stdout.write(f"  {check.name}?")
        found = verify_in_pieces(connections=options["connections"], tell=progress.tell)
        if found.findings:
            raise CommandError("\n".join(f"{finding.check}: NO, {finding.example}" for finding in found.findings))
        return "The books agree: " + ", ".join(f"{number:,} {name}" for name, number in found.counted.items())

    def _verify_seals(self, progress: Progress, options: dict[str, Any]) -> str:
        printed = options["printed"]
        if printed and not seals.is_known(printed):
            raise CommandError(f"No seal has the hash {printed}: what was sealed then was sealed anew since.")
        found = list(islice(seals.damages(tell=progress.tell), SHOWN_AT_MOST))
        if found:
            raise CommandError("What was sealed was changed. First:\n" + "\n".join(map(str, found)))
        return f"{seals.count():,} seals agree with the books"


@contextmanager
def _one_state_of_the_books() -> Iterator[None]:
    """One snapshot for all, so that points that move meanwhile are no difference."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0")
        yield
