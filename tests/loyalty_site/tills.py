"""Tills that send orders to a running site, and know only what they heard."""

import contextlib
import http.client
import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.loyalty_site.sites import Site

PATIENCE_SECONDS = 120
WORKING = 4
REPEATS_AT_MOST = 5
TRIES_AT_MOST = 200


def an_order(reference: str) -> dict[str, Any]:
    """Beans for 24.90: 24 points in the demo's programme."""
    return {
        "source": "till",
        "reference": reference,
        "placed_at": "2026-11-22T10:00:00Z",
        "currency": "EUR",
        "customer": {"source": "webshop", "external_id": "C2000"},
        "lines": [{"sku": "BEANS-1KG", "amount": "24.90"}],
    }


class Tills:
    """Tills that send one order after the other, each until it is acknowledged."""

    def __init__(self, site: Site, key: str, name: str) -> None:
        self.acknowledged: list[str] = []
        self._site, self._key, self._name = site, key, name
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(WORKING)]

    def __enter__(self) -> "Tills":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for thread in self._threads:
            thread.join()

    def _work(self, number: int) -> None:
        sent = 0
        deadline = time.monotonic() + 5 * PATIENCE_SECONDS
        while not self._closing.is_set():
            reference = f"{self._name}-{number}-{sent}"
            while self._send(reference) not in {200, 201}:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            self.acknowledged.append(reference)
            sent += 1
            time.sleep(0.01)

    def _send(self, reference: str) -> int:
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": reference,
        }
        line = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=30)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request("POST", "/api/v1/orders", json.dumps(an_order(reference)), headers)
            return line.getresponse().status
        return 0


@dataclass(frozen=True)
class Heard:
    """A whole answer that came through."""

    status: int
    body: bytes


@dataclass(frozen=True)
class Till:
    """Sends orders over a line; whatever happens to it, a till only knows what it heard."""

    port: int
    key: str

    def send(self, reference: str) -> Heard | None:
        headers = {
            "Authorization": f"Bearer {self.key}",
            "Content-Type": "application/json",
            "Idempotency-Key": reference,
            "Connection": "close",
        }
        return self._ask("POST", "/api/v1/orders", json.dumps(an_order(reference)), headers)

    def outcome(self, reference: str) -> Heard | None:
        return self._ask("GET", f"/api/v1/operations/{reference}", None, {"Authorization": f"Bearer {self.key}"})

    def _ask(self, verb: str, path: str, body: str | None, headers: dict[str, str]) -> Heard | None:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request(verb, path, body, headers)
            answer = line.getresponse()
            return Heard(answer.status, answer.read())
        return None

    def until_known(self, reference: str, luck: Random) -> list[Heard]:
        """Send an order until an answer came, and then some more, now and then twice at the same moment."""
        heard: list[Heard] = []
        repeats = luck.randint(1, REPEATS_AT_MOST)
        with ThreadPoolExecutor(2) as hands:
            for tried in range(TRIES_AT_MOST):
                at_once = 2 if luck.random() < 0.3 else 1
                answers = hands.map(self.send, [reference] * at_once)
                heard += [answer for answer in answers if answer is not None and answer.status != http.client.CONFLICT]
                if heard and tried >= repeats:
                    return heard
        raise AssertionError(f"{reference} was never answered")


def told_of(till: Till, references: Sequence[str]) -> list[object]:
    """What became of orders, for who never heard."""
    outcomes = [till.outcome(reference) for reference in references]
    return [json.loads(outcome.body)["body"] if outcome else None for outcome in outcomes]
