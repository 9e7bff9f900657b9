"""A bakery where 10 points are worth 1.00, and a customer who has some."""

from typing import Any

from ledger import services as ledger
from ledger.models import Unit
from ledger.paying import Terms
from ledger.policies import Policy
from ledger.queries import unit_of
from ledger.services import accept_as_payment, open_unit
from shops.models import Programme
from tests.integrations.shopkeepers import Machine, an_order
from tests.ledger import books

ADA = {"source": "webshop", "external_id": "ada"}
TEN_FOR_ONE = Terms(units=10, money=100)
GRINDER = [{"sku": "GRINDER", "amount": "200.00"}]


def accept_points(programme: Programme, terms: Terms = TEN_FOR_ONE, code: str = "points") -> Unit:
    """Points of the programme pay from now on, and never expire."""
    unit = unit_of(programme.pk, code)
    books.says(unit, Policy())
    accept_as_payment(unit=unit, terms=terms)
    return unit


def earn(machine: Machine, points: int, reference: str = "earned", **changes: Any) -> None:
    """An order that gives Ada so many points."""
    answer = machine.send("orders", an_order(reference, lines=[{"sku": "GOLD", "amount": f"{points}.00"}], **changes))
    assert answer.status_code == 201


def a_quote(**changes: Any) -> dict[str, Any]:
    return {"customer": ADA, "currency": "EUR", "lines": GRINDER} | changes


def a_hold(reference: str = "c1", **changes: Any) -> dict[str, Any]:
    return {"source": "webshop", "reference": reference, "customer": ADA, "unit": "points", "amount": "1000"} | changes


def paid_order(hold: int, reference: str = "o1", points: str = "100.00", card: str = "100.00", **changes: Any) -> Any:
    """A grinder of 200.00, a part of it paid with a hold."""
    tenders = [{"kind": "points", "amount": points, "hold": hold}, {"kind": "card", "amount": card}]
    return an_order(reference, lines=GRINDER, tenders=tenders) | changes


def wallet_of(machine: Machine, number: str, unit: str = "points") -> tuple[str, str]:
    """What can be spent and what is reserved."""
    balances = machine.read(f"members/{number}/wallet").json()["balances"]
    return next((row["spendable"], row["reserved"]) for row in balances if row["unit"] == unit)


def a_unit(programme: Programme, klass: str, **fields: Any) -> Unit:
    return open_unit(
        programme_id=programme.pk, code=klass.lower().replace("_", "-"), name="Wallet", klass=klass, **fields
    )


def let_send(machine: Machine, sender: Any, receiver: str, verb: str) -> int:
    """An offer of one point that waits to be accepted, declined or withdrawn; its id."""
    body = {"source": "test", "reference": verb, "from": sender, "to": receiver, "unit": "points", "amount": "1"}
    answer = machine.send("transfers", body)
    assert answer.status_code == 201, answer.content
    return int(answer.json()["id"])


def let_exchange(programme: Programme) -> None:
    """100 points become a credit of 10.00, as in the documentation."""
    credit = ledger.open_unit(programme_id=programme.pk, code="credit", name="Credit", klass="CREDIT", decimals=2)
    terms = ledger.NewTerms(chunk=100, gives=1000, is_offered=True, is_automatic=False)
    ledger.add_conversion(source=unit_of(programme.pk, "points"), target=credit, terms=terms)
