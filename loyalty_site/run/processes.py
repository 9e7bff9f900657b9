"""The three processes that Laurel consists of, and how the supervisor learns that they all work."""

import http.client
import json
import os
import ssl
import sys

from loyalty_site.env import Environment
from loyalty_site.run.address import EVERYWHERE, Address
from loyalty_site.run.certificate import Certificate
from loyalty_site.run.supervisor import Program

ROOT_WARNING = "You're running the worker with superuser privileges"


def programs(address: Address, certificate: Certificate | None, env: Environment) -> list[Program]:
    return [_web(address, certificate, env), _worker(env), _scheduler()]


def _web(address: Address, certificate: Certificate | None, env: Environment) -> Program:
    workers = env.integer("WEB_WORKERS", default=min(os.cpu_count() or 1, 4), minimum=1, maximum=64)
    # Each thread holds one database connection; more of them only queue up behind Python's lock.
    threads = env.integer("WEB_THREADS", default=4, minimum=1, maximum=64)
    options = {
        "--interface": "wsgi",
        "--host": address.host,
        "--port": str(address.port),
        "--workers": str(workers),
        "--blocking-threads": str(threads),
        # A thread that ends takes its database connection with it.
        "--blocking-threads-idle-timeout": "600",
        "--workers-kill-timeout": "10",
        "--log-level": "warning",
    }
    if certificate is not None:
        options |= {"--ssl-certificate": str(certificate.certificate), "--ssl-keyfile": str(certificate.key)}
    flat = [part for option in options.items() for part in option]
    flags = ["--no-ws", "--respawn-failed-workers"]
    return Program("web", [sys.executable, "-m", "granian", *flat, *flags, "loyalty_site.wsgi:application"])


def _worker(env: Environment) -> Program:
    concurrency = env.integer("WORKER_PROCESSES", default=2, minimum=1, maximum=64)
    # Root is what containers give; the warning's reason, pickled messages, does not apply to ours.
    python = [sys.executable, "-W", f"ignore:{ROOT_WARNING}", "-m", "celery", "--quiet", "--app", "loyalty_site"]
    # What workers tell each other needs remote control, which PGMQ has not, and would be a write every two seconds.
    without = ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    return Program("worker", [*python, "worker", "--concurrency", str(concurrency), *without])


def _scheduler() -> Program:
    celery = [sys.executable, "-m", "celery", "--quiet", "--app", "loyalty_site"]
    return Program("beat", [*celery, "beat", "--pidfile", ""])


def health(address: Address, certificate: Certificate | None) -> dict[str, str]:
    """Ask the running site how it does; an empty answer means that it does not answer yet."""
    host = "127.0.0.1" if address.host == EVERYWHERE else address.host
    if certificate is None:
        connection = http.client.HTTPConnection(host, address.port, timeout=5)
    else:
        trust = ssl.create_default_context(cafile=certificate.authority)
        connection = http.client.HTTPSConnection(host, address.port, timeout=5, context=trust)
    try:
        connection.request("GET", "/health/ready")
        state: dict[str, str] = json.load(connection.getresponse())
    except (OSError, http.client.HTTPException, ValueError):
        return {}
    finally:
        connection.close()
    return state
