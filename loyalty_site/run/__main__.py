"""Reads what was asked for, prepares it, and runs web server, worker and scheduler until Ctrl-C."""

import argparse
import asyncio
import contextlib
import fcntl
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NoReturn

import django
from django.conf import settings
from django.db import connections

from loyalty_site import embedded
from loyalty_site.env import Environment
from loyalty_site.run import certificate as certificates
from loyalty_site.run import processes
from loyalty_site.run.address import EVERYWHERE, Address, refuse_unusable
from loyalty_site.run.preparation import prepare
from loyalty_site.run.refusal import Refusal
from loyalty_site.run.supervisor import Supervisor

READY_SECONDS = 120
WATCH_SECONDS = 2


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the site until it is stopped; return the exit status."""
    address = _asked_for(arguments)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "loyalty_site.settings")
    os.environ.setdefault("BASE_URL", address.url)
    listen_for_the_end()
    try:
        django.setup()
        with _alone_in(settings.DATA_DIR), _database_stopped_afterwards():
            return 0 if _run(address) else 1
    except Refusal as refusal:
        print(f"Laurel did not start. {refusal}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped.", file=sys.stderr)
        return 0


def _asked_for(arguments: Sequence[str] | None) -> Address:
    parser = argparse.ArgumentParser(prog="python -m loyalty_site.run", description="Run all of Laurel.")
    parser.add_argument("--host", default="", help=f"the interface to listen on (127.0.0.1; with --tls {EVERYWHERE})")
    parser.add_argument("--port", default="8000", help="the port to listen on (8000)")
    parser.add_argument("--tls", action="store_true", help="serve https with a certificate of its own, for phones")
    options = parser.parse_args(arguments)
    port = Environment({"PORT": options.port}).integer("PORT", default=8000, minimum=1, maximum=65_535)
    host = options.host or (EVERYWHERE if options.tls else "127.0.0.1")
    return Address(host=host, port=port, tls=options.tls)


class Interrupted(KeyboardInterrupt):
    """
    Ctrl-C, by a name of its own.

    A plain KeyboardInterrupt that passes through `exec` of a text, as the definition of a dataclass has it, makes
    Python end as if it had been killed, although it was caught.
    """


def listen_for_the_end() -> None:
    """Turn Ctrl-C, and what else asks a program to end, into `Interrupted`."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)


def _interrupt(_number: int, _frame: object) -> NoReturn:
    raise Interrupted


@contextlib.contextmanager
def _alone_in(data_dir: Path) -> Iterator[None]:
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        lock = (data_dir / "run.lock").open("a+", encoding="ascii")
    except OSError as error:
        raise Refusal(f"Can't write to {data_dir} ({error.strerror}): set LAUREL_DATA_DIR to another folder.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise Refusal(
                f"It already runs from this folder, as process {lock.read().strip()}: stop that with Ctrl-C first, "
                "or set LAUREL_DATA_DIR to run a second one beside it."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


@contextlib.contextmanager
def _database_stopped_afterwards() -> Iterator[None]:
    """Leave the embedded database as it was found: somebody else's stays, ours goes."""
    ours = settings.EMBEDDED_DATABASE and not embedded.is_running(settings.DATA_DIR)
    try:
        yield
    finally:
        if ours:
            with contextlib.suppress(embedded.EmbeddedError):
                embedded.stop(settings.DATA_DIR)


def _run(address: Address) -> bool:
    refuse_unusable(address)
    certificate = certificates.for_host(address.reachable_host, settings.DATA_DIR / "tls") if address.tls else None
    programs = processes.programs(address, certificate, Environment(os.environ))
    # The owner of the tables is for `migrate` only; who serves need not even know of it.
    known = {name: value for name, value in os.environ.items() if not name.startswith("DATABASE_OWNER_URL")}
    environment = {**known, "PYTHONUNBUFFERED": "1"}
    supervisor = Supervisor(programs, environment=environment, output=sys.stdout)
    sign_ins = prepare(supervisor.say)
    connections.close_all()
    return asyncio.run(_serve(supervisor, address, certificate, sign_ins))


async def _serve(
    supervisor: Supervisor, address: Address, certificate: certificates.Certificate | None, sign_ins: str
) -> bool:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, supervisor.stop)
    beside = [
        asyncio.create_task(_watch_database(supervisor)),
        asyncio.create_task(_announce(supervisor, address, certificate, sign_ins)),
    ]
    stopped_as_asked = await supervisor.run()
    for task in beside:
        task.cancel()
    await asyncio.gather(*beside, return_exceptions=True)
    supervisor.say("Stopped.")
    return stopped_as_asked


async def _watch_database(supervisor: Supervisor) -> None:
    while settings.EMBEDDED_DATABASE:
        await asyncio.sleep(WATCH_SECONDS)
        if not embedded.is_running(settings.DATA_DIR):
            supervisor.say("PostgreSQL is gone: starting it again.")
            try:
                await asyncio.to_thread(embedded.start, settings.DATA_DIR)
            except embedded.EmbeddedError as error:
                supervisor.say(str(error))


async def _announce(
    supervisor: Supervisor, address: Address, certificate: certificates.Certificate | None, sign_ins: str
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        state = await asyncio.to_thread(processes.health, address, certificate)
        if state and set(state.values()) == {"ok"}:
            supervisor.say(_welcome(certificate, sign_ins))
            return
        if time.monotonic() > deadline:
            supervisor.say(
                f"Not everything answers after {READY_SECONDS} s: {state or 'no answer from the web server'}."
            )
            return
        await asyncio.sleep(0.5)


def _welcome(certificate: certificates.Certificate | None, sign_ins: str) -> str:
    pages = {
        "Front page": "/",
        "Customers": "/me/",
        "Cashiers": "/counter/",
        "Marketers": "/admin/",
        "Integrators": "/api/docs/",
        **({"Mails of the demo": "/inbox/"} if settings.DEMO else {}),
    }
    lines = [
        "",
        "Laurel is running.",
        "",
        *(f"  {who:<18} {settings.BASE_URL}{path}" for who, path in pages.items()),
        "",
    ]
    if sign_ins:
        lines += [*(f"  {line}" for line in sign_ins.splitlines()), ""]
    if certificate is not None:
        lines += [f"  Phones warn about the certificate; they stop once they trust {certificate.authority}", ""]
    return "\n".join([*lines, "  Ctrl-C stops everything.", ""])


if __name__ == "__main__":
    sys.exit(main())
