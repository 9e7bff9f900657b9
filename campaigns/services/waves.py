"""Orders and events of a batch that are accepted one after another, because each sees what those before it did."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import transaction

from campaigns.inforce import Timetable
from campaigns.knowing import asked_by, of_members
from campaigns.services.deciding import Decidable, rules_for
from kernel.errors import DomainError

T = TypeVar("T")
U = TypeVar("U")


class InWaves(Exception):
    """These can't be decided at once. `waves` says which can: the places of drafts, in the given order."""

    def __init__(self, waves: Sequence[Sequence[int]]) -> None:
        super().__init__(waves)
        self.waves = waves


def in_waves(accept: Callable[[Sequence[T]], list[U]], drafts: Sequence[T], several: InWaves) -> list[U]:
    """Accept each wave on its own, all in one transaction; the answers in the order of the drafts."""
    answers: dict[int, U] = {}
    with transaction.atomic():
        for wave in several.waves:
            answers |= zip(wave, accept([drafts[place] for place in wave]), strict=True)
    return [answers[place] for place in range(len(drafts))]


def check_at_once(registered: Sequence[Decidable | DomainError], rules: Timetable, *, programme_id: int) -> None:
    """
    Let pass what can be decided at once.

    :raises InWaves: if a member has several of them and rules ask about the member
    """
    fresh = {
        place: row.member.member_id
        for place, row in enumerate(registered)
        if not isinstance(row, DomainError) and row.fresh and row.member is not None
    }
    bought = Counter(fresh.values())
    again = [registered[place] for place, member_id in fresh.items() if bought[member_id] > 1]
    if any(_asks_of_member(row, rules, programme_id) for row in again if not isinstance(row, DomainError)):
        raise InWaves(_waves(fresh, len(registered)))


def _asks_of_member(row: Decidable, rules: Timetable, programme_id: int) -> bool:
    asks = asked_by(rules_for(row, rules).rules)
    return bool(asks and of_members(asks, programme_id=programme_id))


def _waves(fresh: dict[int, int], count: int) -> list[list[int]]:
    """Repeats and refusals come last: what they repeat or contradict is on record then."""
    waves: list[list[int]] = [[] for _ in range(max(Counter(fresh.values()).values()))]
    so_far: Counter[int] = Counter()
    for place in range(count):
        if place not in fresh:
            waves[-1].append(place)
            continue
        waves[so_far[fresh[place]]].append(place)
        so_far[fresh[place]] += 1
    return waves
