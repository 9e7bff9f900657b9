"""A bakery that sells points, and what its shop and its payment provider send."""

from typing import Any

from ledger.models import PurchaseTerms
from ledger.queries import unit_of
from shops.models import Programme
from tests.ledger import buying
from tests.ledger.buying import VIRGIN

ADA = {"source": "webshop", "external_id": "ada"}


def sell_points(programme: Programme, **changes: Any) -> PurchaseTerms:
    """15.00 for each 1,000 points and each purchase."""
    return buying.sell(unit_of(programme.pk, "points"), VIRGIN, **changes)


def a_purchase(reference: str = "b1", **changes: Any) -> dict[str, Any]:
    """5,000 points for 90.00."""
    return {"source": "webshop", "reference": reference, "customer": ADA, "unit": "points", "amount": "5000"} | changes


def a_notice(kind: str = "captured", name: str = "evt_1", **changes: Any) -> dict[str, Any]:
    return {
        "provider": "stripe",
        "notice": name,
        "kind": kind,
        "payment": "pi_1",
        "amount": "90.00",
        "currency": "EUR",
        "happened_at": "2026-03-14T09:30:00+01:00",
    } | changes
