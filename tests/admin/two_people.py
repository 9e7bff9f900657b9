"""Who asks and who decides at the desk, and how they do it in these tests."""

from typing import Any

from django.test import Client
from django.utils import timezone

from ledger.adjustments import Adjustment
from ledger.queries import balances_of
from members.models import Member
from tests.admin import people
from tests.admin.people import PASSWORD
from tests.cockpit.people import text_of

ADD = "/admin/ledger/adjustment/add/"
MANY = "/admin/ledger/adjustment/many/"
LIST = "/admin/ledger/adjustment/"


def spendable(member: Member) -> int:
    (balance,) = balances_of(member.wallet_id, at=timezone.now())
    return balance.spendable


def decision(adjustment: Adjustment, **more: str) -> dict[str, str]:
    return {"payload": bytes(adjustment.payload_sha256).hex(), "note": "", "password": PASSWORD} | more


def page(desk: Client, adjustment: Adjustment) -> str:
    return text_of(desk.get(people.address("ledger.adjustment", "change", adjustment.pk)).content)


def decide(desk: Client, adjustment: Adjustment, verb: str = "approve", **more: str) -> Any:
    """The answer, with what it leads to."""
    address = people.address("ledger.adjustment", verb, adjustment.pk)
    return desk.post(address, decision(adjustment, **more), follow=True)
