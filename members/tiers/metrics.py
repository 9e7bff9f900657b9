"""
What tiers are reached by. Each metric is declared by the room that owns its data, when the app starts.

A metric is named by its family, with a parameter where the family has many: `spent`, `points:status`,
`events:review.created`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from shops.models import Programme


@dataclass(frozen=True, slots=True)
class Asked:
    """How much for one member, from `start` up to, without, `end`? None is no limit."""

    member_id: int
    wallet_id: int
    start: datetime | None
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Metric:
    """
    A metric of a programme for people: its label, the decimals of its amounts, and an amount in the reader's language,
    such as "1,200 status points".
    """

    name: str
    label: str
    decimals: int
    text: Callable[[int], str]


@dataclass(frozen=True, slots=True)
class Family:
    """
    Metrics of one kind. `offered(programme)` yields those that a programme has; `measure(programme, parameter, asked)`
    answers many questions at once, in their order, in minor units.
    """

    name: str
    offered: Callable[[Programme], Sequence[Metric]]
    measure: Callable[[Programme, str, Sequence[Asked]], Sequence[int]]


_families: dict[str, Family] = {}


def declare(family: Family) -> None:
    """Add a family; called once while the app starts."""
    _families[family.name] = family


def metrics_of(programme: Programme) -> Mapping[str, Metric]:
    """All metrics of a programme by name, in a stable order."""
    return {metric.name: metric for name in sorted(_families) for metric in _families[name].offered(programme)}


def measure(programme: Programme, metric: str, asked: Sequence[Asked]) -> Sequence[int]:
    """Answer questions about one metric; one that nobody declares any more is nothing for everybody."""
    name, _, parameter = metric.partition(":")
    family = _families.get(name)
    if family is None or not asked:
        return [0] * len(asked)
    return family.measure(programme, parameter, asked)
