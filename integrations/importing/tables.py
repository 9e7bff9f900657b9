"""Rows of Parquet, CSV and JSON-lines files, streamed."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import msgspec
import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet

Row = dict[str, Any]
ROWS_AT_ONCE = 20_000
LONGEST_HEADER = 100_000


class Unreadable(Exception):
    """The file is not what its name says; the text says what was expected."""


def parquet_rows(
    path: Path, names: list[str], wanted: Callable[[pyarrow.RecordBatch], Any]
) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """
    The rows of a Parquet file for which `wanted` is true (a mask over a batch), with their numbers from 1.

    A row is its values in the order of `names`.
    """
    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            require_columns(path, names, table.schema_arrow.names)
            before = 1
            for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, columns=names):
                mask = wanted(batch)
                chosen = batch.filter(mask)
                columns = [chosen.column(name).to_pylist() for name in names]
                numbers = pc.add(pc.indices_nonzero(mask).cast(pyarrow.int64()), before).to_pylist()
                yield from zip(numbers, zip(*columns, strict=True), strict=True)
                before += batch.num_rows
    except pyarrow.ArrowInvalid as error:
        raise Unreadable(f"{path.name} is not a Parquet file: {error}.") from error


def csv_rows(
    path: Path, required: Collection[str], allowed: Collection[str] | None = None
) -> Iterator[tuple[int, Row]]:
    """
    The rows of a CSV file with their line numbers; UTF-8, `.gz` allowed, divided by commas, semicolons or tabs.

    The first line names the columns. `allowed` ones may stand beside the `required`; None: any. Surplus cells are the
    list under `None`, and a missing cell is None.
    """
    with _text(path) as stream:
        rows: csv.DictReader[str] | None = None
        try:
            header = stream.readline(LONGEST_HEADER)
            divider = max(",;\t", key=header.count)
            names = [name.strip() for name in next(csv.reader([header], delimiter=divider), [])]
            require_columns(path, required, names)
            _refuse_unknown(path, names, required, allowed)
            rows = csv.DictReader(stream, fieldnames=names, delimiter=divider, strict=True)
            for row in rows:
                yield rows.line_num + 1, row
        except UnicodeDecodeError as error:
            raise Unreadable(f"{path.name} is not a CSV file in UTF-8: save it again in that encoding.") from error
        except csv.Error as error:
            place = rows.line_num + 1 if rows else 1
            raise Unreadable(f"{path.name} can't be read as CSV behind line {place}: {error}.") from error


def _refuse_unknown(path: Path, names: list[str], required: Collection[str], allowed: Collection[str] | None) -> None:
    unknown = set() if allowed is None else set(names) - set(required) - set(allowed)
    if unknown:
        raise Unreadable(
            f"{path.name} has columns that have no meaning here: {', '.join(sorted(unknown))}. Remove them, or rename"
            f" them to one of {', '.join(allowed or ())}."
        )


def require_columns(path: Path, required: Collection[str], found: Collection[str]) -> None:
    """:raises Unreadable: if a column is missing"""
    missing = [name for name in required if name not in found]
    if missing:
        shown = ", ".join(name[:40] for name in list(found)[:20])
        raise Unreadable(f"{path.name} lacks the columns {', '.join(missing)}; its first line has: {shown}.")


def json_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The non-empty lines of a JSON-lines file with their numbers; `.gz` allowed."""
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line


def json_rows(path: Path, required: Collection[str]) -> Iterator[tuple[int, Row]]:
    """The objects of a JSON-lines file with their line numbers; each has the `required` fields."""
    for number, line in json_lines(path):
        try:
            row = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Unreadable(f"{path.name} line {number} is not JSON: {error}.") from error
        if not isinstance(row, dict) or any(name not in row for name in required):
            raise Unreadable(f"{path.name} line {number} is no JSON object with {', '.join(required)}.")
        yield number, row


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as raw, _unpacked(path, raw) as stream:
            yield stream
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise Unreadable(f"{path.name} is not a whole gzip file: {error}.") from error


def _unpacked(path: Path, raw: BinaryIO) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    with _open(path) as stream:
        yield io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
