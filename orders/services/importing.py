"""Keeping track of a file that is being read."""

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from django.db import transaction

from orders.models import ImportProblem, ImportRun
from shops.models import Programme


class ImportedFile(msgspec.Struct, frozen=True):
    """
    What tells one import from another: the file's bytes, how they are read, and the system they come from, where the
    file does not say so itself.
    """

    sha256: bytes
    format: str
    source: str = ""


class RowProblem(msgspec.Struct, frozen=True):
    """A row that needs a look: where in the file, which document, what was wrong."""

    row: int
    reference: str
    problem: str


@transaction.atomic
def begin_import(
    *, programme: Programme, file: ImportedFile, file_name: str, at: datetime, parts: int = 1
) -> list[ImportRun]:
    """
    The runs of this file, one per part, new or as they were left.

    A file that was begun keeps its number of parts, because documents are counted within their part.
    """
    # One beginner at a time, so that two can't begin the same file with different parts.
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    begun = list(ImportRun.objects.filter(**_identity(programme, file)).order_by("part"))
    if begun:
        return begun
    return ImportRun.objects.bulk_create(
        ImportRun(**_identity(programme, file), file_name=file_name, part=part, parts=parts, started_at=at)
        for part in range(parts)
    )


@transaction.atomic
def forget_import(*, programme: Programme, file: ImportedFile) -> None:
    """Forget how far a file was read; the next run begins with its first document. What it brought stays."""
    ImportRun.objects.filter(**_identity(programme, file)).delete()


def lock_import(*, run: ImportRun) -> ImportRun:
    """The run as it is now, locked until the end of the transaction."""
    return ImportRun.objects.select_for_update().get(pk=run.pk)


def checkpoint(*, run: ImportRun, documents: int, tally: Mapping[str, int], problems: Sequence[RowProblem]) -> None:
    """Say how far a part is read and what its last batch met; called in the transaction of that batch."""
    ImportRun.objects.filter(pk=run.pk).update(documents=documents, tally=dict(tally))
    ImportProblem.objects.bulk_create(
        ImportProblem(run=run, row=found.row, reference=found.reference, problem=found.problem) for found in problems
    )


def finish_import(*, run: ImportRun, at: datetime) -> None:
    """A whole part is read."""
    ImportRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(finished_at=at)


def _identity(programme: Programme, file: ImportedFile) -> dict[str, object]:
    return {
        "programme": programme,
        "file_sha256": file.sha256,
        "format": file.format,
        "source": file.source,
    }
