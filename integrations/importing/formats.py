"""The formats an order history may have."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from integrations.importing import order_json, plain_csv, uci
from integrations.importing.documents import Document
from shops.models import Programme


class Slice(msgspec.Struct, frozen=True):
    """One part of a file in `parts`: all documents of the customers that fall to it."""

    part: int = 0
    parts: int = 1


class Format(msgspec.Struct, frozen=True):
    """
    `documents` reads a slice of a file, oldest first; its last argument names the system the file comes from.

    `divisible`: every document tells whose it is, so parts can run apart. `needs_source`: the file does not say which
    system it comes from.
    """

    documents: Callable[[Path, Programme, Slice, str], Iterator[Document]]
    divisible: bool
    needs_source: bool


FORMATS = {
    "uci": Format(
        lambda path, programme, cut, _source: uci.documents(path, programme.zone, part=cut.part, parts=cut.parts),
        divisible=True,
        needs_source=False,
    ),
    "csv": Format(
        lambda path, programme, _cut, source: plain_csv.documents(path, programme, source=source),
        divisible=False,
        needs_source=True,
    ),
    "jsonl": Format(
        lambda path, programme, _cut, _source: order_json.documents(path, programme),
        divisible=False,
        needs_source=False,
    ),
}
