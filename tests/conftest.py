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
from django.conf import settings
from django.db import connection
from django.test import override_settings
from playwright.sync_api import expect
from pytest_django import DjangoDbBlocker

from loyalty_site import embedded, embedded_roles
from loyalty_site.celery import app
from tests import in_parallel
from tests.query_counts import count_queries

__all__ = ["count_queries"]

hypothesis.settings.register_profile("every time", deadline=None, derandomize=True)
hypothesis.settings.register_profile("campaign", deadline=None, max_examples=1000)
hypothesis.settings.load_profile("every time")

# A second process keeps the machine busy while a browser and its server are awaited.
expect.set_options(timeout=20_000)

# Playwright's synchronous calls run inside an event loop, where Django would refuse the fixtures' database access.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def pytest_configure() -> None:
    """Undo what a shell does to commands in the background: they and all they start would be deaf to Ctrl-C."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> in_parallel.ByGroup:
    return in_parallel.ByGroup(config, log)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """
    Let every test with real transactions put back what migrations wrote, and browser tests come last.

    One that does not would leave rows that Django makes up anew, and the next that does would trip over them.
    Runs after pytest-django has sorted plain tests before those with real transactions.
    """
    for item in items:
        if in_parallel.is_transactional(item):
            marker = item.get_closest_marker("django_db")
            wanted = {**(marker.kwargs if marker else {}), "transaction": True, "serialized_rollback": True}
            item.add_marker(pytest.mark.django_db(**wanted), append=False)
    # Playwright keeps an event loop running in this thread from its first test on; asyncio.run() would refuse to start.
    items.sort(key=in_parallel.needs_browser)
    if hasattr(config, "workerinput"):
        in_parallel.arrange(config, items)


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


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """
    Tests make, empty and break databases, as neither the role that serves nor the owner of the tables may.

    Those that ask what the role that serves may do become it: see tests/loyalty_site/test_roles.py.
    """
    if settings.EMBEDDED_DATABASE:
        embedded.start(settings.DATA_DIR)
        # The server may have been running since before there were roles.
        embedded_roles.make_roles(embedded.uri(settings.DATA_DIR))
        settings.DATABASES["default"]["USER"] = embedded.SUPERUSER


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """No test outlives a power cut: commits need not wait for the disk."""
    with django_db_blocker.unblock():
        with connection.cursor() as cursor:
            database = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {database} SET synchronous_commit = off")
        # Connections made from here on have it.
        connection.close()


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


# The browser would draw an address bar's menus for every window, twice, which is half of its work.
_WITHOUT_MENUS = ["WebUIOmniboxPopup", "WebUIOmniboxAimPopup", "OmniboxAimPopup", "WebUIOmniboxFullPopup"]
# What Playwright switches off itself: of two lists the browser reads the last.
_WITHOUT_SURPRISES = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsUpgrades",
    "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay",
    "MediaRouter",
    "PaintHolding",
    "ThirdPartyStoragePartitioning",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "OptimizationHints",
    "NetworkTimeServiceQuerying",
    "AimEnabled",
    "PreconnectToSearch",
]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Debian's Chromium, saying nothing to anybody; as root, which containers are, it has no sandbox."""
    executable = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    if executable is None:
        pytest.fail("The browser tests need Chromium: make test installs it, or set CHROMIUM to its path.")
    quiet = ["--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
    without = ",".join([*_WITHOUT_SURPRISES, *_WITHOUT_MENUS])
    return {
        **browser_type_launch_args,
        "executable_path": executable,
        "args": ["--no-sandbox", "--disable-quic", f"--disable-features={without}", *quiet],
    }
