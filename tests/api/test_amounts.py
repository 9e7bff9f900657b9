"""
P10: whole points and minor units only. Every number of every request, found in the OpenAPI document, is sent as what
it must never be: below nothing, beyond what is counted, with too many places, in the notations of other worlds.
"""

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from functools import cache
from itertools import product
from typing import Any

import pytest

from integrations.api.examples import ADJUSTMENT_BODY, EXCHANGE_BODY, PURCHASE_QUOTE_BODY
from integrations.api.pages import document
from integrations.services.keys import Terms
from ledger.queries import unit_of
from tests.integrations import buyers, payers
from tests.integrations.payers import a_hold, a_quote, paid_order
from tests.integrations.shopkeepers import a_machine, a_member, an_order
from tests.ledger import books
from tests.ledger.sending import may_be_sent
from tests.members import families

# As they stand in the JSON text: what is no number of ours, and what spreadsheets, languages and keyboards make of one.
NEVER = [
    *("true", "[]", "{}", "NaN", "Infinity", "1e400", "1.00001"),
    *("9223372036854775808", "-9223372036854775809", "99999999999999999999999999"),
    *('""', '" "', '"1e3"', '"NaN"', '"-"', '"+1"', '"--1"', '"1."', '".5"', '"1.00001"', '"1,000"', '"1 000"'),
    *('"1_000"', '"0x10"', '" 1"', '"1 "', '"1\\n"', '"\u0661"', '"\uff11"', '"\u221e"', '"1/2"', '"1\\u0000"'),
    *('"9223372036854775808"', '"99999999999999999999999999"', '"-1000000000000"'),
]
DECIMAL = r"(\.[0-9]"
HERE = "@here@"
JSON = "application/json"


@cache
def openapi() -> dict[str, Any]:
    read: dict[str, Any] = json.loads(document())
    return read


def schema_of(found: Mapping[str, Any]) -> Mapping[str, Any]:
    while "$ref" in found:
        found = openapi()["components"]["schemas"][found["$ref"].rsplit("/", 1)[-1]]
    return found


def numbers_in(schema: Mapping[str, Any], pointer: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Where numbers stand in a body; of a list in its first item."""
    schema = schema_of(schema)
    if schema.get("type") in {"integer", "number"} or DECIMAL in schema.get("pattern", ""):
        yield pointer
    for choice in ("anyOf", "oneOf", "allOf"):
        for part in schema.get(choice, []):
            yield from numbers_in(part, pointer)
    for name, part in schema.get("properties", {}).items():
        yield from numbers_in(part, (*pointer, name))
    if "items" in schema:
        yield from numbers_in(schema["items"], (*pointer, "0"))


def verb_of(path: str) -> str:
    """How a path is written to."""
    return "put" if "put" in openapi()["paths"][path] else "post"


def all_numbers() -> list[tuple[str, tuple[str, ...]]]:
    """Each number of each request: the path of the operation, and where in the body."""
    found = []
    for path, operations in openapi()["paths"].items():
        body = operations.get(verb_of(path), {}).get("requestBody")
        if body:
            schema = body["content"]["application/json"]["schema"]
            found += [(path, pointer) for pointer in dict.fromkeys(numbers_in(schema))]
    return found


def with_token(body: Any, pointer: tuple[str, ...], token: str) -> bytes:
    """The body as JSON, with a token in one place that may not even be JSON."""
    copy = json.loads(json.dumps(body))
    *above, last = pointer
    place = copy
    for name in above:
        place = place[int(name)] if isinstance(place, list) else place[name]
    place[last] = HERE
    return json.dumps(copy).replace(f'"{HERE}"', token).encode()


@pytest.fixture
def requests(machine, bakery, ada) -> dict[str, tuple[str, dict[str, Any]]]:
    """For each path of the document a request that would do something: where to, and what."""
    payers.accept_points(bakery)
    payers.let_exchange(bakery)
    payers.earn(machine, 5000)
    holds = [machine.send("holds", a_hold(f"c{number}", amount="100")).json()["id"] for number in range(3)]
    machine.send(f"holds/{holds[1]}/capture", {})
    machine.send("orders", an_order("sold"))
    line = {"sku": "BREAD", "quantity": 1, "amount": "200.00", "tax": "2.00"}
    wanted = [{"unit": "points", "amount": "100"}]
    cash = {"kind": "cash", "amount": "200.00"}
    buyers.sell_points(bakery)
    bought = [machine.send("purchases", buyers.a_purchase(f"b{number}")).json()["id"] for number in range(3)]
    may_be_sent(unit_of(bakery.pk, "points"))
    gift = {"from": payers.ADA, "to": a_member(bakery, "bob").number, "unit": "points", "amount": "1"}
    families.offered(bakery)
    home = families.founded(ada)
    now = datetime.now(UTC).isoformat()
    paid = {"provider": "stripe", "payment": "pi_0", "amount": "90.00"}
    machine.send(f"purchases/{bought[0]}/capture", paid)
    return {
        "households/{household_id}/contributions": (
            f"households/{home.pk}/contributions",
            {"source": "webshop", "reference": "g1", "customer": payers.ADA, "unit": "points", "amount": "5"},
        ),
        "households/{household_id}/share": (
            f"households/{home.pk}/share",
            {"customer": payers.ADA, "percent": 25},
        ),
        "members/{number}/birthday": (f"members/{ada.number}/birthday", {"month": 5, "day": 17}),
        "transfers": ("transfers", gift | {"source": "webshop", "reference": "t1", "fee": "0"}),
        "transfer-quotes": ("transfer-quotes", {name: gift[name] for name in ("from", "unit", "amount")}),
        "purchase-quotes": ("purchase-quotes", PURCHASE_QUOTE_BODY | {"customer": payers.ADA}),
        "purchases": ("purchases", buyers.a_purchase("new", total="90.00")),
        "purchases/{purchase_id}/capture": (f"purchases/{bought[1]}/capture", paid | {"payment": "pi_1"}),
        "purchases/{purchase_id}/refund": (f"purchases/{bought[0]}/refund", {"refunded": "90.00"}),
        "payment-notices": ("payment-notices", buyers.a_notice(purchase=bought[2], payment="pi_2", happened_at=now)),
        "orders": ("orders", paid_order(holds[2], points="10.00", card="190.00", lines=[line], discount="0.00")),
        "returns": (
            "returns",
            {
                "source": "webshop",
                "reference": "r1",
                "returned_at": datetime.now(UTC).isoformat(),
                "order_reference": "sold",
                "lines": [{"line": 1, "quantity": 1}],
            },
        ),
        "quotes": ("quotes", a_quote(lines=[line], discount="0.00", wanted=wanted, tenders=[cash])),
        "holds": ("holds", a_hold("new", seconds=600)),
        "holds/{hold_id}/capture": (f"holds/{holds[0]}/capture", {"amount": "50"}),
        "holds/{hold_id}/refund": (f"holds/{holds[1]}/refund", {"reference": "r1", "amount": "50"}),
        "exchanges": ("exchanges", EXCHANGE_BODY | {"customer": payers.ADA}),
        "adjustments": ("adjustments", ADJUSTMENT_BODY | {"member": payers.ADA}),
    }


def test_the_document_is_full_of_numbers():
    assert len(all_numbers()) * len(NEVER) > 500


@pytest.mark.parametrize("path", sorted({path for path, _pointer in all_numbers()}))
def test_a_number_that_is_none_is_refused_by_its_name_and_changes_nothing(path, requests, bakery):
    address, body = requests[path.removeprefix("/api/v1/")]
    sender = a_machine(bakery, terms=Terms(requests_per_minute=10_000_000))
    before = books.everything()

    for pointer, token in product((pointer for of, pointer in all_numbers() if of == path), NEVER):
        answer = sender.generic(verb_of(path), f"/api/v1/{address}", with_token(body, pointer, token), JSON)

        assert 400 <= answer.status_code < 500, (pointer, token, answer.content)
        assert answer.headers["Content-Type"] == "application/problem+json"
        told = answer.json()
        assert told["code"] == "malformed" or "/".join(pointer) in str(told.get("errors")), (token, told)

    assert books.everything() == before


def test_the_requests_would_have_done_something(requests, bakery):
    """Or the refusals above would prove nothing."""
    sender = a_machine(bakery)

    answers = {
        path: sender.generic(verb_of(f"/api/v1/{path}"), f"/api/v1/{address}", json.dumps(body), JSON)
        for path, (address, body) in requests.items()
    }

    assert {path: answer.status_code for path, answer in answers.items() if answer.status_code >= 300} == {}
    assert {f"/api/v1/{path}" for path in requests} == {path for path, _pointer in all_numbers()}
