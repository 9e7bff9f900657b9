"""What counts for a case: the stretches to measure, what was carried into them, and which tiers that comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from members.tiers.carrying import reserved, shared
from members.tiers.definitions import (
    PERIODS,
    Definition,
    Requirement,
    Reserve,
    RestOfPeriod,
    Share,
    SinceEntry,
    UntilDay,
)
from members.tiers.standing.facts import Case, Cause, Figures, Which
from members.tiers.windows import ALL, Place, Stretch, held_until, window_at, window_before

_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Look:
    ladder: Definition
    case: Case
    stretches: Mapping[Which, Stretch]
    figures: Figures
    carry: Mapping[str, int]
    earlier: Mapping[str, int]

    @property
    def held(self) -> int:
        own = self.case.own
        rank = self.ladder.rank(own.tier) if own else None
        return self.ladder.base if rank is None else rank

    def total(self, which: Which, metric: str) -> int:
        """What counts in a stretch, with what was carried into it; a reserve is no part of it."""
        extra = 0
        if not isinstance(self.ladder.rollover, Reserve):
            source = {Which.NOW: self.carry, Which.BEFORE: self.earlier}.get(which, {})
            extra = source.get(metric, 0)
        return self.figures(which, metric) + extra

    def with_reserve(self, which: Which, metric: str) -> int:
        reserved = isinstance(self.ladder.rollover, Reserve) and which is Which.BEFORE
        return self.total(which, metric) + (self.earlier.get(metric, 0) if reserved else 0)

    def enters(self, rank: int, which: Which) -> bool:
        entry = self.ladder.tiers[rank].entry
        return entry is not None and met(entry, lambda metric: self.total(which, metric))

    def stays(self, rank: int, which: Which) -> bool:
        """Whoever holds a tier holds those below it: what it takes to stay counts for all of them."""
        keep = keeping(self.ladder, rank)
        return keep is not None and (
            met(keep, lambda metric: self.with_reserve(which, metric)) or self.enters(rank, which)
        )

    def until(self, which: Which, at: datetime) -> datetime | None:
        return held_until(
            self.ladder.validity,
            window=self.ladder.window,
            stretch=self.stretches[which],
            at=at,
            place=self.case.place,
        )

    @property
    def judged(self) -> tuple[Which, ...]:
        """The stretches whose result can still be held: late arrivals count for the period that is over, too."""
        is_tied = isinstance(self.ladder.validity, RestOfPeriod | UntilDay)
        return (Which.NOW, Which.BEFORE) if is_tied and Which.BEFORE in self.stretches else (Which.NOW,)


def met(requirement: Requirement, amount: Callable[[str], int]) -> bool:
    """Whether amounts by metric are what a requirement asks for."""
    return all(amount(quota.metric) >= quota.at_least for quota in requirement.all_of) and (
        not requirement.any_of or any(amount(quota.metric) >= quota.at_least for quota in requirement.any_of)
    )


def keeping(ladder: Definition, rank: int) -> Requirement | None:
    """What it takes to stay in a tier."""
    tier = ladder.tiers[rank]
    return tier.keep or tier.entry


def stretches_of(ladder: Definition, case: Case) -> dict[Which, Stretch]:
    """What has to be measured for a case."""
    place = place_of(case)
    now = window_at(ladder.window, case.at, place)
    found = {Which.NOW: now}
    if (before := window_before(ladder.window, now, place)) is not None:
        found[Which.BEFORE] = before
    elif case.own is not None and case.own.until is not None and case.own.until <= case.at:
        last = window_at(ladder.window, case.own.until - _MOMENT, place)
        found[Which.BEFORE] = replace(last, end=case.own.until) if isinstance(ladder.window, SinceEntry) else last
    if any(tier.lifetime for tier in ladder.tiers) or any(mark.over_all_time for mark in ladder.milestones):
        found[Which.EVER] = ALL
    for grant in case.grants:
        if grant.cause is Cause.CHALLENGE:
            found[Which.TRIAL] = Stretch(grant.since, grant.until)
    return found


def place_of(case: Case) -> Place:
    """What windows of a case are reckoned by: who was only entered counts from the beginning."""
    own = case.own
    return replace(case.place, since=own.since if own and own.cause is not Cause.ENTERED else None)


def look_at(ladder: Definition, case: Case, figures: Figures) -> Look:
    stretches = stretches_of(ladder, case)
    known = case.carried or {}
    before, now = stretches.get(Which.BEFORE), stretches[Which.NOW]
    earlier = known.get(before.start, {}) if before and before.start else {}
    look = Look(ladder, case, stretches, figures, {}, earlier)
    if isinstance(ladder.window, SinceEntry):
        return replace(look, carry=known.get(now.start, {}) if now.start else {})
    if ladder.rollover is None or before is None or not isinstance(ladder.window, PERIODS):
        return look
    return replace(look, carry=_carry(look))


def _carry(look: Look) -> dict[str, int]:
    """What of the period that is over counts in the one that runs."""
    ladder, which = look.ladder, Which.BEFORE
    reached = highest(look, which, below=len(ladder.tiers), kept=look.held)
    is_met = reached > ladder.base and look.enters(reached, which)
    requirement = ladder.tiers[reached].entry if is_met else keeping(ladder, reached) if reached > ladder.base else None
    if isinstance(ladder.rollover, Share):
        return shared(ladder.rollover, requirement, lambda metric: look.total(which, metric)) if requirement else {}
    if requirement is None:
        return dict(look.earlier)
    return reserved(
        requirement,
        is_met=met(requirement, lambda metric: look.total(which, metric)),
        reserve=look.earlier,
        total=lambda metric: look.total(which, metric),
    )


def highest(look: Look, which: Which, *, below: int, kept: int) -> int:
    """The highest tier under `below` that a stretch earns; up to `kept` by what it takes to stay."""
    ranks = range(below - 1, look.ladder.base, -1)
    return next(
        (rank for rank in ranks if look.enters(rank, which) or (rank <= kept and look.stays(rank, which))),
        look.ladder.base,
    )
