"""The UCI history: two years of a web shop, cancellations that name no invoice included."""

import csv
import json
from decimal import Decimal

import pandas
import pytest

from events.models import OutboxEvent
from ledger.models import Posting
from orders.models import Order, Return, ReturnedLine
from tests.campaigns.trade import books_are_sound
from tests.integrations.histories import (
    DATA,
    SAMPLE,
    SAMPLE_CSV,
    WHOLE,
    a_gift_shop,
    balances,
    books,
    problems,
    read,
    summary,
)
from tests.integrations.recount import Recount

pytestmark = [
    pytest.mark.django_db(transaction=True, serialized_rollback=True),
    pytest.mark.skipif(not DATA.exists(), reason="the UCI history is not at ../shared/data/uci"),
]


def rows_of(path):
    """The rows of a CSV of the history, typed like the Parquet."""
    return pandas.read_csv(
        path,
        dtype={"invoice_no": str, "stock_code": str},
        parse_dates=["invoice_ts"],
        converters={"unit_price": Decimal},
    )


@pytest.mark.parametrize("path", [SAMPLE, SAMPLE_CSV], ids=["json lines", "csv"])
def test_the_sample_comes_to_what_an_independent_count_says(path, tmp_path):
    shop = a_gift_shop()

    printed = read(path, "uci", tmp_path / "report.csv")

    told = Recount(rows_of(SAMPLE_CSV))
    assert summary(printed) == dict(told.counts)
    assert balances(shop) == told.balances
    assert books_are_sound()


@pytest.mark.slow
def test_the_whole_history_comes_to_what_an_independent_count_says(tmp_path):
    shop = a_gift_shop()
    report = tmp_path / "report.csv"

    printed = read(WHOLE, "uci", report)

    told = Recount(pandas.read_parquet(WHOLE))
    assert summary(printed) == dict(told.counts)
    assert balances(shop) == told.balances
    assert len(balances(shop)) == 5881
    assert told.counts["documents"] == 53628
    assert sum(balances(shop).values()) == told.counts["points earned"] - told.counts["points taken back"]
    assert len(problems(report)) == told.counts["returned lines without a sale"]
    assert Posting.objects.filter(kind="ACCRUE").count() == OutboxEvent.objects.filter(type="points.accrued").count()
    assert books_are_sound()


def test_the_number_of_workers_changes_nothing(tmp_path):
    alone, together = a_gift_shop("alone"), a_gift_shop("together")

    first = read(SAMPLE_CSV, "uci", tmp_path / "1.csv", "--programme", "alone", "--workers", "1", "--batch", "17")
    second = read(SAMPLE_CSV, "uci", tmp_path / "2.csv", "--programme", "together", "--workers", "3")

    assert summary(first) == summary(second)
    assert books(alone) == books(together)
    assert problems(tmp_path / "1.csv") == problems(tmp_path / "2.csv")


def edge_cases(tmp_path, *invoices):
    """A history of these invoices of the hand-picked oddities alone."""
    with (DATA / "edge_cases.csv").open(newline="", encoding="utf-8") as stream:
        rows = [row for row in csv.DictReader(stream) if row["invoice_no"] in invoices]
    path = tmp_path / "oddities.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        sheet = csv.DictWriter(stream, rows[0].keys())
        sheet.writeheader()
        sheet.writerows(rows)
    return path


@pytest.mark.parametrize(
    ("sale", "cancellation", "customer", "earned"),
    [("541431", "C541433", "12346", 77183), ("581483", "C581484", "16446", 168469)],
)
def test_a_huge_order_that_is_cancelled_minutes_later_leaves_nothing(tmp_path, sale, cancellation, customer, earned):
    shop = a_gift_shop()

    printed = summary(read(edge_cases(tmp_path, sale, cancellation), "uci", tmp_path / "report.csv"))

    assert printed["points earned"] == printed["points taken back"] == earned
    assert balances(shop) == {customer: 0}
    assert [posting.kind for posting in Posting.objects.order_by("pk")] == ["ACCRUE", "CLAW_BACK"]


def test_every_oddity_is_taken_or_left_out_or_reported(tmp_path):
    shop = a_gift_shop()
    report = tmp_path / "report.csv"

    printed = summary(read(DATA / "edge_cases.csv", "uci", report))

    told = Recount(rows_of(DATA / "edge_cases.csv"))
    assert printed == dict(told.counts)
    assert balances(shop) == told.balances
    assert printed["documents"] == (
        Order.objects.count()
        + Return.objects.count()
        + printed.get("refused orders", 0)
        + sum(count for name, count in printed.items() if name.startswith("left out: "))
    )
    assert books_are_sound()


def test_what_no_sale_explains_is_reported_with_its_row(tmp_path):
    a_gift_shop()
    invoice = {
        "invoice_no": "C7",
        "kind": "cancellation",
        "invoice_ts": "2010-01-04T10:00:00",
        "customer_id": "12345",
        "lines": [
            {
                "line_no": 1,
                "sku": "22087",
                "line_type": "product",
                "description": "X",
                "quantity": -12,
                "unit_price": "2.95",
            }
        ],
    }
    path = tmp_path / "history.jsonl"
    path.write_text(json.dumps(invoice) + "\n", encoding="utf-8")

    printed = summary(read(path, "uci", tmp_path / "report.csv"))

    assert printed["returned pieces without a sale"] == 12
    assert problems(tmp_path / "report.csv") == [
        ("1", "C7", "12 of 22087 came back, but no earlier purchase of this customer explains it")
    ]


def test_twin_lines_are_two_sales_and_an_invoice_whose_rows_are_apart_is_one_order(tmp_path):
    shop = a_gift_shop()
    header = "invoice_no,line_no,kind,stock_code,line_type,description,quantity,invoice_ts,unit_price,customer_id\n"
    rows = [
        "1,1,sale,A,product,A,1,2010-01-04T10:00:00,10.004,7",
        "2,1,sale,A,product,A,1,2010-01-04T10:00:00,2.00,8",
        "1,2,sale,A,product,A,1,2010-01-04T10:01:00,10.004,7",
        "3,1,sale,B,product,B,3,2010-01-04T10:02:00,0.335,7",
        "C4,1,cancellation,A,product,A,-1,2010-01-04T10:03:00,10.004,7",
    ]
    path = tmp_path / "history.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")

    read(path, "uci", tmp_path / "report.csv")

    order = Order.objects.get(reference="1")
    assert [(line["no"], line["amount"]) for line in order.lines] == [(1, 1000), (2, 1000)]
    # Half a penny is rounded up: three pieces for 0.335 are 1.01.
    assert Order.objects.get(reference="3").total == 101
    assert ReturnedLine.objects.get().line_no == 1
    assert balances(shop) == {"7": 11, "8": 2}


def test_an_invoice_that_can_not_be_read_is_reported_and_the_others_are_taken(tmp_path):
    shop = a_gift_shop()
    header = "invoice_no,line_no,kind,stock_code,line_type,description,quantity,invoice_ts,unit_price,customer_id\n"
    rows = [
        "1,1,sale,A,product,A,1,2010-01-04T10:00:00,10.00,7",
        "2,1,sale,A,product,A,many,2010-01-04T10:00:00,2.00,7",
        "3,1,sale,A,moon,A,1,2010-01-04T10:00:00,2.00,7",
        "4,1,sale,A,product,A,1,yesterday,2.00,7",
        "5,1,sale,A,product,A,1,2010-01-04T10:00:00,-2.00,7",
        "6,1,sale,A,product,A,2,2010-01-04T10:00:00,10.00,7",
    ]
    path = tmp_path / "history.csv"
    path.write_text(header + "\n".join(rows) + "\n", encoding="utf-8")

    printed = summary(read(path, "uci", tmp_path / "report.csv"))

    assert (printed["orders"], printed["unreadable documents"], printed["refused orders"]) == (2, 3, 1)
    assert balances(shop) == {"7": 30}
    assert [(row, reference) for row, reference, _ in problems(tmp_path / "report.csv")] == [
        ("3", "2"),
        ("4", "3"),
        ("5", "4"),
        ("6", "5"),
    ]
    assert problems(tmp_path / "report.csv")[3][2] == (
        "The order makes no sense: /lines/0/amount: Got -2.00, expected 0 or more."
    )
