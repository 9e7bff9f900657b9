"""
A receiver that fails, is killed, and comes back gets every event: signed, and under the same id as before.

Worker, scheduler and receiver are real processes; the queue is the one inside the database.
"""

import json
import signal
import socket
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from standardwebhooks import Webhook

from events import outbox
from events.outbox import Fact
from integrations.models import WebhookDelivery
from integrations.services import endpoints
from tests.integrations.shopkeepers import NOON, a_campaign, a_machine, a_member, a_programme, an_order
from tests.journeys.processes import a_worker, celery, running, wait_for

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)

RECEIVER = Path(__file__).with_name("receiver_process.py")
ORDERS = 12
# For each order: order.accepted and points.accrued.
EVENTS = 2 * ORDERS


@pytest.fixture
def port():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


@pytest.fixture
def scheduler(tmp_path: Path) -> Iterator[None]:
    with celery(tmp_path / "beat.log", "beat", "--pidfile", ""):
        yield


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[None]:
    with a_worker(tmp_path / "worker.log"):
        yield


def test_every_event_arrives_signed_though_the_receiver_fails_dies_and_returns(scheduler, worker, port, tmp_path):
    bakery = a_programme()
    a_campaign(bakery)
    a_member(bakery)
    machine = a_machine(bakery)
    hook, secret = endpoints.register_endpoint(
        programme=bakery,
        url=f"http://127.0.0.1:{port}/hook",
        event_types=["order.accepted", "points.accrued"],
        loopback=True,
    )
    before, after = tmp_path / "before.jsonl", tmp_path / "after.jsonl"

    with receiver(port, before, status=500) as failing:
        for number in range(ORDERS):
            assert machine.send("orders", an_order(str(number))).status_code == 201
        wait_for(lambda: len(messages(before)) >= 2, "a first attempt")
        failing.send_signal(signal.SIGKILL)
    wait_for(
        lambda: WebhookDelivery.objects.filter(last_answer__startswith="ConnectError").exists(), "a refused connection"
    )
    with receiver(port, after, status=200):
        wait_for(lambda: delivered() == EVENTS, "every delivery", seconds=150)

    arrived = {message["headers"]["webhook-id"]: message for message in messages(after)}
    tried = {message["headers"]["webhook-id"]: message for message in messages(before)}
    assert len(arrived) == EVENTS == WebhookDelivery.objects.count()
    assert set(tried) <= set(arrived)
    assert all(tried[name]["body"] == arrived[name]["body"] for name in tried)
    for message in [*tried.values(), *arrived.values()]:
        assert Webhook(secret).verify(message["body"], message["headers"])["type"] in hook.event_types
    assert WebhookDelivery.objects.filter(attempts__gt=1).count() >= len(tried)


@pytest.mark.slow
def test_a_thousand_events_arrive_though_workers_are_killed_and_the_receiver_stumbles(scheduler, port, tmp_path):
    bakery = a_programme()
    hook, secret = endpoints.register_endpoint(programme=bakery, url=f"http://127.0.0.1:{port}/hook", loopback=True)
    with transaction.atomic():
        outbox.record(Fact(bakery.pk, "member.claimed", {"member": str(no)}, NOON) for no in range(1000))

    with receiver(port, tmp_path / "inbox.jsonl", status="flaky"):
        for life in range(4):
            seen = delivered()
            # The worker dies at the end of this block, in the middle of whatever it is sending.
            with a_worker(tmp_path / f"worker-{life}.log"):
                wait_for(lambda seen=seen: delivered() >= min(1000, seen + 150), "some deliveries", seconds=150)
        with a_worker(tmp_path / "worker-last.log"):
            wait_for(lambda: delivered() == 1000, "every delivery", seconds=400)

    inbox = messages(tmp_path / "inbox.jsonl")
    bodies: dict[str, set[str]] = defaultdict(set)
    for message in inbox:
        assert Webhook(secret).verify(message["body"], message["headers"])
        bodies[message["headers"]["webhook-id"]].add(message["body"])
    assert len(bodies) == 1000
    assert all(len(different) == 1 for different in bodies.values())
    assert {json.loads(body)["data"]["member"] for (body,) in bodies.values()} == {str(no) for no in range(1000)}
    assert hook.deliveries.filter(state="DELIVERED").count() == 1000


def delivered() -> int:
    return WebhookDelivery.objects.filter(state="DELIVERED").count()


def messages(file: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


@contextmanager
def receiver(port: int, file: Path, *, status: int | str) -> Iterator[subprocess.Popen[bytes]]:
    with running(
        [sys.executable, str(RECEIVER), str(port), str(file), str(status)], file.with_suffix(".log")
    ) as process:
        wait_for(lambda: listens(port), "the receiver")
        yield process


def listens(port: int) -> bool:
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0
