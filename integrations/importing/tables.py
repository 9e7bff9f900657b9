"""Rows of Parquet, CSV and JSON-lines files, streamed."""

import csv
import gzip
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import msgspec
import pyarrow.parquet

Row = dict[str, Any]
ROWS_AT_ONCE = 20_000


class Unreadable(Exception):
    """The file is not what its name says; the text says what was expected."""


def parquet_rows(path: Path) -> Iterator[Row]:
    """Every row of a Parquet file."""
    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            for batch in table.iter_batches(batch_size=ROWS_AT_ONCE):
                columns = {name: batch.column(name).to_pylist() for name in batch.schema.names}
                names = list(columns)
                for values in zip(*columns.values(), strict=True):
                    yield dict(zip(names, values, strict=True))
    except pyarrow.ArrowInvalid as error:
        raise Unreadable(f"{path.name} is not a Parquet file: {error}") from error


def csv_rows(path: Path) -> Iterator[Row]:
    """Every row of a CSV file with a header line; UTF-8, `.gz` allowed."""
    with _text(path) as stream:
        try:
            yield from csv.DictReader(stream)
        except (csv.Error, UnicodeDecodeError) as error:
            raise Unreadable(f"{path.name} is not a CSV file in UTF-8: {error}") from error


def json_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """The non-empty lines of a JSON-lines file with their numbers; `.gz` allowed."""
    with _open(path) as stream:
        for number, line in enumerate(stream, start=1):
            if line.strip():
                yield number, line


def json_rows(path: Path) -> Iterator[Row]:
    """The objects of a JSON-lines file."""
    for number, line in json_lines(path):
        try:
            row = msgspec.json.decode(line)
        except msgspec.DecodeError as error:
            raise Unreadable(f"{path.name} line {number} is not JSON: {error}") from error
        if not isinstance(row, dict):
            raise Unreadable(f"{path.name} line {number} is no JSON object")
        yield row


@contextmanager
def _open(path: Path) -> Iterator[IO[bytes]]:
    try:
        with path.open("rb") as raw, _unpacked(path, raw) as stream:
            yield stream
    except gzip.BadGzipFile as error:
        raise Unreadable(f"{path.name} is not a gzip file: {error}") from error


def _unpacked(path: Path, raw: BinaryIO) -> IO[bytes]:
    return cast(IO[bytes], gzip.GzipFile(fileobj=raw)) if path.suffix == ".gz" else raw


@contextmanager
def _text(path: Path) -> Iterator[IO[str]]:
    with _open(path) as stream:
        yield io.TextIOWrapper(stream, encoding="utf-8-sig", newline="")
