"""What was acknowledged is there, once, however often the database is killed meanwhile."""

import contextlib
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest

from loyalty_site import embedded
from tests.loyalty_site.sites import Site, environment_of, start

TILLS = 4
BETWEEN_KILLS = 25
PATIENCE_SECONDS = 120


@pytest.fixture(scope="module")
def data_dir() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="laurel-kill-"))
    yield folder / "data"
    embedded.stop(folder / "data")
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def site(data_dir: Path) -> Iterator[Site]:
    site = start(data_dir, WEB_WORKERS="2")
    site.wait_for("Laurel is running.")
    yield site
    site.stop()


class Tills:
    """Tills that send one order after the other, each until it is acknowledged."""

    def __init__(self, site: Site, key: str, name: str) -> None:
        self.acknowledged: list[str] = []
        self._site, self._key, self._name = site, key, name
        self._closing = threading.Event()
        self._threads = [threading.Thread(target=self._work, args=(number,)) for number in range(TILLS)]

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
        order = {
            "source": "till",
            "reference": reference,
            "placed_at": "2026-11-22T10:00:00Z",
            "currency": "EUR",
            "customer": {"source": "webshop", "external_id": "C2000"},
            "lines": [{"sku": "BEANS-1KG", "amount": "24.90"}],
        }
        headers = {
            "Authorization": f"Bearer {self._key}",
            "Content-Type": "application/json",
            "Idempotency-Key": reference,
        }
        line = http.client.HTTPConnection("127.0.0.1", self._site.port, timeout=30)
        with contextlib.closing(line), contextlib.suppress(OSError, http.client.HTTPException):
            line.request("POST", "/api/v1/orders", json.dumps(order), headers)
            return line.getresponse().status
        return 0


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_every_acknowledged_order_is_there_once(kills, site, data_dir):
    name = f"kill-{kills}"

    with Tills(site, (data_dir / "demo-api-key").read_text().strip(), name) as tills:
        for _ in range(kills):
            wait_for_more(tills)
            os.kill(server_pid(data_dir), signal.SIGKILL)
        wait_for_more(tills)

    kept, postings, points = booked(data_dir, name)
    assert sorted(kept) == sorted(tills.acknowledged)
    assert len(set(kept)) == len(kept)
    assert (postings, points) == (len(kept), 24 * len(kept))
    assert "The books agree" in verify_ledger(data_dir)


def wait_for_more(tills: Tills) -> None:
    aim = len(tills.acknowledged) + BETWEEN_KILLS
    wait_until(lambda: len(tills.acknowledged) >= aim)


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def server_pid(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


def booked(data_dir: Path, name: str) -> tuple[list[str], int, int]:
    """The references of the orders that were kept, and what was posted for them."""
    with psycopg.connect(embedded.uri(data_dir)) as database:
        rows = database.execute("SELECT id, reference FROM orders_order WHERE reference LIKE %s", [f"{name}-%"])
        kept = {str(order_id): reference for order_id, reference in rows}
        rows = database.execute(
            "SELECT entry.amount FROM ledger_posting posting JOIN ledger_entry entry ON entry.posting_id = posting.id"
            " WHERE posting.source = 'order' AND split_part(posting.reference, ':', 1) = ANY (%s)"
            " AND entry.wallet_id IS NOT NULL",
            [list(kept)],
        )
        amounts = [int(amount) for (amount,) in rows]
    return list(kept.values()), len(amounts), sum(amounts)


def verify_ledger(data_dir: Path) -> str:
    command = [sys.executable, "manage.py", "verify_ledger"]
    done = subprocess.run(command, env=environment_of(data_dir), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr
