"""The formats an order history may have."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from integrations.importing import uci
from integrations.importing.documents import Document
from shops.models import Programme


class Slice(msgspec.Struct, frozen=True):
    """One part of a file in `parts`: all documents of the customers that fall to it."""

    part: int = 0
    parts: int = 1


class Format(msgspec.Struct, frozen=True):
    """
    `documents` reads a slice of a file, oldest first.

    `divisible`: every document tells whose it is, so parts can run apart.
    """

    documents: Callable[[Path, Programme, Slice], Iterator[Document]]
    divisible: bool


FORMATS = {
    "uci": Format(
        lambda path, programme, cut: uci.documents(path, programme.zone, part=cut.part, parts=cut.parts), divisible=True
    )
}
