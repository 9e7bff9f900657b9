"""What the first page says about a member's tier: what they have, and what is missing to the next or to keep it."""

from dataclasses import dataclass

from cockpit.visitor import Visitor
from members.tiers.progress import Goal, Progress, progress_of


@dataclass(frozen=True, slots=True)
class ShownGoal:
    """One bar: `have` of `need`, and the sentence that says what is missing until when."""

    tier: str
    sentence: str
    have: int
    need: int
    have_text: str
    need_text: str


@dataclass(frozen=True, slots=True)
class ShownTier:
    """A tier in words; empty texts mean that there is nothing to say."""

    ladder: str
    name: str
    sentence: str
    keep: ShownGoal | None
    next: ShownGoal | None


def tiers_for(visitor: Visitor) -> list[ShownTier]:
    """The member on each ladder; nothing where the programme has none."""
    return [_shown(one) for one in progress_of(visitor.member, at=visitor.at)]


def _shown(one: Progress) -> ShownTier:
    return ShownTier(
        ladder=one.ladder_name,
        name=one.name,
        sentence=one.sentence,
        keep=_goal(one.keep),
        next=_goal(one.next),
    )


def _goal(goal: Goal | None) -> ShownGoal | None:
    part = goal.nearest if goal else None
    if goal is None or part is None or goal.is_met:
        return None
    return ShownGoal(goal.name, goal.sentence, part.have, part.need, part.have_text, part.need_text)
