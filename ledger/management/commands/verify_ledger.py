"""`manage.py verify_ledger`: recompute the books; exit 1 at the first difference."""

import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from ledger.queries import counts
from ledger.verification import verify


class Command(BaseCommand):
    help = "Check over the whole database that balances, lots, holds and entries agree. Exits with 1 if they don't."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--quiet", action="store_true", help="say nothing unless something is wrong")

    def handle(self, *_args: Any, **options: Any) -> None:
        began = time.monotonic()
        tell = (lambda _name: None) if options["quiet"] else lambda name: self.stdout.write(f"  {name} ...")
        # One snapshot for all checks, so that points that move meanwhile are no difference.
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = 0"
                )
            size = counts()
            findings = list(verify(tell=tell))
        if findings:
            raise CommandError("\n".join(f"{finding.check}: NO, {finding.example}" for finding in findings))
        if not options["quiet"]:
            seconds = time.monotonic() - began
            told = ", ".join(f"{number:,} {name}" for name, number in size.items())
            self.stdout.write(self.style.SUCCESS(f"The books agree: {told}, in {seconds:.1f} s."))
