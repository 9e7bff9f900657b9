"""Keeping track of a file that is being read."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from orders.models import ImportRun
from shops.models import Programme


@transaction.atomic
def begin_import(
    *, programme: Programme, file_sha256: bytes, file_name: str, form: str, at: datetime, again: bool = False
) -> ImportRun:
    """The run of this file, new or as it was left; `again` starts it from the first document."""
    run, created = ImportRun.objects.get_or_create(
        programme=programme,
        file_sha256=file_sha256,
        format=form,
        defaults={"file_name": file_name, "started_at": at},
    )
    if again and not created:
        ImportRun.objects.filter(pk=run.pk).update(documents=0, tally={}, started_at=at, finished_at=None)
        run.refresh_from_db()
    return run


def checkpoint(*, run: ImportRun, documents: int, tally: Mapping[str, int]) -> None:
    """Say how far the file is read; called in the transaction of the batch that it is about."""
    ImportRun.objects.filter(pk=run.pk).update(documents=documents, tally=dict(tally))


def finish_import(*, run: ImportRun, at: datetime) -> None:
    """The whole file is read."""
    ImportRun.objects.filter(pk=run.pk).update(finished_at=at)
