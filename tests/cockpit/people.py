"""What cockpit tests are about: Ada, who comes in by a code mailed to her, and the inbox it is read from."""

import re
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.test import Client

from ledger import queries as ledger_queries
from ledger import services as ledger
from ledger.services import Accrual
from members import joining
from members.models import Member
from messaging.models import OutgoingMail
from shops.models import Programme, User

ADDRESS = "ada@example.com"
LONG_AGO = timedelta(days=90)


def a_customer(email: str = ADDRESS, name: str = "") -> User:
    """A sign-in whose address was proven by a code."""
    user = User.objects.create_user(email, name=name)
    EmailAddress.objects.create(user=user, email=email, primary=True, verified=True)
    return user


def a_card(programme: Programme, *, at: datetime, email: str = ADDRESS, name: str = "Ada Lovelace") -> Member:
    """A member who can sign in."""
    return joining.join(programme=programme, user=a_customer(email), name=name, at=at - LONG_AGO)


def earn(
    member: Member, points: int, *, at: datetime, until: datetime | None = None, from_: datetime | None = None
) -> None:
    """Points earned at `at`, spendable from `from_` (else at once) until `until` (else for ever)."""
    accrual = Accrual(
        wallet_id=member.wallet_id,
        unit_id=ledger_queries.unit_of(member.programme_id, "points").pk,
        amount=points,
        source="test",
        reference=f"{member.pk}:{points}:{at}:{until}",
        occurred_at=at,
        active_from=from_ or at,
        expires_at=until,
    )
    ledger.accrue(programme_id=member.programme_id, accruals=[accrual], actor="test")


def signed_in(member: Member) -> Client:
    """A browser in which the member has signed in."""
    client = Client()
    client.force_login(member.user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def code_mailed_to(address: str) -> str:
    """The code in the newest mail to an address."""
    mail = OutgoingMail.objects.filter(to=address).latest("pk")
    (code,) = re.findall(r"^[A-Z]{4}-[A-Z]{4}$", mail.body, re.MULTILINE)
    return str(code)


def ask_for_code(client: Client, address: str = ADDRESS) -> None:
    client.post("/accounts/login/", {"email": address})


def text_of(page: bytes) -> str:
    """What a page says, without its markup, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", page.decode()).split())
