"""`manage.py create_programme`: how an installation without the demo begins."""

import secrets
from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.db import transaction
from django.utils import timezone

from loyalty_site.founding import found_programme
from shops import services as shops
from shops.errors import ProgrammeExists
from shops.models import Programme, User
from shops.policy import Role


class Command(BaseCommand):
    help = "Makes a programme that gives 1 point per whole unit of its currency, and its first system owner."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("key", help="used in addresses and files, such as corner-shop")
        parser.add_argument("name", help="what customers read, such as 'Corner shop'")
        parser.add_argument("--owner", required=True, metavar="EMAIL", help="who gives everybody else their roles")
        parser.add_argument("--time-zone", default="UTC", help="whose days count, such as Europe/Berlin")
        parser.add_argument("--currency", default="EUR", help="three letters")

    def handle(self, *_args: Any, **options: Any) -> None:
        _check(options)
        password = "" if User.objects.filter(email__iexact=options["owner"]).exists() else secrets.token_urlsafe(12)
        try:
            _make(options, password)
        except ProgrammeExists:
            raise CommandError(f"There is a programme with the key {options['key']} already.") from None
        self.stdout.write(f"Programme {options['name']} is made. {options['owner']} signs in at /admin/ as its owner.")
        if password:
            self.stdout.write(f"First password: {password}")


def _check(options: dict[str, Any]) -> None:
    programme = Programme(
        key=options["key"], name=options["name"], time_zone=options["time_zone"], currency=options["currency"]
    )
    try:
        programme.clean_fields()
        validate_email(options["owner"])
    except ValidationError as refusal:
        raise CommandError(" ".join(refusal.messages)) from None


@transaction.atomic
def _make(options: dict[str, Any], password: str) -> None:
    programme = found_programme(
        key=options["key"],
        name=options["name"],
        time_zone=options["time_zone"],
        currency=options["currency"],
        by=options["owner"],
        at=timezone.now(),
    )
    shops.hire(email=options["owner"], programme=programme, role=Role.OWNER, password=password)
