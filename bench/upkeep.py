"""What keeps the books in order for years: verifying them, spending from many lots, and expiry of many."""

import itertools
import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache

import psycopg
from django.core.management import call_command
from django.db import connection

from bench import books
from bench.database import DATA_DIR, DATABASE
from bench.measuring import Benchmark
from ledger import services as ledger
from loyalty_site import embedded, embedded_roles
from shops.models import Programme

AT = datetime(2026, 1, 1, tzinfo=UTC)
# Fewer for a quick look, in the environment; what is published has as many as the name says.
ENTRIES = int(os.environ.get("LAUREL_BENCH_ENTRIES", "10000000"))
LAPSED = int(os.environ.get("LAUREL_BENCH_LAPSED", "1000000"))
LOTS_OF_A_WALLET = 10
BURNS = 300
_serial = itertools.count()


def benchmarks() -> list[Benchmark]:
    return [_verifying(), *(_burning(lots) for lots in (1, 10, 100, 1000)), _expiring()]


def _verifying() -> Benchmark:
    return Benchmark(
        "ledger.verify_10m",
        f"seconds to verify {ENTRIES:,} entries",
        "one sequential sum ... group by over the same entries",
        "lower",
        4,
        ENTRIES,
        _verify,
        _sum_up,
    )


def _verify() -> float:
    _old_books()
    began = time.perf_counter()
    call_command("verify_ledger", quiet=True)
    return time.perf_counter() - began


def _sum_up() -> float:
    _old_books()
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        began = time.perf_counter()
        cursor.execute("SELECT count(*) FROM (SELECT sum(amount) FROM ledger_entry GROUP BY account_id) sums")
        took = time.perf_counter() - began
        cursor.execute("RESET max_parallel_workers_per_gather")
    return took


@cache
def _old_books() -> Programme:
    return books.fill(entries=ENTRIES)


def _burning(lots: int) -> Benchmark:
    @cache
    def wallet() -> tuple[int, int, int]:
        programme = Programme.objects.create(key=f"bench-lots-{lots}", name="Bench", currency="EUR")
        unit = ledger.open_programme_books(programme_id=programme.pk)
        (wallet_id,) = ledger.open_wallets(programme_id=programme.pk, count=1, at=AT)
        expires = (AT + timedelta(days=365 + number) for number in itertools.count())
        accruals = [
            ledger.Accrual(wallet_id, unit.pk, 1_000_000, "bench", f"lot {number}", AT, AT, next(expires))
            for number in range(lots)
        ]
        ledger.accrue(programme_id=programme.pk, accruals=accruals, actor="bench")
        return programme.pk, wallet_id, unit.pk

    def burn() -> None:
        programme_id, wallet_id, unit_id = wallet()
        ledger.burn(
            programme_id=programme_id,
            wallet_id=wallet_id,
            unit_id=unit_id,
            amount=1,
            source="bench",
            reference=f"{next(_serial)}",
            at=AT,
            actor="bench",
        )

    return Benchmark(
        f"ledger.burn_{lots}_lots",
        f"ms to spend from {lots} lots",
        "a round trip that updates one row",
        "lower",
        6,
        BURNS,
        lambda: _milliseconds(burn),
        lambda: _milliseconds(_update_one_row),
    )


def _milliseconds(step: Callable[[], None]) -> float:
    step()
    began = time.perf_counter()
    for _ in range(BURNS):
        step()
    return (time.perf_counter() - began) / BURNS * 1000


def _update_one_row() -> None:
    _one_row()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bench_row SET n = n + 1 WHERE id = %s", [1])


@cache
def _one_row() -> None:
    _as_superuser(
        "CREATE TABLE bench_row (id int PRIMARY KEY, n int)",
        "INSERT INTO bench_row VALUES (1, 0)",
        f"GRANT ALL ON bench_row TO {embedded_roles.APP}",
    )


def _expiring() -> Benchmark:
    return Benchmark(
        "ledger.expire_1m",
        f"seconds to expire {LAPSED:,} lots",
        "one bare UPDATE of as many rows",
        "lower",
        2,
        LAPSED,
        _expire,
        _update_as_many,
    )


def _expire() -> float:
    books.lapse(wallets=LAPSED // LOTS_OF_A_WALLET, lots=LOTS_OF_A_WALLET, at=AT, key=f"bench-lapsed-{next(_serial)}")
    began = time.perf_counter()
    expired = 0
    while count := ledger.expire_lapsed(at=AT + timedelta(days=1), accounts=2000):
        expired += count
    took = time.perf_counter() - began
    if expired != LAPSED:
        raise RuntimeError(f"{expired} lots expired instead of {LAPSED}")
    return took


def _update_as_many() -> float:
    columns = "programme_id, wallet_id, account_id, posting_id, earned, remaining, reserved, active_from, expires_at"
    _as_superuser(
        "DROP TABLE IF EXISTS bench_lot",
        "CREATE TABLE bench_lot (LIKE ledger_lot INCLUDING ALL)",
        f"INSERT INTO bench_lot ({columns}) SELECT 1, n / 10, n / 10, n, 100, 100, 0, '2025-01-01', '2026-01-01'"
        f" FROM generate_series(1, {LAPSED}) AS n",
        f"GRANT ALL ON bench_lot TO {embedded_roles.APP}",
        "VACUUM ANALYZE bench_lot",
        "CHECKPOINT",
    )
    with connection.cursor() as cursor:
        began = time.perf_counter()
        cursor.execute("UPDATE bench_lot SET remaining = 0")
        return time.perf_counter() - began


def _as_superuser(*statements: str) -> None:
    with psycopg.connect(embedded.uri(DATA_DIR, DATABASE), autocommit=True) as superuser:
        for statement in statements:
            superuser.execute(statement)
