"""`manage.py demo`: a small programme to look around in. Running it again changes nothing."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from shops import services as shops
from shops.models import Programme, Shop, StaffRole, User

PASSWORD = "points-and-coffee"  # noqa: S105  # printed at every start, and only with DEMO on
MARKETER, CASHIER, CUSTOMER = "marketer@demo.example", "cashier@demo.example", "customer@demo.example"


class Command(BaseCommand):
    help = "Makes the demo's programme and sign-ins, and prints the sign-ins."

    def handle(self, *_args: Any, **_options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("DEMO is off: everybody knows the passwords of the demo. Set DEMO=1 to have it.")
        set_up()
        self.stdout.write(
            f"Marketer  {MARKETER}  password {PASSWORD}\n"
            f"Cashier   {CASHIER}  password {PASSWORD}\n"
            f"Customer  {CUSTOMER}  no password: the code is in the mails of the demo"
        )


@transaction.atomic
def set_up() -> None:
    programme, _ = Programme.objects.get_or_create(key="points", defaults={"name": "Points"})
    shop, _ = Shop.objects.get_or_create(programme=programme, code="harbour", defaults={"name": "Harbour Street"})
    marketer = _staff(MARKETER, name="Mara Marketer", is_staff=True, is_superuser=True)
    shops.grant_role(user=marketer, programme=programme, role=StaffRole.Role.MARKETER)
    cashier = _staff(CASHIER, name="Casey Cashier")
    shops.grant_role(user=cashier, programme=programme, role=StaffRole.Role.CASHIER, shop=shop)


def _staff(email: str, **fields: Any) -> User:
    return User.objects.filter(email=email).first() or User.objects.create_user(email, PASSWORD, **fields)
