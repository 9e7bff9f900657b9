"""
The OpenAPI document is true and no input breaks the server.

Schemathesis makes requests from the document, right and wrong ones and sequences of them, and compares every answer
with it, as four callers: who may do everything, who may only read orders, who belongs to another programme, and who has
no key.
"""

import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from integrations.api.examples import ADJUSTMENT_BODY, ORDER_BODY
from integrations.api.examples import CUSTOMER as PAYER
from integrations.api.pages import document
from integrations.models import Scope
from integrations.services.keys import Terms
from ledger.queries import unit_of
from members.models import Identifier, MemberAttribute
from orders.models import ContextAttribute
from shops.attributes import declare
from shops.models import Programme
from tests.api.homes import Asked, requests_about_homes
from tests.integrations import buyers, happenings, payers
from tests.integrations.shopkeepers import Machine, a_campaign, a_machine, a_member, a_programme, an_order
from tests.ledger.sending import may_be_sent

NO_LIMIT = Terms(requests_per_minute=10_000_000)
# 422 is for what the document can't express: another currency, tax above the price, a shop that does not exist.
CONFIG = """
[checks]
positive_data_acceptance.expected-statuses = ["2xx", "401", "403", "404", "409", "422"]
"""

# Any of them ends an offer for the others, so each keeps to its own.
ENDS_OF_OFFERS = ("accept_transfer", "decline_transfer", "withdraw_transfer")

ALL_PHASES = "examples,coverage,fuzzing,stateful"

Known = dict[str, Any]
Answer = tuple[str, str, int]
Run = Callable[..., list[Answer]]


@pytest.fixture
def known(transactional_db) -> Known:
    """A programme in which there is something behind every address, and ids of it by the names of path parameters."""
    bakery = a_programme()
    a_campaign(bakery)
    happenings.take_checkins(bakery)
    ada = a_member(bakery)
    # Who the documentation's requests are about.
    a_member(bakery, "6940095564")
    machine = a_machine(bakery)
    declare(MemberAttribute, programme=bakery, key="shirt", kind="text", label="Shirt")
    declare(ContextAttribute, programme=bakery, key="weather", kind="text", label="Weather")
    order = machine.send("orders", an_order(), **{"Idempotency-Key": "k1"}).json()
    # The documentation's return is of the documentation's order.
    machine.send("orders", ORDER_BODY)
    hook = machine.send("webhooks", {"url": "https://example.com/hook"}).json()
    test = machine.send(f"webhooks/{hook['id']}/test", {}).json()
    asked = machine.send("adjustments", ADJUSTMENT_BODY | {"reference": "first"}).json()
    holds = {verb: a_kept_hold(bakery, machine, verb) for verb in ("read", "capture", "release", "refund")}
    machine.send(f"holds/{holds['refund']}/capture", {})
    buyers.sell_points(bakery)
    verbs = ("read", "capture", "cancel", "refund", "notice")
    bought = {verb: machine.send("purchases", buyers.a_purchase(verb)).json()["id"] for verb in verbs}
    machine.send(f"purchases/{bought['refund']}/capture", {"provider": "stripe", "payment": "pi_refund"})
    may_be_sent(unit_of(bakery.pk, "points"), needs_acceptance=True)
    sent = {
        verb: payers.let_send(machine, PAYER, ada.number, verb) for verb in ("read", "accept", "decline", "withdraw")
    }
    return {
        "programme": bakery,
        "homes": requests_about_homes(bakery),
        "adjustment_id": asked["id"],
        "order_id": order["id"],
        "posting_id": order["earned"][0]["posting"],
        "number": ada.number,
        "key": "k1",
        "webhook_id": hook["id"],
        "delivery_id": test["id"],
        "hold_id": holds["read"],
        # A hold ends once, so each end is tried with one of its own.
        "transfer_id": sent["read"],
        **{f"{verb}_transfer.transfer_id": sent[verb] for verb in ("accept", "decline", "withdraw")},
        **{f"{verb}_hold.hold_id": holds[verb] for verb in ("capture", "release", "refund")},
        "purchase_id": bought["read"],
        **{f"{verb}_purchase.purchase_id": bought[verb] for verb in ("capture", "cancel", "refund")},
        # The documentation's notice is of its own time, and of a payment that pays another purchase here.
        "notice": {"purchase": bought["notice"], "payment": "pi_notice", "happened_at": datetime.now(UTC).isoformat()},
    }


def a_kept_hold(programme: Programme, machine: Machine, verb: str) -> int:
    """The id of a hold of the documentation's customer, who has points enough for its examples."""
    if not programme.units.filter(payment__isnull=False).exists():
        if not Identifier.objects.filter(external_id=PAYER["external_id"]).exists():
            a_member(programme, PAYER["external_id"])
        payers.accept_points(programme)
        payers.earn(machine, 1_000_000, customer=PAYER)
        payers.let_exchange(programme)
    return int(machine.send("holds", payers.a_hold(verb, customer=PAYER)).json()["id"])


@pytest.fixture
def run(live_server, known: Known, tmp_path: Path) -> Run:
    """Run Schemathesis with a key and a number of examples, and fail with what it found; returns what was answered."""

    def run(key: str | None, examples: int, *, phases: str = ALL_PHASES) -> list[Answer]:
        schema, config, report = (tmp_path / name for name in ("openapi.json", "schemathesis.toml", "requests.har"))
        schema.write_text(json.dumps(with_examples(json.loads(document()), known)))
        config.write_text(CONFIG)
        options = {
            "--url": live_server.url,
            "--phases": phases,
            "--max-examples": str(examples),
            "--seed": "1",
            "--request-timeout": "30",
            "--report": "har",
            "--report-har-path": str(report),
            **({"--header": f"Authorization: Bearer {key}"} if key else {}),
        }
        flat = [part for option in options.items() for part in option]
        command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
        done = subprocess.run(
            [*command, "--config-file", str(config), "run", str(schema), "--no-color", *flat],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout[-20_000:] + done.stderr[-2_000:]
        return answers_in(json.loads(report.read_text()))

    return run


def answers_in(report: dict[str, Any]) -> list[Answer]:
    """Method, path and status of every request."""
    return [
        (entry["request"]["method"], urlsplit(entry["request"]["url"]).path, entry["response"]["status"])
        for entry in report["log"]["entries"]
    ]


def never_answered(answers: list[Answer]) -> list[str]:
    """The operations that were asked and never said yes."""
    done = {(method, path) for method, path, status in answers if 200 <= status < 300}
    return [
        f"{method} {template}"
        for template, operations in json.loads(document())["paths"].items()
        for method in operations
        if not any(method.upper() == did and re.fullmatch(pattern_of(template), path) for did, path in done)
    ]


def pattern_of(template: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", template)


def with_examples(schema: dict[str, Any], known: Known) -> dict[str, Any]:
    """The document with addresses at which there is something, and what this programme's orders look like."""
    for operations in schema["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", []):
                name = parameter["name"]
                value = known.get(f"{operation['operationId']}.{name}", known.get(name))
                if value is not None:
                    parameter["examples"] = {"known": {"value": value}}
                if operation["operationId"] in ENDS_OF_OFFERS and name == "transfer_id":
                    parameter["schema"] = {"type": "integer", "enum": [value]}
    _describe_orders(schema["components"]["schemas"], known)
    told = schema["paths"]["/api/v1/payment-notices"]["post"]["requestBody"]["content"]["application/json"]
    for example in told["examples"].values():
        example["value"] |= known["notice"]
    adjustment = schema["components"]["schemas"]["AdjustmentBody"]["properties"]
    adjustment["unit"] = {"type": "string", "enum": ["points"]}
    adjustment["member"] = {"enum": [known["number"]]}
    quote = schema["components"]["schemas"]["QuoteBody"]["properties"]
    quote["currency"] = {"type": "string", "enum": ["EUR"]}
    quote["customer"] = {"enum": [known["number"]]}
    quote["discount"] = {"type": "string", "enum": ["0"]}
    quote["lines"]["examples"] = [[{"sku": "BREAD", "amount": "10"}]]
    quote["wanted"]["examples"] = [[]]
    _describe_transfers(schema["components"]["schemas"], known)
    _describe_homes(schema["paths"], known["homes"])
    # Random decimals make sense too rarely: most orders would be refused for a tax above its price.
    line = schema["components"]["schemas"]["LineBody"]["properties"]
    line["amount"] = {"type": "string", "pattern": "^[0-9]{1,6}$"}
    line["tax"] = {"type": "string", "enum": ["0"]}
    return schema


def _describe_orders(schemas: dict[str, Any], known: Known) -> None:
    order = schemas["OrderBody"]["properties"]
    order["currency"] = {"type": "string", "enum": ["EUR"]}
    order["discount"] = {"type": "string", "enum": ["0"]}
    # One that makes sense as a whole: examples of single fields, put together, seldom do.
    order["reference"]["examples"] = ["new"]
    order["lines"]["examples"] = [[{"sku": "BREAD", "amount": "10"}]]
    order["tenders"]["examples"] = [[]]
    order["context"]["examples"] = [{"weather": "rain"}]
    order["shop"] = {"type": "string", "enum": ["", "berlin"]}
    order["customer"] = {"enum": [None, known["number"], {"source": "webshop", "external_id": "ada"}]}


def _describe_homes(paths: dict[str, Any], homes: dict[str, Asked]) -> None:
    for operations in paths.values():
        for operation in operations.values():
            asked = homes.get(operation["operationId"])
            if asked is None:
                continue
            for parameter in operation.get("parameters", []):
                if parameter["name"] in asked.parameters:
                    parameter["examples"] = {"known": {"value": asked.parameters[parameter["name"]]}}
            if "requestBody" in operation:
                told = operation["requestBody"]["content"]["application/json"]
                told["examples"] = {"known": {"value": asked.body}}


def _describe_transfers(schemas: dict[str, Any], known: Known) -> None:
    for name in ("TransferBody", "TransferQuoteBody"):
        transfer = schemas[name]["properties"]
        transfer |= {"from": {"enum": [PAYER]}, "unit": {"type": "string", "enum": ["points"]}}
        transfer["amount"] = {"type": "string", "enum": ["1"]}
    transfer = schemas["TransferBody"]["properties"]
    transfer |= {"to": {"enum": [known["number"]]}, "fee": {"type": "string", "enum": ["0"]}}


def test_who_may_do_everything_gets_through_everywhere(run, known):
    answers = run(key_of("owner", known), 2)

    # Otherwise the run would prove nothing about them.
    assert never_answered(answers) == []
    assert len(answers) > 500


@pytest.mark.parametrize("caller", ["reader", "stranger", "nobody"])
def test_who_may_do_less_finds_no_gap(caller, run, known):
    answers = run(key_of(caller, known), 3, phases="examples,fuzzing")

    assert len(answers) > 50


@pytest.mark.slow
@pytest.mark.parametrize("caller", ["owner", "reader", "stranger", "nobody"])
def test_a_long_campaign_finds_nothing_either(caller, run, known):
    answers = run(key_of(caller, known), 250)

    assert len(answers) > 5000


def key_of(caller: str, known: Known) -> str | None:
    if caller == "nobody":
        return None
    if caller == "reader":
        return a_machine(known["programme"], Scope.ORDERS_READ, terms=NO_LIMIT).key
    if caller == "owner":
        return a_machine(known["programme"], terms=NO_LIMIT).key
    florist = a_programme("florist")
    a_campaign(florist)
    return a_machine(florist, terms=NO_LIMIT).key
