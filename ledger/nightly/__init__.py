"""
What is done once for each local day of a programme: steps in their stated order, in batches, each resumable.

Nothing here decides what can be spent: points are worthless the second they lapse, whether or not a run has come by.
A run writes that down, and does what only a run can do. Rooms above add their steps when they start.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.functional import Promise

from ledger.models import NightlyRun as NightlyRun  # steps of rooms above are given one

# The stated order: offers end, points become active, are converted, move tiers, decay and expire, what came free in
# pools goes home, and tiers and segments follow. Occasions of the new day come last: what they give is of that day.
OFFERS, ACTIVATE, EXTEND, CONVERT, TIERS, DECAY, EXPIRE, SEND_HOME, TIERS_AGAIN = 5, 10, 15, 20, 30, 35, 40, 45, 50
SEGMENTS, OCCASIONS = 60, 70
MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Batch:
    """
    What one call of a step did: how many, and where it goes on; None when it is over. A step that `waits` found what is
    left in use by somebody else and is asked again later.
    """

    done: int
    cursor: int | None
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """
    `count(run)` says how much there is to do; `work(run, cursor)` does the next of it, beginning with cursor 0.

    Both see the books as of `run.at`, and doing a batch again must change nothing. `label` is for people.
    """

    name: str
    label: str | Promise
    count: Callable[[NightlyRun], int]
    work: Callable[[NightlyRun, int], Batch]


_steps: dict[int, Step] = {}


def add(position: int, step: Step) -> None:
    """Give a step its place in the order; called once while the app starts."""
    _steps[position] = step


def days_of(run: NightlyRun) -> list[date]:
    """
    The local days that begin with a run: its own, and those before it that had none because nobody was there, a month
    of them at most.
    """
    before = NightlyRun.objects.filter(programme_id=run.programme_id, day__lt=run.day).order_by("-day").first()
    missed = (run.day - before.day).days - 1 if before else 0
    return [run.day - timedelta(days=back) for back in range(min(missed, MOST_DAYS - 1), -1, -1)]


def steps() -> list[tuple[int, Step]]:
    """All steps in their order."""
    return sorted(_steps.items(), key=lambda item: item[0])


def step_of(name: str) -> Step | None:
    """The step of this name, if this version of the program has it."""
    return next((step for step in _steps.values() if step.name == name), None)
