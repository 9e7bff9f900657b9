"""Orders and returns from a plain CSV."""

from datetime import UTC, datetime

import pytest
from django.core.management.base import CommandError

from integrations.importing import plain_csv
from integrations.importing.tables import Unreadable
from members.models import Member
from orders.models import ImportRun, Order, Return
from shops.models import Programme
from tests.campaigns.trade import a_member, books_are_sound
from tests.integrations.histories import a_gift_shop, balances, problems, read, summary

real_rows = pytest.mark.django_db(transaction=True, serialized_rollback=True)
BRITISH = Programme(key="gifts", currency="GBP", time_zone="Europe/London")

HEADER = "kind,reference,placed_at,customer,sku,quantity,amount,tax,line_kind,name,line,order_reference"


@pytest.fixture
def shop():
    return a_gift_shop()


@pytest.fixture
def report(tmp_path):
    return tmp_path / "report.csv"


def a_file(tmp_path, *rows, header=HEADER, name="orders.csv", encoding="utf-8"):
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding=encoding)
    return path


def documents(path, programme=BRITISH):
    """What the file holds, read without a database."""
    return list(plain_csv.documents(path, programme, source="till"))


def order_of(path):
    (document,) = documents(path)
    return document.draft


def take(path, report, *options):
    return summary(read(path, "csv", report, "--source", "till", *options))


@real_rows
def test_orders_and_returns_are_taken_in_the_order_of_the_file(shop, tmp_path, report):
    path = a_file(
        tmp_path,
        "order,1,2026-03-02T12:00:00Z,C7,BREAD,2,10.00,1.00,,Bread,,",
        "order,1,2026-03-02T12:00:00Z,C7,SHIP,1,4.90,0,shipping,Shipping,,",
        "order,2,2026-03-03T12:00:00Z,C7,BREAD,1,5.00,,,,,",
        "return,R1,2026-03-04T12:00:00Z,C7,BREAD,1,,,,,,",
        "return,R2,2026-03-05T12:00:00Z,,,1,,,,,1,1",
        "order,3,2026-03-06T12:00:00Z,,MILK,1,99.00,,,,,",
    )

    printed = take(path, report)

    assert printed == {
        "documents": 5,
        "new members": 1,
        "orders": 3,
        "order lines": 4,
        "orders of guests": 1,
        "points earned": 14,
        "returns": 2,
        "returned lines": 2,
        "returned pieces matched": 2,
        "points taken back": 10,
    }
    assert balances(shop) == {"C7": 4}
    order = Order.objects.get(reference="1")
    assert (order.source, order.customer, order.total) == ("till", "till:C7", 1490)
    assert order.placed_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert order.lines == [
        {"no": 1, "sku": "BREAD", "quantity": 2000, "amount": 1000, "tax": 100, "name": "Bread"},
        {"no": 2, "sku": "SHIP", "quantity": 1000, "amount": 490, "name": "Shipping", "kind": "shipping"},
    ]
    assert Return.objects.get(reference="R2").member == Member.objects.get()
    assert problems(report) == []
    assert books_are_sound()


@real_rows
def test_a_return_finds_the_order_of_the_same_batch_also_behind_another_return(shop, tmp_path, report):
    path = a_file(
        tmp_path,
        "order,1,2026-03-02T12:00:00Z,C7,BREAD,1,10.00,,,,,",
        "return,R1,2026-03-03T12:00:00Z,C7,BREAD,1,,,,,,",
        "order,2,2026-03-04T12:00:00Z,C7,BREAD,1,20.00,,,,,",
        "return,R2,2026-03-05T12:00:00Z,,,1,,,,,1,2",
        "order,3,2026-03-06T12:00:00Z,C7,BREAD,1,3.00,,,,,",
    )

    printed = take(path, report)

    assert "refused returns" not in printed
    assert printed["points taken back"] == 30
    assert balances(shop) == {"C7": 3}


@real_rows
def test_members_may_be_named_by_their_number_and_every_other_column_counts(tmp_path, report):
    shop = a_gift_shop()
    ada = a_member(shop)
    shop.shops.create(code="market", name="Market")
    header = "kind,reference,placed_at,member,sku,quantity,amount,currency,channel,shop,discount"
    path = a_file(
        tmp_path,
        f"order,1,2026-03-02T12:00:00Z,{ada.number},BREAD,0.750,10.00,GBP,web,market,2.50",
        f"order,1,2026-03-02T12:00:00Z,{ada.number},MILK,1,10.00,GBP,web,market,2.50",
        header=header,
    )

    take(path, report)

    order = Order.objects.get()
    assert (order.member, order.shop.code, order.channel, order.total) == (ada, "market", "web", 1750)
    assert [line["quantity"] for line in order.lines] == [750, 1000]
    assert [line["discount"] for line in order.lines] == [125, 125]


@pytest.mark.parametrize(
    ("placed_at", "expected"),
    [
        ("2026-03-02T12:00:00+02:00", datetime(2026, 3, 2, 10, tzinfo=UTC)),
        ("2026-07-02T12:00:00", datetime(2026, 7, 2, 11, tzinfo=UTC)),
        ("2026-01-02 12:00", datetime(2026, 1, 2, 12, tzinfo=UTC)),
        ("2026-07-02", datetime(2026, 7, 1, 23, tzinfo=UTC)),
    ],
)
def test_a_time_without_an_offset_is_local_to_the_programme(tmp_path, placed_at, expected):
    path = a_file(tmp_path, f"order,1,{placed_at},C7,BREAD,1,5.00,,,,,")

    assert order_of(path).placed_at == expected


@pytest.mark.parametrize("divider", [";", "\t"])
def test_semicolons_tabs_quotes_and_a_byte_order_mark_are_read(tmp_path, divider):
    header = HEADER.replace(",", divider)
    row = 'order,1,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,"Bread, ""fresh""",,'
    if divider == ";":
        row = 'order;1;2026-03-02T12:00:00Z;C7;BREAD;1;5.00;;;"Bread, ""fresh""";;'
    else:
        row = row.replace(",C7,", "\tC7\t").replace(",", "\t").replace("Bread\t ", "Bread, ")
    path = a_file(tmp_path, row, header=header, encoding="utf-8-sig")

    assert order_of(path).lines[0].name == 'Bread, "fresh"'


GOOD = "order,{},2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,many,5.00,,,,,"], [(3, "quantity: ")]),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,0,5.00,,,,,"], [(3, "quantity: ")]),
        (['order,X,2026-03-02T12:00:00Z,C7,BREAD,1,"5,00",,,,,'], [(3, "amount: ")]),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.001,,,,,"], [(3, "amount: ")]),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,,,,,,"], [(3, "amount: This field is missing.")]),
        (["order,X,2026-03-02T12:00:00Z,C7,,1,5.00,,,,,"], [(3, "sku: This field is missing.")]),
        (["order,X,yesterday,C7,BREAD,1,5.00,,,,,"], [(3, "placed_at: ")]),
        (["order,X,1970-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,"], [(3, "placed_at: ")]),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,moon,,,"], [(3, "line_kind: ")]),
        (["order,,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,"], [(3, "reference: This field is missing.")]),
        (
            ["refund,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,"],
            [(3, 'kind: Got "refund", expected order or return.')],
        ),
        (["order,X,2026-03-02T12:00:00Z,C7"], [(3, "The row has another number of cells than the header.")]),
        (
            ["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,,more"],
            [(3, "The row has another number of cells than the header.")],
        ),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,Bre\0ad,,"], [(3, "name: ")]),
        (
            [
                "order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,",
                "order,X,2026-03-02T12:00:00Z,C8,BREAD,x,5.00,,,,,",
            ],
            [(4, 'customer: Got "C8", expected "C7" as in row 3.')],
        ),
        (
            [
                "order,X,2026-03-02T12:00:00Z,C7,BREAD,x,5.00,,,,,",
                "order,X,2026-03-02T12:00:00Z,C7,MILK,1,5.00,,,,,",
                "order,X,2026-03-02T12:00:00Z,C7,SALT,1,y,,,,,",
            ],
            [(3, "quantity: "), (5, "amount: ")],
        ),
        (["order,X,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,2,"], [(3, 'line: Got "2", expected 1')]),
        (["return,X,2026-03-02T12:00:00Z,C7,BREAD,,,,,,,"], [(3, "quantity: This field is missing.")]),
        (["return,X,2026-03-02T12:00:00Z,,BREAD,1,,,,,,"], [(3, "order_reference: This field is missing.")]),
        (["return,X,2026-03-02T12:00:00Z,,BREAD,1,,,,,,1"], [(3, "line: This field is missing.")]),
        (["return,X,2026-03-02T12:00:00Z,,BREAD,1,,,,,one,1"], [(3, "line: ")]),
    ],
)
def test_rows_that_can_not_be_read_are_told_with_their_column_and_the_others_are_read(tmp_path, rows, expected):
    path = a_file(tmp_path, GOOD.format("1"), *rows, GOOD.format("2"))

    first, broken, last = documents(path)

    assert (first.draft.reference, first.row, last.draft.reference) == ("1", 2, "2")
    assert broken.reference == ("" if rows[0].startswith("order,,") else "X")
    assert [fault.row for fault in broken.faults] == [row for row, _ in expected]
    for fault, (_, beginning) in zip(broken.faults, expected, strict=True):
        assert fault.problem.startswith(beginning)


@real_rows
def test_unreadable_rows_are_reported_and_the_others_are_taken(shop, tmp_path, report):
    bad = "order,X,2026-03-02T12:00:00Z,C7,{},many,5.00,,,,,"
    path = a_file(tmp_path, GOOD.format("1"), bad.format("BREAD"), bad.format("MILK"), GOOD.format("2"))

    printed = take(path, report)

    assert (printed["orders"], printed["unreadable documents"]) == (2, 1)
    assert balances(shop) == {"C7": 10}
    assert [(row, reference) for row, reference, _ in problems(report)] == [("3", "X"), ("4", "X")]


@real_rows
@pytest.mark.parametrize(
    ("row", "counted", "problem"),
    [
        (
            "order,1,2026-03-02T12:00:00Z,C7,BREAD,1,7.00,,,,,",
            "refused orders",
            "This order is known with another content: source till; reference 1",
        ),
        (
            "return,R1,2026-03-02T12:00:00Z,,,2,,,,,1,1",
            "refused returns",
            "More comes back than was sold: line 1; sold 1; returned 0; asked 2",
        ),
        ("return,R1,2026-03-02T12:00:00Z,,,1,,,,,7,1", "refused returns", "The order has no such line: line 7"),
        (
            "return,R1,2026-03-02T12:00:00Z,,,1,,,,,1,9",
            "refused returns",
            "No such order: source till; reference 9",
        ),
    ],
)
def test_what_is_refused_is_reported_in_words(shop, tmp_path, report, row, counted, problem):
    path = a_file(tmp_path, GOOD.format("1"), GOOD.format("2"), row)

    printed = take(path, report)

    assert printed[counted] == 1
    assert [(number, said) for number, _, said in problems(report)] == [("4", problem)]
    assert balances(shop) == {"C7": 10}


@real_rows
def test_a_report_is_harmless_in_a_spreadsheet(shop, tmp_path, report):
    references = ["=1+1", "+1", "-1", "@SUM(A1)", "\uff1d1", "plain"]
    rows = [f'order,"{reference}",2026-03-02T12:00:00Z,C7,BREAD,x,5.00,,,,,' for reference in references]

    take(a_file(tmp_path, *rows), report)

    assert [reference for _, reference, _ in problems(report)] == [
        "'=1+1",
        "'+1",
        "'-1",
        "'@SUM(A1)",
        "'\uff1d1",
        "plain",
    ]


REQUIRED = "kind, reference, placed_at, sku, quantity"


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        (
            "kind,reference,placed_at,sku",
            "orders.csv lacks the columns quantity; its first line has: kind, reference, placed_at, sku.",
        ),
        (HEADER + ",colour", "orders.csv has columns that have no meaning here: colour. Remove them, or rename them"),
        ("%PDF-1.7", f"orders.csv lacks the columns {REQUIRED}; its first line has: %PDF-1.7."),
        ("", f"orders.csv lacks the columns {REQUIRED}; its first line has: ."),
        ('"kind', "orders.csv lacks the columns reference, placed_at, sku, quantity; its first line has: kind."),
    ],
)
def test_a_file_of_another_kind_is_told_in_one_sentence(tmp_path, header, sentence):
    with pytest.raises(Unreadable) as stopped:
        documents(a_file(tmp_path, "1,2,3", header=header))

    assert str(stopped.value).startswith(sentence)


def test_a_file_in_another_encoding_is_told_in_one_sentence(tmp_path):
    path = a_file(tmp_path, "order,1,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,Käse,,", encoding="latin-1")

    with pytest.raises(Unreadable) as stopped:
        documents(path)

    assert str(stopped.value) == "orders.csv is not a CSV file in UTF-8: save it again in that encoding."


def test_a_quote_that_never_ends_is_told_with_its_place(tmp_path):
    path = a_file(tmp_path, GOOD.format("1"), 'order,2,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,"Bread,,')

    with pytest.raises(Unreadable) as stopped:
        documents(path)

    assert str(stopped.value).startswith("orders.csv can't be read as CSV behind line 2: ")


@real_rows
def test_a_file_of_another_kind_stops_the_command_with_that_sentence_and_changes_nothing(shop, tmp_path, report):
    with pytest.raises(CommandError) as stopped:
        take(a_file(tmp_path, "1,2,3", header="%PDF-1.7"), report)

    assert str(stopped.value) == (
        f"Stopped after 0 documents: orders.csv lacks the columns {REQUIRED}; its first line has: %PDF-1.7."
    )
    assert Order.objects.count() == 0


@pytest.mark.django_db
@pytest.mark.parametrize("source", [(), ("--source", ""), ("--source", "my till!"), ("--source", "x" * 41)])
def test_a_csv_needs_a_source_it_can_be_known_by(shop, tmp_path, report, source):
    with pytest.raises(CommandError, match="needs --source"):
        read(a_file(tmp_path, GOOD.format("1")), "csv", report, *source)

    assert ImportRun.objects.count() == 0


@real_rows
def test_the_same_file_of_another_source_is_another_import(shop, tmp_path, report):
    path = a_file(tmp_path, GOOD.format("1"))

    take(path, report)
    second = summary(read(path, "csv", report, "--source", "web"))

    assert second["orders"] == 1
    assert sorted(Order.objects.values_list("source", "customer")) == [("till", "till:C7"), ("web", "web:C7")]


@real_rows
def test_customers_become_members_when_they_first_bought_and_returns_make_nobody_a_member(shop, tmp_path, report):
    path = a_file(
        tmp_path,
        "return,R1,2026-03-01T12:00:00Z,C9,BREAD,1,,,,,,",
        "order,1,2026-03-02T12:00:00Z,C7,BREAD,1,5.00,,,,,",
        "order,2,2026-03-03T12:00:00Z,C7,BREAD,1,5.00,,,,,",
    )

    printed = take(path, report)

    assert printed["new members"] == 1
    assert Member.objects.get().joined_at == datetime(2026, 3, 2, 12, tzinfo=UTC)
    assert printed["returned lines without a sale"] == 1


def test_an_order_longer_than_the_api_takes_is_read(tmp_path):
    rows = [f"order,1,2026-03-02T12:00:00Z,C7,S{no},1,1.00,,,,{no}," for no in range(1, 1201)]

    assert len(order_of(a_file(tmp_path, *rows)).lines) == 1200


def test_a_currency_without_decimals_is_read_in_whole_units(tmp_path):
    tokyo = Programme(key="tokyo", currency="JPY", currency_decimals=0, time_zone="Asia/Tokyo")
    path = a_file(tmp_path, "order,1,2026-03-02T12:00:00Z,C7,BREAD,1,500,,,,,", GOOD.format("2").replace(".00", ".50"))

    whole, broken = documents(path, tokyo)

    assert (whole.draft.currency, whole.draft.lines[0].amount) == ("JPY", 500)
    assert [fault.row for fault in broken.faults] == [3]


def test_blank_lines_do_not_shift_the_row_numbers(tmp_path):
    path = a_file(tmp_path, GOOD.format("1"), "", "order,2,2026-03-02T12:00:00Z,C7,BREAD,x,5.00,,,,,")

    _, broken = documents(path)

    assert [fault.row for fault in broken.faults] == [4]
