"""Who would move if a draft were in force: the same decision, nothing written."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F

from members.models import Member
from members.tiers.cases import Live, known_of, measured
from members.tiers.definitions import Definition, read
from members.tiers.models import LadderVersion
from members.tiers.standing import review

# What a page can wait for. Of more members every so many-th is asked, old ones and new ones alike.
MOST_ASKED = 5_000
SHOWN_OF_EACH = 3
_BATCH = 500


@dataclass(frozen=True, slots=True)
class Move:
    """Members who would go from one tier to another (empty: none), some of them by name."""

    before: str
    after: str
    count: int
    is_up: bool
    some: tuple[Member, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    """`asked` of `members` were asked; if not all, the counts of `moves` are of those who were."""

    members: int
    asked: int
    up: int
    down: int
    moves: tuple[Move, ...]

    @property
    def is_sample(self) -> bool:
        return self.asked < self.members


def preview(draft: LadderVersion, *, at: datetime) -> Preview:
    """Who would move, most at first. Members who would only get another end of their tier do not count."""
    live = Live(draft.ladder, draft, read(draft.definition))
    people = Member.objects.filter(programme=live.programme)
    total = people.count()
    step = -(-total // MOST_ASKED) or 1
    asked = people.annotate(lot=F("pk") % step).filter(lot=0)
    counts: Counter[tuple[str, str]] = Counter()
    some: dict[tuple[str, str], list[Member]] = {}
    looked, after = 0, 0
    while batch := list(asked.filter(pk__gt=after).order_by("pk")[:_BATCH]):
        after, looked = batch[-1].pk, looked + len(batch)
        for member, pair in _moved(live, batch, at):
            counts[pair] += 1
            if counts[pair] <= SHOWN_OF_EACH:
                some.setdefault(pair, []).append(member)
    moves = tuple(
        Move(before, reached, count, _is_up(live.definition, before, reached), tuple(some[before, reached]))
        for (before, reached), count in counts.most_common()
    )
    up = sum(move.count for move in moves if move.is_up)
    return Preview(total, looked, up, sum(counts.values()) - up, moves)


def _moved(live: Live, members: Sequence[Member], at: datetime) -> list[tuple[Member, tuple[str, str]]]:
    known = known_of(live, members, at=at)
    figures = measured(live.definition, live.programme, members, known.cases)
    found = []
    for member in members:
        stay = known.stays.get(member.pk)
        outcome = review(live.definition, known.cases[member.pk], figures[member.pk])
        before, after = stay.tier if stay else "", outcome.shown.tier if outcome.shown else ""
        if before != after:
            found.append((member, (before, after)))
    return found


def _is_up(definition: Definition, before: str, after: str) -> bool:
    old = definition.rank(before) if before else -1
    new = definition.rank(after) if after else -1
    # From a tier that is gone it can only be down, as nobody holds more than they did.
    return old is not None and (-1 if new is None else new) > old
