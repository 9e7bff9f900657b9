"""The UCI history through the same engine and books as a single order."""

import os
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pandas as pandas  # noqa: PLC0414  # pyarrow loads it at its first use, for seconds; only developers have it
import pyarrow
import pyarrow.parquet

from bench.database import DATA_DIR, tpcb
from bench.measuring import Benchmark
from campaigns import services as campaigns
from campaigns.definitions import Definition, PerMoney, Rule
from integrations.importing.parallel import run_parts
from integrations.importing.running import BATCH
from ledger import services as ledger
from orders import services as orders
from orders.services import ImportedFile
from shops.models import Programme

HISTORY = Path(__file__).resolve().parents[2] / "shared/data/uci/online_retail_history_2009_2011.parquet"
ROWS = 200_000
BEGAN = datetime(2009, 1, 1, tzinfo=UTC)


def benchmarks() -> list[Benchmark]:
    if not HISTORY.exists():
        return []
    history = _beginning()
    return [
        Benchmark(
            "orders.import_uci",
            "orders and returns/s, 20 lines each",
            "pgbench TPC-B, 8 clients",
            "higher",
            0.75,
            ROWS,
            lambda: _import(history),
            tpcb,
        )
    ]


def _import(history: Path) -> float:
    programme = _programme()
    runs = orders.begin_import(
        programme=programme,
        file=ImportedFile(uuid.uuid4().bytes * 2, "uci"),
        file_name=history.name,
        at=BEGAN,
        parts=os.cpu_count() or 1,
    )
    counted = [0]
    began = time.perf_counter()
    run_parts(
        programme=programme,
        runs=runs,
        path=history,
        batch_size=BATCH,
        tell=lambda progress: counted.append(progress.documents),
    )
    return counted[-1] / (time.perf_counter() - began)


def _beginning() -> Path:
    """The first months of the history as a file of its own."""
    path = DATA_DIR / "history.parquet"
    with pyarrow.parquet.ParquetFile(HISTORY) as whole:
        rows = pyarrow.Table.from_batches(whole.iter_batches(batch_size=ROWS)).slice(0, ROWS)
    pyarrow.parquet.write_table(rows, path)
    return path


def _programme() -> Programme:
    programme = Programme.objects.create(
        key=f"bench-{uuid.uuid4().hex[:8]}", name="Bench", time_zone="Europe/London", currency="GBP"
    )
    ledger.open_programme_books(programme_id=programme.pk)
    campaign = campaigns.create_campaign(
        programme=programme,
        key="standing",
        name="Standing",
        definition=Definition((Rule("base", PerMoney(1, 100)),)),
        by="bench",
        at=BEGAN,
    )
    campaigns.publish_draft(campaign=campaign, by="bench", at=BEGAN)
    return programme
