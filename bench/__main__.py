"""`python -m bench [--only PREFIX]`: measure, print the table, keep it in bench/results/latest.json."""

import argparse
import os
import secrets
from pathlib import Path

import django
from django.core.management import call_command

from bench import database, measuring
from loyalty_site import embedded_roles

RESULTS = Path(__file__).parent / "results" / "latest.json"


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure Laurel beside its peers and limits.")
    parser.add_argument("--only", default="", help="names that begin with this")
    only = parser.parse_args().only
    database.prepare()
    os.environ |= {
        "DATABASE_URL": database.uri(embedded_roles.APP),
        "DATABASE_OWNER_URL": database.uri(embedded_roles.OWNER),
        "DJANGO_SETTINGS_MODULE": "bench.settings",
        "SECRET_KEY": secrets.token_urlsafe(50),
        "TOKEN_KEY": secrets.token_urlsafe(50),
    }
    django.setup()
    call_command("migrate", verbosity=0)
    results = []
    for benchmark in _all():
        if benchmark.name.startswith(only):
            print(f"measuring {benchmark.name} ...", flush=True)
            database.settle()
            results.append(measuring.run(benchmark))
    measuring.write(results, RESULTS)
    print(measuring.table(results))


def _all() -> list[measuring.Benchmark]:
    from bench import engine, imports, ledger, orders, segments, upkeep  # noqa: PLC0415  # models need Django to be set up first

    rooms = (engine, ledger, upkeep, orders, imports, segments)
    return [benchmark for room in rooms for benchmark in room.benchmarks()]


if __name__ == "__main__":
    main()
