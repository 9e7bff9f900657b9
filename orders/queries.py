"""Reads of what was reported."""

from collections.abc import Iterable, Iterator

from orders.models import ImportProblem, ImportRun


def import_problems(runs: Iterable[ImportRun]) -> Iterator[ImportProblem]:
    """Every row of an imported file that needs a look, in the order of the file."""
    return ImportProblem.objects.filter(run__in=list(runs)).order_by("row", "pk").iterator(chunk_size=2000)
