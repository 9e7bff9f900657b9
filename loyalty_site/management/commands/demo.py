"""`manage.py demo`: a programme to look around in. Running it again changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from loyalty_site.demo import people
from loyalty_site.demo.seeding import seed


class Command(BaseCommand):
    help = "Makes the demo's programme, people and trade, and prints the sign-ins."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: everybody knows the passwords of the demo. Set DEMO=1 to have it.")
        key_file = settings.DATA_DIR / "demo-api-key"
        seed(at=timezone.now(), key_file=key_file)
        self.stdout.write(
            f"Marketer  {people.MARKETER.email}  password {people.PASSWORD}\n"
            f"Cashier   {people.CASHIER.email}  password {people.PASSWORD}\n"
            f"Customer  {people.CUSTOMER_EMAIL}  no password: the code is in the mails of the demo\n"
            f"API key   {_key(key_file)}"
        )


def _key(file: Any) -> str:
    if file.exists():
        return f"in the file {file}"
    return "make one in the admin, under Integrations: the demo's was written on another machine"
