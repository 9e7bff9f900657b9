"""Keeping track of a file that is being read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from orders.models import ImportRun
from shops.models import Programme


@transaction.atomic
def begin_import(
    *, programme: Programme, file_sha256: bytes, file_name: str, form: str, at: datetime, parts: int = 1
) -> list[ImportRun]:
    """
    The runs of this file, one per part, new or as they were left.

    A file that was begun keeps its number of parts, because documents are counted within their part.
    """
    # One beginner at a time, so that two can't begin the same file with different parts.
    Programme.objects.select_for_update(no_key=True).get(pk=programme.pk)
    begun = list(ImportRun.objects.filter(programme=programme, file_sha256=file_sha256, format=form).order_by("part"))
    if begun:
        return begun
    return ImportRun.objects.bulk_create(
        ImportRun(
            programme=programme,
            file_sha256=file_sha256,
            file_name=file_name,
            format=form,
            part=part,
            parts=parts,
            started_at=at,
        )
        for part in range(parts)
    )


@transaction.atomic
def forget_import(*, programme: Programme, file_sha256: bytes, form: str) -> None:
    """Forget how far a file was read; the next run begins with its first document. What it brought stays."""
    ImportRun.objects.filter(programme=programme, file_sha256=file_sha256, format=form).delete()


def checkpoint(*, run: ImportRun, documents: int, tally: Mapping[str, int]) -> None:
    """Say how far a part is read; called in the transaction of the batch that it is about."""
    ImportRun.objects.filter(pk=run.pk).update(documents=documents, tally=dict(tally))


def finish_import(*, run: ImportRun, at: datetime) -> None:
    """A whole part is read."""
    ImportRun.objects.filter(pk=run.pk).update(finished_at=at)
