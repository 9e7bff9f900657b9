"""`manage.py create_api_key --programme demo --name "Web shop"`: prints a new key, once."""

from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from integrations.models import LONGEST_LIFE, Scope
from integrations.services.keys import Terms, issue_key
from shops.models import Programme


class Command(BaseCommand):
    help = "Make an API key for a programme and print it; it is never shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--programme", required=True, help="the programme's key")
        parser.add_argument("--name", required=True, help="who uses it, such as “Web shop”")
        parser.add_argument(
            "--scope",
            action="append",
            choices=Scope.values,
            help="what it may do; repeat for more (default: everything)",
        )
        parser.add_argument(
            "--days", type=int, default=LONGEST_LIFE.days, help="how long it is valid (default: %(default)s)"
        )
        parser.add_argument("--per-minute", type=int, default=6000, help="requests per minute (default: %(default)s)")

    def handle(self, *_: Any, **options: Any) -> None:
        programme = Programme.objects.filter(key=options["programme"]).first()
        if programme is None:
            known = ", ".join(Programme.objects.order_by("key").values_list("key", flat=True)) or "none"
            raise CommandError(f"There is no programme {options['programme']!r}; there are: {known}.")
        if not 1 <= options["days"] <= LONGEST_LIFE.days:
            raise CommandError(f"A key is valid for 1 to {LONGEST_LIFE.days} days.")
        key, text = issue_key(
            programme=programme,
            name=options["name"],
            scopes=[Scope(value) for value in options["scope"] or Scope.values],
            by="command line",
            at=timezone.now(),
            terms=Terms(timedelta(days=options["days"]), options["per_minute"]),
        )
        self.stderr.write(
            f"{key.name} may {', '.join(key.scopes)} in {programme.name} until {key.expires_at:%Y-%m-%d}."
        )
        self.stderr.write("Keep it now; it is not shown again:")
        self.stdout.write(text)
