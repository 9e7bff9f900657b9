"""The UCI history through the same engine and books as a single order."""

import time
import uuid
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench.database import tpcb
from bench.measuring import Benchmark
from campaigns import services as campaigns
from campaigns.definitions import Definition, PerMoney, Rule
from integrations.importing import uci
from integrations.importing.running import run_import
from ledger import services as ledger
from orders import services as orders
from shops.models import Programme

HISTORY = Path(__file__).resolve().parents[2] / "shared/data/uci/online_retail_history_2009_2011.parquet"
DOCUMENTS = 8_000
BEGAN = datetime(2009, 1, 1, tzinfo=UTC)


def benchmarks() -> list[Benchmark]:
    if not HISTORY.exists():
        return []
    return [
        Benchmark(
            "orders.import_uci",
            "orders and returns/s, 20 lines each",
            "pgbench TPC-B, 8 clients",
            "higher",
            0.75,
            DOCUMENTS,
            _import,
            tpcb,
        )
    ]


def _import() -> float:
    programme = _programme()
    run = orders.begin_import(
        programme=programme, file_sha256=uuid.uuid4().bytes * 2, file_name=HISTORY.name, form="uci", at=BEGAN
    )
    documents = islice(uci.documents(HISTORY, programme.zone), DOCUMENTS)
    began = time.perf_counter()
    for _progress in run_import(
        programme=programme, run=run, documents=documents, report=lambda _problems: None, now=lambda: BEGAN
    ):
        pass
    return DOCUMENTS / (time.perf_counter() - began)


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
