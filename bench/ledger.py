"""Postings, against a peer and against TPC-B."""

import itertools
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db import transaction
from hordak.models import Account, AccountType, Leg, Transaction

from bench.clients import rate
from bench.database import CLIENTS, SECONDS, tpcb
from bench.measuring import Benchmark
from ledger import services as ledger
from shops.models import Programme

AT = datetime(2026, 1, 1, tzinfo=UTC)
MEMBERS = 200
WALLETS = 5_000
BATCH = 500
_serial = itertools.count()


def benchmarks() -> list[Benchmark]:
    programme = Programme.objects.create(key="bench-ledger", name="Bench", currency="EUR")
    unit = ledger.open_programme_books(programme_id=programme.pk)
    wallets = ledger.open_wallets(programme_id=programme.pk, count=WALLETS, at=AT)

    def accrue(positions: list[int]) -> None:
        # One statement, and so one transaction of its own.
        ledger.accrue(
            programme_id=programme.pk,
            accruals=[_accrual(wallets[position % WALLETS], unit.pk) for position in positions],
            actor="bench",
        )

    def posting(number: int) -> Callable[[], int]:
        positions = itertools.count(number * 617)
        return lambda: _counted(accrue, [next(positions)])

    def batch(number: int) -> Callable[[], int]:
        positions = itertools.count(number * 617)
        return lambda: _counted(accrue, [next(positions) for _ in range(BATCH)])

    hordak = _hordak()
    return [
        Benchmark(
            "ledger.post_single",
            "postings/s, 8 clients",
            "django-hordak posting the same two legs, 8 clients",
            "higher",
            3,
            SECONDS,
            lambda: rate(posting, clients=CLIENTS, seconds=SECONDS),
            lambda: rate(hordak, clients=CLIENTS, seconds=SECONDS),
        ),
        Benchmark(
            "ledger.post_single_tpcb",
            "postings/s, 8 clients",
            "pgbench TPC-B, 8 clients",
            "higher",
            0.25,
            SECONDS,
            lambda: rate(posting, clients=CLIENTS, seconds=SECONDS),
            tpcb,
        ),
        Benchmark(
            "ledger.post_batch",
            "postings/s in batches of 500, 8 clients",
            "pgbench TPC-B, 8 clients",
            "higher",
            1.5,
            SECONDS,
            lambda: rate(batch, clients=CLIENTS, seconds=SECONDS),
            tpcb,
        ),
    ]


def _counted(accrue: Callable[[list[int]], None], positions: list[int]) -> int:
    accrue(positions)
    return len(positions)


def _accrual(wallet_id: int, unit_id: int) -> ledger.Accrual:
    # The process id makes references of forked clients differ.
    reference = f"{os.getpid()}-{next(_serial)}"
    return ledger.Accrual(wallet_id, unit_id, 42, "bench", reference, AT, AT, AT + timedelta(days=365))


def _hordak() -> Callable[[int], Callable[[], int]]:
    issuance = Account.objects.create(name="Issuance", code="1", type=AccountType.liability, currencies=["EUR"])
    members = [
        Account.objects.create(name=f"Member {no}", code=f"2{no:04}", type=AccountType.liability, currencies=["EUR"])
        for no in range(MEMBERS)
    ]

    def post(position: int) -> int:
        with transaction.atomic():
            journal = Transaction.objects.create(description="bench")
            Leg.objects.create(transaction=journal, account=issuance, debit=42)
            Leg.objects.create(transaction=journal, account=members[position % MEMBERS], credit=42)
        return 1

    def posting(number: int) -> Callable[[], int]:
        positions = itertools.count(number * 617)
        return lambda: post(next(positions))

    return posting
