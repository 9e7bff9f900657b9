"""References that stand for something else already."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError
from psycopg import errors

from ledger.errors import ReferenceReused


@contextmanager
def refused_when_reused() -> Iterator[None]:
    """Turn the refusal of the SQL functions into ours; the statement wrote nothing."""
    try:
        yield
    except IntegrityError as clash:
        cause = clash.__cause__
        if isinstance(cause, errors.UniqueViolation) and cause.diag.constraint_name == "reference_is_reused":
            raise ReferenceReused(reference=cause.diag.message_detail) from clash
        raise
