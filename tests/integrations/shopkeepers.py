"""Who calls the API in these tests: a bakery with one rule, its members, and machines with keys."""

from datetime import UTC, datetime
from typing import Any

from django.test import Client

from campaigns import services as campaigns
from campaigns.definitions import Definition, PerMoney, Rule
from integrations.models import Scope
from integrations.services.keys import Terms, issue_key
from ledger.services import open_programme_books
from members.models import Member
from members.services import enrol
from shops.models import Programme, Shop

JANUARY = datetime(2026, 1, 1, tzinfo=UTC)
NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)
ONE_POINT_PER_EURO = Rule(key="base", effect=PerMoney(units=1, per=100))


class Machine(Client):
    """A program with a key: speaks JSON."""

    def __init__(self, key: str) -> None:
        super().__init__(headers={"Authorization": f"Bearer {key}"})
        self.key = key

    def send(self, path: str, body: Any, **headers: str) -> Any:
        return self.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    def tell(self, path: str, body: Any, **headers: str) -> Any:
        return self.put(f"/api/v1/{path}", body, content_type="application/json", headers=headers)

    def read(self, path: str, **parameters: str) -> Any:
        return self.get(f"/api/v1/{path}", parameters)


def a_programme(key: str = "bakery", **fields: Any) -> Programme:
    programme = Programme.objects.create(key=key, name=key.title(), time_zone="Europe/Berlin", **fields)
    open_programme_books(programme_id=programme.pk)
    Shop.objects.create(programme=programme, code="berlin", name="Berlin")
    return programme


def a_campaign(programme: Programme, *rules: Rule) -> None:
    definition = Definition(rules=rules or (ONE_POINT_PER_EURO,))
    campaign = campaigns.create_campaign(
        programme=programme, key="standing", name="Points", definition=definition, by="test", at=JANUARY
    )
    campaigns.publish_draft(campaign=campaign, by="test", at=JANUARY)


def a_member(programme: Programme, external_id: str = "ada") -> Member:
    return enrol(programme=programme, at=JANUARY, identifiers=[("webshop", external_id)])


def a_machine(programme: Programme, *scopes: Scope, terms: Terms | None = None) -> Machine:
    """A machine with a key for `scopes`, by default all of them."""
    _, text = issue_key(
        programme=programme,
        name="Web shop",
        scopes=scopes or tuple(Scope),
        by="test",
        at=datetime.now(UTC),
        terms=terms or Terms(),
    )
    return Machine(text)


def an_order(reference: str = "1", **changes: Any) -> dict[str, Any]:
    """An order of 12.50 with 2.00 tax by Ada: ten points."""
    return {
        "source": "webshop",
        "reference": reference,
        "placed_at": NOON.isoformat(),
        "currency": "EUR",
        "customer": {"source": "webshop", "external_id": "ada"},
        "lines": [{"sku": "BREAD", "amount": "12.50", "tax": "2.00"}],
    } | changes
