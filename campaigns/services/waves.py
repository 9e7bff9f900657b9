"""Orders of a batch that have to be accepted one after another, because each sees what those before it did."""

from collections import Counter
from collections.abc import Sequence

from campaigns.inforce import Timetable
from campaigns.knowing import asked_by, of_members
from kernel.errors import DomainError
from orders.services import RegisteredOrder


class InWaves(Exception):
    """These orders can't be decided at once. `waves` says which can: the places of drafts, in the given order."""

    def __init__(self, waves: Sequence[Sequence[int]]) -> None:
        super().__init__(waves)
        self.waves = waves


def check_at_once(registered: Sequence[RegisteredOrder | DomainError], rules: Timetable, *, programme_id: int) -> None:
    """
    Let orders pass that can be decided at once.

    :raises InWaves: if a member has several of them and rules ask about the member
    """
    fresh = {
        place: row.member.member_id
        for place, row in enumerate(registered)
        if isinstance(row, RegisteredOrder) and row.fresh and row.member is not None
    }
    bought = Counter(fresh.values())
    again = [registered[place] for place, member_id in fresh.items() if bought[member_id] > 1]
    if any(_asks_of_member(row, rules, programme_id) for row in again if isinstance(row, RegisteredOrder)):
        raise InWaves(_waves(fresh, len(registered)))


def _asks_of_member(row: RegisteredOrder, rules: Timetable, programme_id: int) -> bool:
    asks = asked_by(rules.at(row.purchase.placed_at))
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
