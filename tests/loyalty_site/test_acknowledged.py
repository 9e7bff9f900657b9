"""
What was acknowledged is there, once: however often the database is killed meanwhile (P05), and on a line that loses
requests and answers (P04).
"""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import psycopg
import pytest

from loyalty_site import embedded
from tests.loyalty_site.bad_line import Cut, bad_line
from tests.loyalty_site.sites import Site, environment_of, start
from tests.loyalty_site.tills import PATIENCE_SECONDS, Till, Tills, told_of

BETWEEN_KILLS = 25
AT_ONCE = 8


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


@pytest.fixture
def key(data_dir: Path) -> str:
    return (data_dir / "demo-api-key").read_text().strip()


@pytest.mark.parametrize("kills", [5, pytest.param(20, marks=pytest.mark.slow)])
def test_every_acknowledged_order_is_there_once(kills, site, data_dir, key):
    name = f"kill-{kills}"

    with Tills(site, key, name) as tills:
        for _ in range(kills):
            wait_for_more(tills)
            os.kill(server_pid(data_dir), signal.SIGKILL)
        wait_for_more(tills)

    kept, postings, points = booked(data_dir, name)
    assert sorted(kept) == sorted(tills.acknowledged)
    assert len(set(kept)) == len(kept)
    assert (postings, points) == (len(kept), 24 * len(kept))
    assert "The books agree" in verify_ledger(data_dir)


@pytest.mark.parametrize("orders", [100, pytest.param(2000, marks=pytest.mark.slow)])
def test_every_order_is_booked_once_and_every_answer_is_the_first(orders, site, data_dir, key):
    name = f"bad-line-{orders}"
    references = [f"{name}-{number}" for number in range(orders)]

    with bad_line(to_port=site.port, seed=orders) as line, ThreadPoolExecutor(AT_ONCE) as tills:
        till = Till(line.port, key)
        heard = list(tills.map(lambda number: till.until_known(references[number], Random(number)), range(orders)))
        cuts = line.cuts

    assert min(cuts[cut] for cut in Cut) > orders // 4
    assert [{answer.status for answer in answers} for answers in heard] == [{201}] * orders
    assert [len({answer.body for answer in answers}) for answers in heard] == [1] * orders
    kept, postings, points = booked(data_dir, name)
    assert sorted(kept) == sorted(references)
    assert (postings, points) == (orders, 24 * orders)
    assert told_of(Till(site.port, key), references) == [json.loads(answers[0].body) for answers in heard]
    assert "The books agree" in verify_ledger(data_dir)


def test_an_order_that_nobody_heard_of_did_not_happen(site, key):
    outcome = Till(site.port, key).outcome("never-sent")

    assert outcome is not None
    assert outcome.status == http.client.NOT_FOUND


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
