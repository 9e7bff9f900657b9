"""What all tests share: a database, a browser, and walls around both. People come from tests/<room>/conftest.py."""

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from ipaddress import ip_address
from typing import Any

import hypothesis
import pytest
from django.test import override_settings

from loyalty_site.celery import app
from tests.query_counts import count_queries

__all__ = ["count_queries"]

hypothesis.settings.register_profile("every time", deadline=None, derandomize=True)
hypothesis.settings.register_profile("campaign", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("every time")

# Playwright's synchronous calls run inside an event loop, where Django would refuse the fixtures' database access.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_configure() -> None:
    """Undo what a shell does to commands in the background: they and all they start would be deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """
    Let every test with real transactions put back what migrations wrote, and browser tests come last.

    One that does not would leave rows that Django makes up anew, and the next that does would trip over them.
    Runs after pytest-django has sorted plain tests before those with real transactions.
    """
    for item in items:
        marker = item.get_closest_marker("django_db")
        is_transactional = marker is not None and marker.kwargs.get("transaction", False)
        if is_transactional or {"transactional_db", "live_server"} & set(getattr(item, "fixturenames", ())):
            wanted = {**(marker.kwargs if marker else {}), "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**wanted), append=False)
    # Playwright keeps an event loop running in this thread from its first test on; asyncio.run() would refuse to start.
    items.sort(key=lambda item: "playwright" in getattr(item, "fixturenames", ()))


@pytest.fixture(scope="session", autouse=True)
def _settings_of_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    plain_files = {
        "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    with override_settings(
        STORAGES=plain_files,
        STATIC_ROOT=tmp_path_factory.mktemp("static"),
        # Argon2 is slow on purpose, which no test of ours is about.
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session", autouse=True)
def _queue_of_tests() -> None:
    """Keep messages in memory: those in the database would reach the worker of whoever develops beside the tests."""
    app.conf.update(broker_url="memory://", broker_transport_options={})


@pytest.fixture(scope="session", autouse=True)
def _nobody_is_called() -> Iterator[None]:
    """Tests reach this machine only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "connect", _guarded(socket.socket.connect))
        patch.setattr(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex))
        yield


def _guarded(connect: Callable[[socket.socket, Any], Any]) -> Callable[[socket.socket, Any], Any]:
    def guarded(self: socket.socket, address: Any) -> Any:
        outside = self.family in {socket.AF_INET, socket.AF_INET6} and not _is_here(address[0])
        # Without a packet sent, a datagram socket only asks for the route.
        if outside and self.type != socket.SOCK_DGRAM:
            raise AssertionError(f"a test tried to call {address}")
        return connect(self, address)

    return guarded


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, saying nothing to anybody; as root, which containers are, it has no sandbox."""
    executable = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if executable is None:
        pytest.fail("The browser tests need Chromium: make test installs it, or set CHROMIUM to its path.")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    return {
        **browser_type_launch_args,
        "executable_path": executable,
        "args": ["--no-sandbox", "--disable-quic", *quiet],
    }
