"""
Orders and returns as a plain CSV: one row a line; rows of one order or return stand together and repeat its columns.

The columns are described in docs/importing.md. The rows become the same bodies that the API takes, so what is refused
there is refused here, with its row and column.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from integrations.api.refusals import Refusal
from integrations.importing.documents import Bought, Broken, Document, Fault, Returned
from integrations.importing.order_json import KINDS, draft_of
from integrations.importing.tables import Row, csv_rows
from integrations.importing.wording import problem_of
from orders.facts import OrderDraft
from shops.models import Programme

REQUIRED = ("kind", "reference", "placed_at", "sku", "quantity")
# What all rows of a document have in common, and what each has for itself.
SHARED = ("customer", "member", "currency", "channel", "shop", "discount", "order_reference")
OWN = ("amount", "tax", "name", "line_kind", "line")
OPTIONAL = (*SHARED, *OWN)
# Where a field of the API's body has another name than the column.
OF_LINE = {"kind": "line_kind"}
OF_DOCUMENT = {"returned_at": "placed_at", "lines": "reference"}

_Numbered = tuple[int, Row]


def documents(path: Path, programme: Programme, *, source: str) -> Iterator[Document]:
    """Read a file of the system `source` as documents, in its own order; rows are counted from the header, row 1."""
    rows = csv_rows(path, REQUIRED, OPTIONAL)
    for _, group in groupby(rows, key=lambda item: (item[1]["kind"], item[1]["reference"])):
        yield _document(list(group), programme, source)


def _document(rows: list[_Numbered], programme: Programme, source: str) -> Document:
    first, head = rows[0]
    reference = (head["reference"] or "")[:120]
    faults = list(_misplaced(rows))
    if faults:
        return Broken(reference, tuple(faults))
    kind = head["kind"]
    body = _order(rows, programme, source) if kind == "order" else _return(rows, programme, source)
    try:
        draft = draft_of(kind, body, programme)
    except Refusal as refusal:
        return Broken(reference, tuple(_faults(refusal, rows, programme.currency_decimals)))
    if isinstance(draft, OrderDraft):
        return Bought(draft, first, len(rows))
    return Returned(draft, first, len(rows))


def _misplaced(rows: list[_Numbered]) -> Iterator[Fault]:
    """What does not fit the table, or one row of a document beside the others."""
    first, head = rows[0]
    for place, (number, row) in enumerate(rows, start=1):
        if None in row or None in row.values():
            yield Fault(number, "The row has another number of cells than the header.")
            continue
        if row["kind"] not in KINDS:
            yield Fault(number, f'kind: Got "{row["kind"]}", expected {" or ".join(KINDS)}.')
        if row.get("customer") and row.get("member"):
            yield Fault(number, "member: The row names a customer and a member, expected one of them.")
        for column in ("placed_at", *SHARED):
            if row.get(column) != head.get(column):
                problem = f'{column}: Got "{row[column]}", expected "{head[column]}" as in row {first}.'
                yield Fault(number, problem)
        if row["kind"] == "order" and row.get("line") not in {None, "", str(place)}:
            yield Fault(number, f'line: Got "{row["line"]}", expected {place}: an order\'s lines count from 1.')


def _order(rows: list[_Numbered], programme: Programme, source: str) -> dict[str, Any]:
    head = rows[0][1]
    shared = {name: head.get(name) for name in ("channel", "shop", "discount")}
    return _given(
        **_common(head, source),
        **shared,
        placed_at=_instant(head["placed_at"], programme.zone),
        currency=head.get("currency") or programme.currency,
        lines=[
            _given(
                sku=row["sku"],
                amount=row.get("amount"),
                quantity=row["quantity"],
                name=row.get("name"),
                kind=row.get("line_kind"),
                tax=row.get("tax"),
            )
            for _, row in rows
        ],
    )


def _return(rows: list[_Numbered], programme: Programme, source: str) -> dict[str, Any]:
    head = rows[0][1]
    return _given(
        **_common(head, source),
        returned_at=_instant(head["placed_at"], programme.zone),
        order_reference=head.get("order_reference"),
        lines=[_given(sku=row["sku"], quantity=row["quantity"], line=_number(row.get("line"))) for _, row in rows],
    )


def _common(head: Row, source: str) -> dict[str, Any]:
    customer: Any = head.get("member") or None
    if customer is None and head.get("customer"):
        customer = {"source": source, "external_id": head["customer"]}
    return {"source": source, "reference": head["reference"], "customer": customer}


def _given(**fields: Any) -> dict[str, Any]:
    """An empty cell says nothing."""
    return {name: value for name, value in fields.items() if value not in (None, "")}


def _instant(text: str, zone: ZoneInfo) -> str:
    """A time without an offset is local to the programme."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (read if read.tzinfo else read.replace(tzinfo=zone)).isoformat()


def _number(text: str | None) -> int | str | None:
    return int(text) if text and text.isdecimal() and text.isascii() else text


def _faults(refusal: Refusal, rows: list[_Numbered], decimals: int) -> Iterator[Fault]:
    if not refusal.faults:
        yield Fault(rows[0][0], problem_of(refusal, decimals=decimals))
    for place in refusal.faults:
        _, *path = place.pointer.split("/")
        if path[:1] == ["lines"] and len(path) > 1:
            yield Fault(rows[int(path[1])][0], f"{_column(path[2:], OF_LINE)}: {place.detail}")
        else:
            yield Fault(rows[0][0], f"{_column(path, OF_DOCUMENT)}: {place.detail}")


def _column(path: Sequence[str], columns: dict[str, str]) -> str:
    name = path[0] if path else ""
    return columns.get(name, name)
