"""The decision: what is held next, what is shown, what is carried on, and when to look again."""

from collections.abc import Callable, Mapping
from datetime import datetime

from members.tiers.carrying import shared
from members.tiers.definitions import PERIODS, Definition, Rolling, Share, SinceEntry, WhileMet
from members.tiers.standing.facts import Case, Cause, Figures, Granted, Outcome, Own, Reached, Shown, Which
from members.tiers.standing.looking import Look, keeping, look_at, met
from members.tiers.standing.moving import next_own

# More of one milestone at once is a mistake in the milestone.
MOST_AT_ONCE = 100


def review(ladder: Definition, case: Case, figures: Figures) -> Outcome:
    """What a member holds next. The same again, with what came out, comes to the same."""
    look = look_at(ladder, case, figures)
    trial = next((grant for grant in case.grants if grant.cause is Cause.CHALLENGE), None)
    is_won = trial is not None and _is_won(look, trial)
    own = _won(look, trial.tier) if trial is not None and is_won else next_own(look)
    lifetime = _lifetime(look)
    ended = tuple(
        grant.id
        for grant in case.grants
        if (grant.until is not None and grant.until <= case.at) or (is_won and grant is trial)
    )
    floors = [grant for grant in case.grants if grant.id not in ended]
    carry_from, carry = _carried_on(look, own)
    return Outcome(
        own=own,
        shown=_shown(ladder, own, floors, lifetime),
        lifetime=lifetime,
        ended=ended,
        won=trial.id if trial is not None and is_won else None,
        carry_from=carry_from,
        carry=carry,
        milestones=_milestones(look),
        due_at=_due(look, own, floors),
    )


def counted(ladder: Definition, case: Case, figures: Figures) -> Callable[[Which, str], int]:
    """What counts in a stretch, with what was carried into it: for those who show it."""
    return look_at(ladder, case, figures).total


def _won(look: Look, tier: str) -> Own | None:
    own, at = next_own(look), look.case.at
    rank = look.ladder.rank(tier)
    held = look.ladder.rank(own.tier) if own else None
    if rank is None or (held is not None and held >= rank):
        return own
    return Own(tier, at, look.until(Which.NOW, at), Cause.CHALLENGE, own.tier if own else "")


def _is_won(look: Look, trial: Granted) -> bool:
    challenge = look.ladder.challenge
    return (
        challenge is not None
        and challenge.tier == trial.tier
        and look.figures(Which.TRIAL, challenge.target.metric) >= challenge.target.at_least
    )


def _lifetime(look: Look) -> str | None:
    ladder = look.ladder
    had = [ladder.rank(grant.tier) or 0 for grant in look.case.grants if grant.cause is Cause.LIFETIME]
    for rank in range(len(ladder.tiers) - 1, max(had, default=-1), -1):
        needed = ladder.tiers[rank].lifetime
        if needed is not None and met(needed, lambda metric: look.figures(Which.EVER, metric)):
            return ladder.tiers[rank].key
    return None


def _shown(ladder: Definition, own: Own | None, floors: list[Granted], lifetime: str | None) -> Shown | None:
    candidates = [Shown(grant.tier, grant.until, grant.cause) for grant in floors]
    if own is not None:
        candidates.insert(0, Shown(own.tier, own.until, own.cause))
    if lifetime is not None:
        candidates.append(Shown(lifetime, None, Cause.LIFETIME))
    best: tuple[int, bool, datetime | None] | None = None
    shown = None
    for candidate in candidates:
        rank = ladder.rank(candidate.tier)
        if rank is None:
            continue
        if best is None or _beats(rank, candidate.until, best):
            best, shown = (rank, candidate.until is None, candidate.until), candidate
    return shown


def _beats(rank: int, until: datetime | None, best: tuple[int, bool, datetime | None]) -> bool:
    if rank != best[0]:
        return rank > best[0]
    return not best[1] and (until is None or (best[2] is not None and until > best[2]))


def _carried_on(look: Look, own: Own | None) -> tuple[datetime | None, Mapping[str, int] | None]:
    ladder = look.ladder
    if ladder.rollover is None:
        return None, None
    if not isinstance(ladder.window, SinceEntry):
        return look.stretches[Which.NOW].start, look.carry
    before = look.case.own
    is_new = own is not None and own.cause in {Cause.EARNED, Cause.KEPT} and own.since == look.case.at
    if own is None or not is_new or own == before:
        return None, None
    rank = ladder.rank(own.tier) or 0
    requirement = ladder.tiers[rank].entry if own.cause is Cause.EARNED else keeping(ladder, rank)
    if requirement is None or not isinstance(ladder.rollover, Share):
        return None, None
    return own.since, shared(ladder.rollover, requirement, lambda metric: look.total(Which.NOW, metric))


def _milestones(look: Look) -> tuple[Reached, ...]:
    found = []
    for mark in look.ladder.milestones:
        which = Which.EVER if mark.over_all_time else Which.NOW
        times = look.figures(which, mark.metric) // mark.at
        if times > 0:
            times = min(times, MOST_AT_ONCE) if mark.repeats else 1
            found.append(Reached(mark.key, times, look.stretches[which].start))
    return tuple(found)


def _due(look: Look, own: Own | None, floors: list[Granted]) -> datetime | None:
    ladder, at = look.ladder, look.case.at
    moments = [grant.until for grant in floors]
    if own is not None:
        moments.append(own.until)
        moves = isinstance(ladder.validity, WhileMet) or ladder.rollover is not None
        if moves and (ladder.rank(own.tier) or 0) > ladder.base and isinstance(ladder.window, (*PERIODS, Rolling)):
            moments.append(look.stretches[Which.NOW].end)
    return min((moment for moment in moments if moment is not None and moment > at), default=None)
