"""Segments over a million members: found whole, and after something happened to one in a hundred."""

import os
import time
from datetime import UTC, datetime
from functools import cache

import psycopg
from django.db import connection

from bench.database import DATA_DIR, DATABASE
from bench.measuring import Benchmark
from ledger import services as ledger
from loyalty_site import embedded
from members.models import Segment
from members.segments.services import create_segment, refresh
from shops.models import Programme

# Fewer for a quick look, in the environment; what is published has as many as the name says.
MEMBERS = int(os.environ.get("LAUREL_BENCH_MEMBERS", "1000000"))
ORDERS_OF_A_MEMBER = 10
AT = datetime(2026, 1, 1, tzinfo=UTC)
SPENT = 100_000
SPENT_IN_A_YEAR = {
    "history": "orders",
    "measure": "sum",
    "of": "order.total",
    "within": {"last": 365, "unit": "day"},
    "op": "gt",
    "value": SPENT,
}

# Orders stand as they came: each member buys now and then. One in fifty came back in part.
_FILL = """
SET session_replication_role = replica;
INSERT INTO members_member (programme_id, number, wallet_id, name, email, status, card_ref, joined_at, attributes)
SELECT %(programme)s, lpad(wallet.no::text, 12, '0'), wallet.id, '', '', 'ACTIVE',
       decode(lpad(to_hex(wallet.id), 20, '0'), 'hex'), timestamptz '2024-01-01', '{}'
  FROM (SELECT row_number() OVER (ORDER BY id) AS no, id FROM ledger_wallet WHERE programme_id = %(programme)s) wallet;
CREATE TEMP TABLE buyer AS
SELECT row_number() OVER (ORDER BY id) - 1 AS no, id FROM members_member WHERE programme_id = %(programme)s;
CREATE UNIQUE INDEX ON buyer (no);
ANALYZE buyer;
INSERT INTO orders_order (programme_id, member_id, source, reference, fingerprint, customer, channel, currency, total,
                          lines, articles, tenders, placed_at, recorded_at)
SELECT %(programme)s, buyer.id, 'bench', bought.no::text, decode(repeat(md5(bought.no::text), 2), 'hex'), '', 'till',
       'EUR', amount, jsonb_build_array(jsonb_build_object('no', 1, 'sku', 'A', 'quantity', 2000, 'amount', amount)),
       ARRAY['A'], '[]', placed_at, placed_at
  FROM generate_series(0, %(orders)s::bigint - 1) AS bought (no)
  JOIN buyer ON buyer.no = bought.no * 7919 %% %(members)s
 CROSS JOIN LATERAL (SELECT 2000 + hashint8(bought.no) %% 1000 * 17 AS amount,
       timestamptz '2025-01-02' + bought.no * (interval '363 days' / %(orders)s) AS placed_at) facts
 ORDER BY bought.no;
INSERT INTO orders_kept (order_id, total, is_kept)
SELECT id, total / 2, TRUE FROM orders_order WHERE programme_id = %(programme)s AND reference::bigint %% 50 = 0;
INSERT INTO orders_returnedline (programme_id, order_id, line_no, sold, returned)
SELECT %(programme)s, order_id, 1, 2000, 1000 FROM orders_kept;
"""
_BARE = """
SELECT count(*) FROM (
  SELECT member_id FROM orders_order
   WHERE programme_id = %s AND placed_at >= %s - interval '365 days' AND placed_at < %s
   GROUP BY member_id HAVING sum(total) > %s) spent
"""


def benchmarks() -> list[Benchmark]:
    return [
        Benchmark(
            "segments.full_1m",
            f"seconds to find who of {MEMBERS:,} spent over 1000 in 365 days",
            "a bare GROUP BY of the same orders",
            "lower",
            1.5,
            MEMBERS,
            _find_all,
            _group,
        ),
        Benchmark(
            "segments.incremental_1pct",
            "seconds to look again at one member in a hundred",
            "looking at all of them",
            "lower",
            0.05,
            MEMBERS // 100,
            _find_some,
            _find_all,
        ),
    ]


def _find_all() -> float:
    segment = _segment()
    began = time.perf_counter()
    refresh(segment_id=segment.pk, at=AT)
    return time.perf_counter() - began


def _find_some() -> float:
    segment, some = _segment(), _some()
    began = time.perf_counter()
    refresh(segment_id=segment.pk, at=AT, among=some)
    return time.perf_counter() - began


def _group() -> float:
    programme_id = _segment().programme_id
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        began = time.perf_counter()
        cursor.execute(_BARE, [programme_id, AT, AT, SPENT])
        took = time.perf_counter() - began
        cursor.execute("RESET max_parallel_workers_per_gather")
    return took


@cache
def _some() -> list[int]:
    """One in a hundred, from all over the table."""
    numbers = _segment().programme.members.order_by("pk").values_list("pk", flat=True)
    return list(numbers)[::100]


@cache
def _segment() -> Segment:
    programme = Programme.objects.create(key="bench-segments", name="Bench", currency="EUR")
    ledger.open_programme_books(programme_id=programme.pk)
    ledger.open_wallets(programme_id=programme.pk, count=MEMBERS, at=AT)
    wanted = {"programme": programme.pk, "members": MEMBERS, "orders": MEMBERS * ORDERS_OF_A_MEMBER}
    with psycopg.connect(embedded.uri(DATA_DIR, DATABASE)) as superuser, psycopg.ClientCursor(superuser) as cursor:
        cursor.execute(_FILL, wanted)
    with psycopg.connect(embedded.uri(DATA_DIR, DATABASE), autocommit=True) as superuser:
        superuser.execute("VACUUM ANALYZE members_member, orders_order, orders_kept, orders_returnedline")
        superuser.execute("CHECKPOINT")
    return create_segment(programme=programme, key="spenders", name="Spenders", condition=SPENT_IN_A_YEAR, at=AT)
