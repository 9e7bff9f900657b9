"""
The UCI "Online Retail" history: one row a line, negative quantities in cancellations, which name no invoice.

Columns: invoice_no, line_no, kind, stock_code, line_type, description, quantity, invoice_ts (local time),
unit_price, customer_id. Prices carry up to three decimals; a line's amount is rounded half up to the penny. Only
products earn; stock write-offs and bad-debt rows are left out. Of a cancellation only its products come back.
"""

from collections import OrderedDict
from collections.abc import Iterator
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import pyarrow
import pyarrow.compute as pc

from integrations.importing.documents import Bought, Broken, Document, Fault, Left, Returned
from integrations.importing.tables import csv_rows, json_rows, parquet_rows
from orders.facts import PIECE, Line, LineKind, OrderDraft, ReturnDraft, ReturnLine

SOURCE = "uci"


class Row(NamedTuple):
    """One row; files of text hold everything as text."""

    invoice_no: Any
    line_no: Any
    kind: Any
    stock_code: Any
    line_type: Any
    description: Any
    quantity: Any
    invoice_ts: Any
    unit_price: Any
    customer_id: Any


COLUMNS = list(Row._fields)
CURRENCY = "GBP"
# The history is in order of time, but invoices written at the same till minute are interleaved.
INTERLEAVED_ROWS = 20_000

KINDS = {
    "product": LineKind.PRODUCT,
    "postage": LineKind.SHIPPING,
    "carriage": LineKind.SHIPPING,
    "gift_voucher": LineKind.GIFT_CARD,
    "fee": LineKind.FEE,
    "manual": LineKind.ADJUSTMENT,
    "discount": LineKind.ADJUSTMENT,
    "sample": LineKind.ADJUSTMENT,
    "adjustment": LineKind.ADJUSTMENT,
    "test": LineKind.ADJUSTMENT,
}


def documents(path: Path, zone: ZoneInfo, *, part: int = 0, parts: int = 1) -> Iterator[Document]:
    """
    Read a history in Parquet, CSV or JSON lines (told by the file's name) as documents, oldest first.

    With `parts`, only those that fall to `part`: all of a customer's together, guests by their invoice.
    """
    for rows, first in _invoices(path, part, parts):
        yield _document(rows, first, zone)


def _invoices(path: Path, part: int, parts: int) -> Iterator[tuple[list[Row], int]]:
    name = path.name.removesuffix(".gz")
    if name.endswith(".jsonl"):
        return _whole_invoices(path, part, parts)
    if name.endswith(".csv"):
        return _gathered(_csv_rows(path, part, parts))
    rows = parquet_rows(path, COLUMNS, lambda batch: _falls_to(batch, part, parts))
    return _gathered((number, Row._make(values)) for number, values in rows)


def _csv_rows(path: Path, part: int, parts: int) -> Iterator[tuple[int, Row]]:
    for number, cells in csv_rows(path, COLUMNS):
        row = Row._make(cells[name] for name in COLUMNS)
        if _part_of(row.invoice_no, row.customer_id, parts) == part:
            yield number, row


def _part_of(invoice_no: Any, customer_id: Any, parts: int) -> int:
    who = _customer(customer_id) or str(invoice_no)[-1:]
    return int(who) % parts if who.isdecimal() else 0


def _falls_to(batch: pyarrow.RecordBatch, part: int, parts: int) -> Any:
    """`_part_of(...) == part` for a whole batch of columns."""
    last_digit = pc.utf8_slice_codeunits(batch.column("invoice_no"), -1).cast(pyarrow.int64())
    who = pc.coalesce(batch.column("customer_id"), last_digit)
    return pc.equal(pc.subtract(who, pc.multiply(pc.divide(who, parts), parts)), part)


def _whole_invoices(path: Path, part: int, parts: int) -> Iterator[tuple[list[Row], int]]:
    for number, invoice in json_rows(path, ["invoice_no", "kind", "invoice_ts", "customer_id", "lines"]):
        if _part_of(invoice["invoice_no"], invoice["customer_id"], parts) == part:
            cells = ({**invoice, **line, "stock_code": line.get("sku")} for line in invoice["lines"])
            yield [Row._make(map(row.get, COLUMNS)) for row in cells], number


def _gathered(rows: Iterator[tuple[int, Row]]) -> Iterator[tuple[list[Row], int]]:
    """Gather rows into invoices; an invoice is whole when none of its rows came for long."""
    waiting: OrderedDict[str, tuple[list[Row], int]] = OrderedDict()
    last_seen: dict[str, int] = {}
    for number, row in rows:
        invoice = str(row.invoice_no)
        waiting.setdefault(invoice, ([], number))[0].append(row)
        last_seen[invoice] = number
        while waiting:
            oldest = next(iter(waiting))
            if last_seen[oldest] > number - INTERLEAVED_ROWS:
                break
            del last_seen[oldest]
            yield waiting.pop(oldest)
    yield from waiting.values()


def _document(rows: list[Row], first: int, zone: ZoneInfo) -> Document:
    reference = str(rows[0].invoice_no)
    kind = rows[0].kind
    if kind not in {"sale", "cancellation"}:
        return Left(reference, kind)
    try:
        if kind == "sale":
            return Bought(_order(reference, rows, zone), first, len(rows))
        lines = tuple(
            ReturnLine(-int(row.quantity) * PIECE, sku=row.stock_code) for row in rows if row.line_type == "product"
        )
        if not lines:
            return Left(reference, "cancellation without products")
        return Returned(_return(reference, rows, lines, zone), first, len(rows))
    except (KeyError, ValueError, TypeError, ArithmeticError) as error:
        return Broken(reference, (Fault(first, f"It can't be read as an invoice ({type(error).__name__}: {error})."),))


def _order(reference: str, rows: list[Row], zone: ZoneInfo) -> OrderDraft:
    customer = _customer(rows[0].customer_id)
    return OrderDraft(
        source=SOURCE,
        reference=reference,
        placed_at=_local(rows[0].invoice_ts, zone),
        currency=CURRENCY,
        lines=tuple(
            Line(
                no=int(row.line_no),
                sku=row.stock_code,
                quantity=int(row.quantity) * PIECE,
                amount=_pennies(row),
                name=row.description or "",
                kind=KINDS[row.line_type],
            )
            for row in rows
        ),
        customer_source=SOURCE if customer else "",
        customer=customer,
    )


def _return(reference: str, rows: list[Row], lines: tuple[ReturnLine, ...], zone: ZoneInfo) -> ReturnDraft:
    customer = _customer(rows[0].customer_id)
    return ReturnDraft(
        source=SOURCE,
        reference=reference,
        returned_at=_local(rows[0].invoice_ts, zone),
        lines=lines,
        customer_source=SOURCE if customer else "",
        customer=customer,
    )


def _customer(customer_id: Any) -> str:
    return "" if customer_id in (None, "") else str(customer_id)


def _local(stamp: Any, zone: ZoneInfo) -> datetime:
    read = stamp if isinstance(stamp, datetime) else datetime.fromisoformat(stamp)
    return read.replace(tzinfo=zone)


def _pennies(row: Row) -> int:
    price = row.unit_price
    exact = (price if isinstance(price, Decimal) else Decimal(str(price))) * int(row.quantity) * 100
    return int(exact.quantize(Decimal(1), ROUND_HALF_UP))
