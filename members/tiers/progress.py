"""How far a member is: what is held, what is missing to the next tier, what to keep this one, and until when."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from members.models import Member
from members.tiers.cases import Live, known_of, live_ladders, measured
from members.tiers.definitions import PERIODS, Requirement, Rolling, WhileMet
from members.tiers.metrics import Metric, metrics_of
from members.tiers.models import TierStay
from members.tiers.sentences import amount_text, until_text
from members.tiers.standing import Which, counted, keeping, met, stretches_of


@dataclass(frozen=True, slots=True)
class Part:
    """One metric of a goal: `have` of `need`, in minor units with `decimals`; `missing` in words, empty when met."""

    metric: str
    label: str
    have: int
    need: int
    decimals: int
    have_text: str
    need_text: str
    missing: str

    @property
    def percent(self) -> int:
        return min(100, self.have * 100 // self.need)


@dataclass(frozen=True, slots=True)
class Goal:
    """
    What it takes to reach or to keep a tier by what counts now. `parts` that are `optional` stand for one another; the
    others are all needed. It has to be met before `by`, None for no end.
    """

    tier: str
    name: str
    parts: tuple[Part, ...]
    optional: tuple[Part, ...]
    by: datetime | None
    is_met: bool
    sentence: str

    @property
    def nearest(self) -> Part | None:
        """The part to show alone: the most that is missing of what is needed, else the least of what can be chosen."""
        lacking = [part for part in self.parts if part.missing]
        if lacking:
            return min(lacking, key=lambda part: part.percent)
        return max(self.optional or self.parts, key=lambda part: part.percent, default=None)


@dataclass(frozen=True, slots=True)
class Progress:
    """
    A member on one ladder. `tier` is empty for none; `until` its end, None for none. `next` and `keep` are left out
    where there is nothing to reach or nothing to do.
    """

    ladder: str
    ladder_name: str
    tier: str
    name: str
    cause: str
    since: datetime | None
    until: datetime | None
    next: Goal | None
    keep: Goal | None
    sentence: str


def progress_of(member: Member, *, at: datetime) -> list[Progress]:
    """Where a member is on every ladder in force, oldest ladder first; texts in the reader's language."""
    ladders = live_ladders(at=at, programme_ids=[member.programme_id])
    if not ladders:
        return []
    metrics = metrics_of(ladders[0].programme)
    return [_progress(live, member, dict(metrics), at) for live in ladders]


def _progress(live: Live, member: Member, metrics: dict[str, Metric], at: datetime) -> Progress:
    definition = live.definition
    known = known_of(live, [member], at=at)
    case, stay = known.cases[member.pk], known.stays.get(member.pk)
    figures = measured(definition, live.programme, [member], known.cases)[member.pk]
    total = counted(definition, case, figures)
    end = stretches_of(definition, case)[Which.NOW].end if isinstance(definition.window, PERIODS) else None

    def now(metric: str) -> int:
        return total(Which.NOW, metric)

    shown = definition.rank(stay.tier) if stay else None
    goals = _Goals(live, metrics, now, end)
    keep = goals.keep(stay, shown)
    tier = definition.tiers[shown] if shown is not None else None
    return Progress(
        ladder=live.ladder.key,
        ladder_name=live.ladder.name,
        tier=tier.key if tier else "",
        name=tier.name if tier else "",
        cause=stay.cause if stay else "",
        since=stay.entered_at if stay else None,
        until=stay.until if stay else None,
        next=goals.next(-1 if shown is None else shown),
        keep=keep,
        sentence=_standing(live, stay, tier.name if tier else ""),
    )


@dataclass(frozen=True, slots=True)
class _Goals:
    live: Live
    metrics: dict[str, Metric]
    now: Callable[[str], int]
    end: datetime | None

    def next(self, shown: int) -> Goal | None:
        """The next higher tier that can be reached."""
        tiers = self.live.definition.tiers
        for rank in range(shown + 1, len(tiers)):
            entry = tiers[rank].entry
            if entry is not None:
                return self._goal(rank, entry, self.end, is_next=True)
        return None

    def keep(self, stay: TierStay | None, shown: int | None) -> Goal | None:
        """What it takes to stay; nothing for who holds the tier for good, or by a grant."""
        if stay is None or shown is None or stay.own_tier != stay.tier or shown <= self.live.definition.base:
            return None
        requirement = keeping(self.live.definition, shown)
        is_open = stay.until is None and not isinstance(self.live.definition.validity, WhileMet)
        if requirement is None or is_open:
            return None
        rolls = isinstance(self.live.definition.window, Rolling)
        by = stay.until if rolls or self.end is None else min(self.end, stay.until or self.end)
        return self._goal(shown, requirement, by, is_next=False)

    def _goal(self, rank: int, requirement: Requirement, by: datetime | None, *, is_next: bool) -> Goal:
        tier = self.live.definition.tiers[rank]
        parts = tuple(self._part(quota.metric, quota.at_least) for quota in requirement.all_of)
        optional = tuple(self._part(quota.metric, quota.at_least) for quota in requirement.any_of)
        is_met = met(requirement, self.now)
        sentence = self._said(tier.name, parts, optional, by, is_next=is_next)
        return Goal(tier.key, tier.name, parts, optional, by, is_met, "" if is_met else sentence)

    def _part(self, metric: str, need: int) -> Part:
        have, known = max(0, self.now(metric)), self.metrics.get(metric)
        return Part(
            metric,
            known.label if known else metric,
            have,
            need,
            known.decimals if known else 0,
            amount_text(metric, have, self.metrics),
            amount_text(metric, need, self.metrics),
            amount_text(metric, need - have, self.metrics) if have < need else "",
        )

    def _said(
        self, name: str, parts: tuple[Part, ...], optional: tuple[Part, ...], by: datetime | None, *, is_next: bool
    ) -> str:
        missing = [part.missing for part in parts if part.missing]
        if optional and all(part.missing for part in optional):
            missing.append(_(" or ").join(part.missing for part in optional))
        values = {"missing": _(" and ").join(missing), "tier": name}
        if by is None:
            said = _("%(missing)s more for %(tier)s") if is_next else _("%(missing)s more to keep %(tier)s")
            return said % values
        values["day"] = until_text(by, self.live.programme.zone)
        if is_next:
            return _("%(missing)s more until %(day)s for %(tier)s") % values
        return _("%(missing)s more until %(day)s to keep %(tier)s") % values


def _standing(live: Live, stay: TierStay | None, name: str) -> str:
    if stay is None or not name:
        return ""
    if stay.until is None:
        return name
    return _("%(tier)s until %(day)s") % {"tier": name, "day": until_text(stay.until, live.programme.zone)}
