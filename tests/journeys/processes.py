"""Real processes beside a test: Celery's, and others that are killed when they are not needed any more."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import connection

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def celery(log: Path, *arguments: str) -> Iterator[subprocess.Popen[bytes]]:
    """A Celery process of an installation whose database is the one of this test."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "loyalty_site", *arguments]
    with running(command, log) as process:
        yield process


def a_worker(log: Path) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return celery(log, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle")


def ask_for(task: str) -> None:
    """Put a task into the queue, as the scheduler does."""
    command = [sys.executable, "-m", "celery", "--quiet", "--app", "loyalty_site", "call", task]
    subprocess.run(command, cwd=ROOT, env=environment(), check=True, capture_output=True)


@contextmanager
def running(command: list[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in a group of its own, which is ended with all its children."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(), stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield process
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def environment() -> dict[str, str]:
    database = connection.settings_dict
    where = urlencode({"host": database["HOST"], "port": database["PORT"]})
    return {
        **os.environ,
        "DATABASE_URL": f"postgresql://{database['USER']}:{quote(database['PASSWORD'])}@/{database['NAME']}?{where}",
        "SECRET_KEY": settings.SECRET_KEY,
        "TOKEN_KEY": settings.TOKEN_KEY,
        "WEBHOOKS_TO_LOOPBACK": "1",
        "LOG_LEVEL": "WARNING",
    }


def wait_for(condition: Callable[[], bool], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"waited {seconds} s for {what}"
        time.sleep(0.2)
