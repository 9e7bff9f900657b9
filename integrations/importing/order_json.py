"""
Orders and returns as JSON lines: on each line one object in the shape of a body of `POST /api/v1/orders` or `/returns`,
and beside it a field `kind` that says which, "order" or "return".
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from integrations.api.bodies import LineBody, OrderBody, ReturnBody, ReturnLineBody, order_draft, return_draft
from integrations.api.decoding import BodyReader
from integrations.api.refusals import Refusal
from integrations.importing.documents import Bought, Broken, Document, Fault, Returned
from integrations.importing.tables import Unreadable, json_lines
from integrations.importing.wording import problem_of
from orders.facts import OrderDraft, ReturnDraft
from shops.models import Programme

MOST_LINES = 5000
LARGEST = 2**24


class OldOrder(OrderBody, frozen=True, forbid_unknown_fields=True):
    """An order of a history: what the API takes, and longer."""

    lines: Annotated[list[LineBody], Meta(min_length=1, max_length=MOST_LINES)]


class OldReturn(ReturnBody, frozen=True, forbid_unknown_fields=True):
    """A return of a history: what the API takes, and longer."""

    lines: Annotated[list[ReturnLineBody], Meta(min_length=1, max_length=MOST_LINES)]


_readers = {"order": BodyReader(OldOrder, largest=LARGEST), "return": BodyReader(OldReturn, largest=LARGEST)}
_encode = msgspec.json.Encoder().encode
KINDS = tuple(_readers)


class NoDocument(Exception):
    """A line that is no order or return at all; the text goes on a sentence that begins with the line."""


def documents(path: Path, programme: Programme) -> Iterator[Document]:
    """Read a file as documents, in its own order."""
    is_first = True
    for number, line in json_lines(path):
        try:
            yield _document(line, programme, number)
        except NoDocument as error:
            if is_first:
                raise Unreadable(f"{path.name} is no file of JSON lines, each an order or a return: {error}.") from None
            yield Broken("", (Fault(number, f"{error}."),))
        is_first = False


def draft_of(kind: str, body: Mapping[str, Any], programme: Programme) -> OrderDraft | ReturnDraft:
    """
    The order or return that a body describes.

    :raises Refusal: naming every place that is wrong
    """
    read = _readers[kind].read(_encode(body))
    return order_draft(read, programme) if isinstance(read, OldOrder) else return_draft(read, programme)


def _document(line: bytes, programme: Programme, number: int) -> Document:
    kind, body = _parse(line, number)
    try:
        draft = draft_of(kind, body, programme)
    except Refusal as refusal:
        return Broken(_reference(body), (Fault(number, problem_of(refusal, decimals=programme.currency_decimals)),))
    return Bought(draft, number, 1) if isinstance(draft, OrderDraft) else Returned(draft, number, 1)


def _parse(line: bytes, number: int) -> tuple[str, dict[str, Any]]:
    try:
        body = msgspec.json.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise NoDocument(f"line {number} can't be read as JSON ({error})") from None
    kind = body.pop("kind", None) if isinstance(body, dict) else None
    if kind not in KINDS:
        raise NoDocument(f'line {number} is no object with "kind": "order" or "kind": "return"')
    return kind, body


def _reference(body: Mapping[str, Any]) -> str:
    given = body.get("reference")
    return given[:120] if isinstance(given, str) else ""
