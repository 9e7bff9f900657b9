"""
P05: the same request twice. A till that hears nothing sends again while its first request is still at work, so its twin
may overtake it anywhere: before each statement that the first one sends, the whole second one happens.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from integrations.api.examples import ADJUSTMENT_BODY, EXCHANGE_BODY
from ledger.queries import unit_of
from ledger.verification import verify
from members.models import Member
from shops.models import Programme
from tests.crowd import interrupted
from tests.integrations import buyers, happenings, payers
from tests.integrations.payers import ADA, a_hold, paid_order
from tests.integrations.shopkeepers import Machine, a_member, an_order
from tests.ledger.sending import may_be_sent
from tests.members import families
from tests.members.tiers.people import a_ladder

Request = tuple[str, dict[str, Any]]
NOW = datetime.now(UTC).isoformat()
# A twin that waits for what the first one has locked is told so; that is no failure, and needn't take long here.
PATIENCE = "SET lock_timeout = '40ms'"
BUSY = {"operation_in_progress", "unavailable"}


@dataclass(frozen=True)
class World:
    """A bakery where everything is on offer."""

    machine: Machine
    bakery: Programme
    bob: Member
    home: int

    def made(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        answer = self.machine.send(path, body)
        assert answer.status_code == 201, answer.content
        document: dict[str, Any] = answer.json()
        return document


@pytest.fixture
def world(machine, bakery, ada) -> World:
    payers.accept_points(bakery)
    payers.let_exchange(bakery)
    payers.earn(machine, 100_000)
    buyers.sell_points(bakery)
    may_be_sent(unit_of(bakery.pk, "points"))
    families.offered(bakery)
    happenings.take_checkins(bakery)
    a_ladder(bakery, at=timezone.now())
    return World(machine, bakery, a_member(bakery, "bob"), families.founded(ada).pk)


def an_own(reference: str) -> dict[str, Any]:
    return {"source": "webshop", "reference": reference}


def a_held(world: World, number: int) -> int:
    return int(world.made("holds", a_hold(f"held {number}", amount="10"))["id"])


def a_bought(world: World, number: int) -> int:
    return int(world.made("purchases", buyers.a_purchase(f"bought {number}"))["id"])


def a_return(world: World, number: int) -> Request:
    world.made("orders", an_order(f"sold {number}"))
    line = {"line": 1, "quantity": 1}
    return "returns", an_own(f"r{number}") | {"returned_at": NOW, "order_reference": f"sold {number}", "lines": [line]}


def a_refund(world: World, number: int) -> Request:
    hold = a_held(world, number)
    assert world.machine.send(f"holds/{hold}/capture", {}).status_code == 200
    return f"holds/{hold}/refund", {"reference": f"refund {number}", "amount": "5"}


def a_delivery(world: World, number: int) -> Request:
    world.made("orders", an_order(f"parcel {number}"))
    return "order-deliveries", {"source": "webshop", "order_reference": f"parcel {number}", "delivered_at": NOW}


REQUESTS: dict[str, Callable[[World, int], Request]] = {
    "order": lambda _world, number: ("orders", an_order(f"o{number}")),
    "paid order": lambda world, number: (
        "orders",
        paid_order(a_held(world, number), f"o{number}", points="1.00", card="199.00"),
    ),
    "event": lambda _world, number: ("events", happenings.a_checkin(f"c{number}")),
    "return": a_return,
    "delivery": a_delivery,
    "hold": lambda _world, number: ("holds", a_hold(f"c{number}", amount="10")),
    "capture": lambda world, number: (f"holds/{a_held(world, number)}/capture", {}),
    "release": lambda world, number: (f"holds/{a_held(world, number)}/release", {}),
    "refund": a_refund,
    "exchange": lambda _world, number: ("exchanges", EXCHANGE_BODY | an_own(f"e{number}") | {"customer": ADA}),
    "adjustment": lambda _world, number: ("adjustments", ADJUSTMENT_BODY | an_own(f"a{number}") | {"member": ADA}),
    "transfer": lambda world, number: (
        "transfers",
        an_own(f"t{number}") | {"from": ADA, "to": world.bob.number, "unit": "points", "amount": "1"},
    ),
    "paid tier": lambda _world, number: (
        "paid-tiers",
        an_own(f"f{number}") | {"customer": ADA, "ladder": "club", "tier": "gold"},
    ),
    "contribution": lambda world, number: (
        f"households/{world.home}/contributions",
        an_own(f"g{number}") | {"customer": ADA, "unit": "points", "amount": "1"},
    ),
    "purchase": lambda world, number: (
        "purchases",
        buyers.a_purchase(f"b{number}") | {"customer": a_member(world.bakery, f"buyer {number}").number},
    ),
    "notice": lambda world, number: (
        "payment-notices",
        buyers.a_notice(
            name=f"evt_{number}", purchase=a_bought(world, number), payment=f"pi_{number}", happened_at=NOW
        ),
    ),
    "capture of a purchase": lambda world, number: (
        f"purchases/{a_bought(world, number)}/capture",
        {"provider": "stripe", "payment": f"pi_{number}", "amount": "90.00"},
    ),
    "cancelled purchase": lambda world, number: (f"purchases/{a_bought(world, number)}/cancel", {}),
}

# A request that writes as it goes, and one that is planned first: an Idempotency-Key guards them in different ways.
KEYED = ["transfer", "order"]


def impatient(machine: Machine, path: str, body: dict[str, Any], headers: dict[str, str]) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(PATIENCE)
    return Machine(machine.key).send(path, body, **headers)


@pytest.mark.parametrize(
    ("name", "keyed"),
    [*((name, False) for name in REQUESTS), *(pytest.param(name, True, id=f"{name} with a key") for name in KEYED)],
)
@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_wherever_a_twin_overtakes_a_request_both_get_one_answer(world, name, keyed):
    machine, firsts = world.machine, 0
    for place in count():
        path, body = REQUESTS[name](world, place)
        headers = {"Idempotency-Key": f"key-{place}"} if keyed else {}
        mine, twins = interrupted(
            place,
            lambda: machine.send(path, body, **headers),  # noqa: B023 - called within the round
            lambda: impatient(machine, path, body, headers),  # noqa: B023
        )
        if not twins:
            break
        (twin,) = twins
        assert mine.status_code in {200, 201}, (place, mine.content)
        if twin.json().get("code") in BUSY:
            break  # and so would be every later one, until the first is done
        firsts += 1
        assert twin.status_code in {200, 201}, (place, twin.content)
        assert twin.content == mine.content, place
    assert firsts
    assert list(verify(tell=lambda _: None)) == []
