"""Rows of Parquet, CSV and JSON-lines files, streamed."""

import csv
import gzip
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

import msgspec
import pyarrow
import pyarrow.compute as pc
import pyarrow.parquet

Row = dict[str, Any]
ROWS_AT_ONCE = 20_000


class Unreadable(Exception):
    """The file is not what its name says; the text says what was expected."""


def parquet_rows(
    path: Path, names: list[str], wanted: Callable[[pyarrow.RecordBatch], Any]
) -> Iterator[tuple[int, Row]]:
    """The rows of a Parquet file for which `wanted` is true (a mask over a batch), with their numbers from 1."""
    try:
        with pyarrow.parquet.ParquetFile(path) as table:
            before = 1
            for batch in table.iter_batches(batch_size=ROWS_AT_ONCE, columns=names):
                mask = wanted(batch)
                chosen = batch.filter(mask)
                columns = [chosen.column(name).to_pylist() for name in names]
                for place, *values in zip(pc.indices_nonzero(mask).to_pylist(), *columns, strict=True):
                    yield before + place, dict(zip(names, values, strict=True))
                before += batch.num_rows
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
