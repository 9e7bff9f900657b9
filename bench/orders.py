"""An order through HTTP, beside a DRF view that does nothing."""

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec
from django.db import transaction
from django.utils import timezone

from bench import server
from bench.clients import rate
from bench.database import CLIENTS, SECONDS
from bench.measuring import Benchmark
from campaigns import services as campaigns
from campaigns.definitions import Definition, Fixed, PerMoney, Rule
from integrations.models import Scope
from integrations.services.keys import Terms, issue_key
from ledger import services as ledger
from members import services as members
from shops.models import Programme

AT = datetime(2026, 1, 1, tzinfo=UTC)
CUSTOMERS = 2_000
_serial = itertools.count()


def benchmarks() -> list[Benchmark]:
    programme = _programme()
    _, key = issue_key(
        programme=programme,
        name="Bench",
        scopes=[Scope.ORDERS_WRITE],
        by="bench",
        at=timezone.now(),
        terms=Terms(requests_per_minute=10_000_000),
    )
    port = server.start()
    return [
        Benchmark(
            "orders.http_earn",
            "orders/s with 3 lines and 2 rules, 8 clients",
            "a DRF view that does nothing, same server",
            "higher",
            0.20,
            SECONDS,
            lambda: rate(lambda _: _sending(port, key), clients=CLIENTS, seconds=SECONDS),
            lambda: rate(lambda _: _doing_nothing(port), clients=CLIENTS, seconds=SECONDS),
        )
    ]


def _doing_nothing(port: int) -> Callable[[], int]:
    client = server.Client(port)

    def step() -> int:
        client.post("/api/nothing", b"{}", {})
        return 1

    return step


def _sending(port: int, key: str) -> Callable[[], int]:
    client = server.Client(port)

    def step() -> int:
        # The process id makes references of forked clients differ.
        reference = f"{os.getpid()}-{next(_serial)}"
        headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": reference}
        client.post("/api/v1/orders", msgspec.json.encode(_order(reference)), headers)
        return 1

    return step


def _order(reference: str) -> dict[str, object]:
    return {
        "source": "webshop",
        "reference": reference,
        "placed_at": "2026-03-14T09:30:00+01:00",
        "currency": "EUR",
        "channel": "web",
        "customer": {"source": "webshop", "external_id": str(hash(reference) % CUSTOMERS)},
        "lines": [
            {"sku": "A", "name": "Coffee", "quantity": 2, "amount": "37.80", "tax": "2.47", "categories": ["coffee"]},
            {"sku": "B", "name": "Mug", "amount": "12.00", "tax": "1.92"},
            {"sku": "P", "kind": "shipping", "amount": "4.90"},
        ],
        "discount": "5.00",
        "tenders": [{"kind": "online", "amount": "49.70"}],
    }


def _programme() -> Programme:
    programme = Programme.objects.create(key="bench-orders", name="Bench", currency="EUR")
    ledger.open_programme_books(programme_id=programme.pk)
    online = {"field": "order.channel", "op": "eq", "value": "web"}
    rules = (Rule("base", PerMoney(1, 100)), Rule("online", Fixed(5), when=online))
    campaign = campaigns.create_campaign(
        programme=programme, key="standing", name="Standing", definition=Definition(rules), by="bench", at=AT
    )
    campaigns.publish_draft(campaign=campaign, by="bench", at=AT)
    with transaction.atomic():
        members.enrol_unknown(
            programme=programme, source="webshop", first_seen={str(no): AT for no in range(CUSTOMERS)}
        )
    return programme
