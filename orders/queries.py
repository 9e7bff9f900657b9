"""Reads of what was reported."""

from collections.abc import Iterable, Iterator, Sequence

import msgspec

from orders.facts import Line, ReturnedPart
from orders.models import ImportProblem, ImportRun, Order, Return


def import_problems(runs: Iterable[ImportRun]) -> Iterator[ImportProblem]:
    """Every row of an imported file that needs a look, in the order of the file."""
    return ImportProblem.objects.filter(run__in=list(runs)).order_by("row", "pk").iterator(chunk_size=2000)


def worth_of_returns(return_ids: Sequence[int]) -> dict[int, int]:
    """What the goods that came back had cost, tax included and behind all discounts, in minor units, by return id."""
    parts = {row.pk: msgspec.convert(row.lines, list[ReturnedPart]) for row in Return.objects.filter(pk__in=return_ids)}
    orders = Order.objects.in_bulk({part.order_id for of_return in parts.values() for part in of_return})
    lines = {
        (order.pk, line.no): line for order in orders.values() for line in msgspec.convert(order.lines, list[Line])
    }
    return {
        return_id: sum(_worth(lines[part.order_id, part.line_no], part.quantity) for part in of_return)
        for return_id, of_return in parts.items()
    }


def _worth(line: Line, quantity: int) -> int:
    return (line.amount - line.discount) * quantity // line.quantity
