"""Words for tests of imports: a programme in pounds that earned all along, the command, and what it left behind."""

import csv
from collections.abc import Iterable
from datetime import UTC, datetime
from io import StringIO
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.db import connection

from campaigns.models import Award, Decision
from events.models import OutboxEvent
from ledger.models import Entry, Lot, Posting
from ledger.policies import Policy
from ledger.queries import balances_by_wallet
from members.models import Identifier, Member
from orders.models import Order, Return, ReturnedLine
from shops.models import Programme
from tests.campaigns import trade
from tests.ledger.books import says

LONG_AGO = datetime(2009, 1, 1, tzinfo=UTC)
# Before any of the history's points expired or after all did, the entries are the same.
MUCH_LATER = datetime(2040, 1, 1, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "uci"
WHOLE = DATA / "online_retail_history_2009_2011.parquet"
SAMPLE = DATA / "sample_20k_invoices.jsonl.gz"
SAMPLE_CSV = DATA / "sample_20k.csv.gz"


def a_gift_shop(key: str = "gifts", **fields: Any) -> Programme:
    """1 point per whole pound since long ago, never expiring in these tests' reading of balances."""
    programme = trade.a_programme(key, **{"currency": "GBP", "time_zone": "Europe/London"} | fields)
    says(programme.units.get(), Policy())
    trade.a_campaign(programme, trade.per_money(), since=LONG_AGO)
    return programme


def read(path: Path, form: str, report: Path, *options: str) -> list[str]:
    """Run the command; what it printed."""
    out = StringIO()
    call_command("import_orders", str(path), "--format", form, "--errors", str(report), *options, stdout=out)
    return out.getvalue().splitlines()


def summary(printed: Iterable[str]) -> dict[str, int]:
    """The counts among the printed lines."""
    pairs = (line.rpartition(": ") for line in printed)
    return {name: int(count) for name, _, count in pairs if count.isdecimal()}


def balances(programme: Programme) -> dict[str, int]:
    """What the books say of every member, arrears taken off, by the number the file gives them."""
    wallets = dict(Identifier.objects.filter(programme=programme).values_list("external_id", "member__wallet_id"))
    found = balances_by_wallet(list(wallets.values()), at=MUCH_LATER)
    return {
        customer: sum(balance.spendable - balance.owed for balance in found.get(wallet, ()))
        for customer, wallet in wallets.items()
    }


def books(programme: Programme) -> dict[str, Any]:
    """Row counts and sums of everything that an import writes."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(granted), 0) FROM campaigns_award WHERE programme_id = %s", [programme.pk])
        (granted,) = cursor.fetchone()
    return {
        **{
            model.__name__: model.objects.filter(programme_id=programme.pk).count()
            for model in (
                Member, Order, Return, ReturnedLine, Decision, Award, Posting, Entry, Lot, OutboxEvent,
            )
        },
        "granted": int(granted),
        "balances": balances(programme),
    }  # fmt: skip


def problems(report: Path) -> list[tuple[str, str, str]]:
    """The rows of the report behind its header."""
    with report.open(newline="", encoding="utf-8") as stream:
        header, *rows = csv.reader(stream)
    assert header == ["row", "reference", "problem"]
    return [(row, reference, problem) for row, reference, problem in rows]
