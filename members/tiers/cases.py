"""Cases of many members at once, and what is measured for them: what reviews, previews and pages are made from."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from django.db.models import Q

from members.models import Member
from members.tiers import metrics
from members.tiers.definitions import Definition, read
from members.tiers.metrics import Asked
from members.tiers.models import LadderVersion, TierCarry, TierGrant, TierLadder, TierStay
from members.tiers.standing import Case, Cause, Figures, Granted, Own, Which, stretches_of
from members.tiers.windows import Place
from shops.models import Programme


@dataclass(frozen=True, slots=True)
class Live:
    """A ladder and what is in force of it."""

    ladder: TierLadder
    version: LadderVersion
    definition: Definition

    @property
    def programme(self) -> Programme:
        return self.ladder.programme


@dataclass(slots=True)
class Known:
    """What is on record of members on one ladder, by member id: open stays, and cases."""

    stays: dict[int, TierStay] = field(default_factory=dict)
    cases: dict[int, Case] = field(default_factory=dict)


def live_ladders(*, at: datetime, programme_ids: Iterable[int] | None = None) -> list[Live]:
    """What is in force at an instant, oldest ladder first; of all programmes if none are named."""
    versions = LadderVersion.objects.filter(state=LadderVersion.State.PUBLISHED, effective_from__lte=at)
    if programme_ids is not None:
        versions = versions.filter(ladder__programme__in=list(programme_ids))
    newest = versions.order_by("ladder_id", "-effective_from").distinct("ladder_id").select_related("ladder__programme")
    return [Live(version.ladder, version, read(version.definition)) for version in newest]


def known_of(live: Live, members: Sequence[Member], *, at: datetime) -> Known:
    """What is on record. The clock of a case never goes back behind the stay it is about."""
    ids = [member.pk for member in members]
    stays = {
        stay.member_id: stay
        for stay in TierStay.objects.filter(member__in=ids, ladder=live.ladder, ended_at__isnull=True)
    }
    grants: dict[int, list[Granted]] = defaultdict(list)
    # Whatever the clock of who asks: a grant that is on record is in force.
    for grant in TierGrant.objects.filter(member__in=ids, ladder=live.ladder, ended_at__isnull=True).order_by("pk"):
        grants[grant.member_id].append(Granted(grant.pk, grant.tier, Cause(grant.cause), grant.since, grant.until))
    zone = live.programme.zone
    cases = {}
    for member in members:
        stay = stays.get(member.pk)
        place = Place(zone, member.joined_at)
        moment = max(at, stay.since) if stay else at
        cases[member.pk] = Case(moment, place, own_of(stay), tuple(grants[member.pk]))
    return Known(stays, _with_carries(live, cases))


def own_of(stay: TierStay | None) -> Own | None:
    """What a stay says the member held by what they did."""
    if stay is None or not stay.own_tier or stay.own_since is None:
        return None
    return Own(stay.own_tier, stay.own_since, stay.own_until, Cause(stay.own_cause), stay.own_former)


def _with_carries(live: Live, cases: dict[int, Case]) -> dict[int, Case]:
    if live.definition.rollover is None:
        return cases
    wanted = Q()
    for member_id, case in cases.items():
        starts = [stretch.start for stretch in stretches_of(live.definition, case).values() if stretch.start]
        wanted |= Q(member=member_id, window_from__in=starts)
    found: dict[int, dict[datetime, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for row in TierCarry.objects.filter(wanted, ladder=live.ladder) if cases else ():
        found[row.member_id][row.window_from][row.metric] = row.amount
    return {member_id: replace(case, carried=found.get(member_id)) for member_id, case in cases.items()}


def measured(
    definition: Definition, programme: Programme, members: Sequence[Member], cases: Mapping[int, Case]
) -> dict[int, Figures]:
    """What the ladder asks for, of each member: one question per metric, however many members."""
    asked: dict[str, list[tuple[int, Which, Asked]]] = defaultdict(list)
    needed = needed_metrics(definition)
    for member in members:
        for which, stretch in stretches_of(definition, cases[member.pk]).items():
            for metric in needed[which]:
                question = Asked(member.pk, member.wallet_id, stretch.start, stretch.end)
                asked[metric].append((member.pk, which, question))
    figures: dict[int, dict[tuple[Which, str], int]] = {member.pk: {} for member in members}
    for metric, questions in asked.items():
        answers = metrics.measure(programme, metric, [question for _, _, question in questions])
        for (member_id, which, _), amount in zip(questions, answers, strict=True):
            figures[member_id][which, metric] = amount
    return {member_id: partial(_figure, found) for member_id, found in figures.items()}


def needed_metrics(definition: Definition) -> dict[Which, list[str]]:
    """Which metrics are asked in which stretch."""
    counted = [
        quota.metric
        for tier in definition.tiers
        for requirement in (tier.entry, tier.keep)
        for quota in (requirement.quotas if requirement else ())
    ]
    ever = [quota.metric for tier in definition.tiers for quota in (tier.lifetime.quotas if tier.lifetime else ())]
    trial = [definition.challenge.target.metric] if definition.challenge else []
    marks = [mark.metric for mark in definition.milestones if not mark.over_all_time]
    all_marks = [mark.metric for mark in definition.milestones if mark.over_all_time]
    return {
        Which.NOW: list(dict.fromkeys(counted + marks)),
        Which.BEFORE: list(dict.fromkeys(counted)),
        Which.EVER: list(dict.fromkeys(ever + all_marks)),
        Which.TRIAL: trial,
    }


def _figure(found: Mapping[tuple[Which, str], int], which: Which, metric: str) -> int:
    return found.get((which, metric), 0)
