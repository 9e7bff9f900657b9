"""
How many SQL queries pages and endpoints take, under review in query_counts.json.

    def test_home(client, count_queries):
        with count_queries("cockpit: home"):
            client.get("/me/")

An N+1 shows up as a changed number. `make query-counts` records anew; read the diff before committing it.
"""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

FILE = Path(__file__).with_name("query_counts.json")
RECORD = "RECORD_QUERY_COUNTS"


@pytest.fixture
def count_queries() -> Callable[[str], AbstractContextManager[None]]:
    """A context manager that compares the number of queries inside it with the recorded one."""
    return _counted


@contextmanager
def _counted(name: str) -> Iterator[None]:
    with CaptureQueriesContext(connection) as captured:
        yield
    statements = [query["sql"] for query in captured.captured_queries]
    if os.environ.get(RECORD):
        _record(name, len(statements))
        return
    recorded = _recorded()
    assert name in recorded, f"{name!r} has no recorded number of queries: run make query-counts"
    told = "\n".join(statement[:200] for statement in statements)
    assert len(statements) == recorded[name], f"{name} takes {len(statements)} queries, not {recorded[name]}:\n{told}"


def _recorded() -> dict[str, int]:
    counts: dict[str, int] = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    return counts


def _record(name: str, count: int) -> None:
    counts = _recorded() | {name: count}
    FILE.write_text(json.dumps(dict(sorted(counts.items())), indent=2) + "\n", encoding="utf-8")
