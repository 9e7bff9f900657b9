"""Orders and returns from JSON lines, each in the shape of an API body."""

import gzip
import json
from pathlib import Path

import pytest

from integrations.importing import order_json
from integrations.importing.documents import Bought, Broken, Returned
from integrations.importing.tables import Unreadable
from orders.facts import LineKind, TenderKind
from orders.models import Order
from shops.models import Programme
from tests.campaigns.trade import books_are_sound
from tests.integrations.histories import a_gift_shop, balances, problems, read, summary

BRITISH = Programme(key="gifts", currency="GBP", time_zone="Europe/London")


def an_order(reference="1", **changes):
    return {
        "kind": "order",
        "source": "webshop",
        "reference": reference,
        "placed_at": "2026-03-02T12:00:00+01:00",
        "currency": "GBP",
        "customer": {"source": "webshop", "external_id": "C7"},
        "lines": [{"sku": "BREAD", "amount": "10.00", "quantity": 2}],
    } | changes


def a_return(reference="R1", **changes):
    return {
        "kind": "return",
        "source": "webshop",
        "reference": reference,
        "returned_at": "2026-03-05T12:00:00+01:00",
        "order_reference": "1",
        "lines": [{"line": 1, "quantity": 1}],
    } | changes


def a_file(tmp_path, *lines, name="history.jsonl"):
    path = tmp_path / name
    text = "\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n"
    path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
    return path


def documents(path):
    return list(order_json.documents(path, BRITISH))


def test_everything_the_api_takes_is_read(tmp_path):
    order = an_order(
        lines=[
            {"sku": "BREAD", "amount": "10.00", "tax": "0.70", "quantity": "0.75", "kind": "service", "labels": ["x"]}
        ],
        discount="1.00",
        tenders=[{"kind": "points", "amount": "9.00"}],
        channel="web",
        shop="market",
    )

    bought, returned = documents(a_file(tmp_path, order, a_return()))

    assert isinstance(bought, Bought)
    assert (bought.row, bought.lines) == (1, 1)
    draft = bought.draft
    assert (draft.customer_source, draft.customer, draft.discount, draft.channel, draft.shop_code) == (
        "webshop",
        "C7",
        100,
        "web",
        "market",
    )
    (line,) = draft.lines
    assert (line.quantity, line.amount, line.tax, line.kind, line.labels) == (750, 1000, 70, LineKind.SERVICE, ("x",))
    assert [(tender.kind, tender.amount) for tender in draft.tenders] == [(TenderKind.POINTS, 900)]
    assert isinstance(returned, Returned)
    assert (returned.row, returned.draft.order_reference, returned.draft.lines[0].line_no) == (2, "1", 1)


@pytest.mark.parametrize(
    ("line", "reference", "problem"),
    [
        ("{broken", "", "line 2 can't be read as JSON"),
        ("[]", "", 'line 2 is no object with "kind": "order" or "kind": "return".'),
        ("7", "", 'line 2 is no object with "kind"'),
        (an_order(kind="refund"), "", 'line 2 is no object with "kind"'),
        (an_order(kind=["order"]), "", 'line 2 is no object with "kind"'),
        (an_order("X", currency="pounds"), "X", "The request does not fit the document: /currency: "),
        (
            an_order("X", lines=[{"sku": "BREAD", "amount": "ten"}]),
            "X",
            "The request does not fit the document: /lines/0/amount: ",
        ),
        (an_order("X", colour="red"), "X", "The request does not fit the document: /colour: There is no such field."),
        (an_order("X", lines=[]), "X", "The request does not fit the document: /lines: "),
        (
            an_order("X", lines=[{"sku": "BREAD", "amount": "1.001"}]),
            "X",
            "The order makes no sense: /lines/0/amount: ",
        ),
        (a_return("X", order_reference=""), "X", "The order makes no sense: /order_reference: This field is missing."),
        (an_order(7), "", "The request does not fit the document: /reference: "),
    ],
)
def test_a_line_that_can_not_be_read_is_told_and_the_others_are_read(tmp_path, line, reference, problem):
    first, broken, last = documents(a_file(tmp_path, an_order("1"), line, an_order("2")))

    assert (first.draft.reference, last.draft.reference) == ("1", "2")
    assert isinstance(broken, Broken)
    assert broken.reference == reference
    assert [fault.row for fault in broken.faults] == [2]
    assert broken.faults[0].problem.startswith(problem)


def test_a_long_order_is_read_and_faults_in_it_are_found(tmp_path):
    lines = [{"sku": f"S{number}", "amount": "1.00", "name": "x" * 100} for number in range(4000)]
    wrong = [*lines[:-1], {"sku": "S", "amount": "free"}]

    whole, broken = documents(a_file(tmp_path, an_order("1", lines=lines), an_order("2", lines=wrong)))

    assert len(whole.draft.lines) == 4000
    assert broken.faults[0].problem.startswith("The request does not fit the document: /lines/3999/amount: ")


@pytest.mark.parametrize("beginning", ["kind,reference", "%PDF-1.7", '"text"', "{}", "\x00\x01"])
def test_a_file_of_another_kind_is_told_in_one_sentence(tmp_path, beginning):
    with pytest.raises(
        Unreadable, match=r"^history.jsonl is no file of JSON lines, each an order or a return: line 1 "
    ):
        documents(a_file(tmp_path, beginning, an_order()))


def test_empty_lines_are_skipped_and_counted(tmp_path):
    _, broken = documents(a_file(tmp_path, "", an_order(), "", "oops"))

    assert broken.faults[0].row == 4


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
@pytest.mark.parametrize("name", ["history.jsonl", "history.jsonl.gz"])
def test_a_file_becomes_orders_returns_and_points(tmp_path, name):
    shop = a_gift_shop()
    report = tmp_path / "report.csv"
    path = a_file(
        tmp_path, an_order("1"), an_order("2", lines=[]), an_order("3", currency="EUR"), a_return(), name=name
    )

    printed = summary(read(path, "jsonl", report))

    assert printed == {
        "documents": 4,
        "new members": 1,
        "orders": 1,
        "order lines": 1,
        "orders of guests": 0,
        "points earned": 10,
        "unreadable documents": 1,
        "refused orders": 1,
        "returns": 1,
        "returned lines": 1,
        "returned pieces matched": 1,
        "points taken back": 5,
    }
    assert balances(shop) == {"C7": 5}
    assert Order.objects.get().source == "webshop"
    assert [(row, reference) for row, reference, _ in problems(report)] == [("2", "2"), ("3", "3")]
    assert problems(report)[1][2] == "The order makes no sense: /currency: Got EUR, expected GBP."
    assert books_are_sound()


def test_the_example_in_the_guide_is_read(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "importing.md").read_text(encoding="utf-8")
    example = guide.partition("<!-- tested: jsonl -->\n```json\n")[2].partition("```")[0]
    path = tmp_path / "guide.jsonl"
    path.write_text(example, encoding="utf-8")

    found = list(order_json.documents(path, Programme(key="coffee", currency="EUR", time_zone="Europe/Berlin")))

    assert [type(document) for document in found] == [Bought, Returned]
