"""Order histories from files: streamed, in batches, resumable, with a report of every row that could not be taken."""

from collections.abc import Callable, Iterator
from pathlib import Path

from integrations.importing import uci
from integrations.importing.documents import Document
from shops.models import Programme

FORMATS: dict[str, Callable[[Path, Programme], Iterator[Document]]] = {
    "uci": lambda path, programme: uci.documents(path, programme.zone),
}


def documents_of(path: Path, *, form: str, programme: Programme) -> Iterator[Document]:
    """The documents of a file, oldest first; one of `FORMATS`."""
    return FORMATS[form](path, programme)
