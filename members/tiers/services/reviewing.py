"""Members move: many at once, each locked, and told in the same transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from events import outbox
from events.outbox import Fact
from members.models import Member
from members.tiers.cases import Known, Live, known_of, live_ladders, measured
from members.tiers.models import LadderVersion, TierCarry, TierGrant, TierMilestone, TierStay
from members.tiers.standing import Cause, Outcome, Own, Shown
from members.tiers.standing import review as decide

BATCH = 500


@dataclass(slots=True)
class _Writes:
    """What a review changes of one ladder, written by a statement for each kind."""

    ends: dict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))
    begins: list[TierStay] = field(default_factory=list)
    due: list[TierStay] = field(default_factory=list)
    grants_over: dict[datetime, list[int]] = field(default_factory=lambda: defaultdict(list))
    grants: list[TierGrant] = field(default_factory=list)
    carries: list[TierCarry] = field(default_factory=list)
    marks: list[TierMilestone] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)


@transaction.atomic
def review(*, member_ids: Collection[int], at: datetime) -> int:
    """
    Look at where members stand on every ladder in force and move them; return how many stays began.

    Lock order: the members' rows by id, all of them first; nothing of the ledger is locked. Again changes nothing.
    """
    ladders = live_ladders(at=at)
    if not ladders or not member_ids:
        return 0
    members = _lock(member_ids, {live.programme.pk for live in ladders})
    return sum(
        _review_ladder(live, [member for member in members if member.programme_id == live.programme.pk], at)
        for live in ladders
    )


@transaction.atomic
def review_due(*, programme_id: int, at: datetime, after: int = 0, count: int = BATCH) -> tuple[int, int | None]:
    """
    Look at the next members of a programme, by id, for whom something ends or turns by `at`; return how many, and the
    last one, None when none was left.
    """
    ids = list(
        TierStay.objects.filter(ended_at__isnull=True, due_at__lte=at, ladder__programme=programme_id, member__gt=after)
        .order_by("member_id")
        .values_list("member_id", flat=True)
        .distinct()[:count]
    )
    review(member_ids=ids, at=at)
    return len(ids), ids[-1] if ids else None


@transaction.atomic
def review_next_of_new_versions(*, at: datetime, count: int = BATCH) -> int:
    """
    Look at the next members of a programme whose ladder has a version that began and did not move everybody yet;
    return how many, 0 when all did or somebody else is at it.
    """
    version = (
        LadderVersion.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .filter(state=LadderVersion.State.PUBLISHED, effective_from__lte=at, reviewed_at__isnull=True)
        .select_related("ladder")
        .order_by("pk")
        .first()
    )
    if version is None:
        return 0
    next_ones = Member.objects.filter(programme=version.ladder.programme_id, pk__gt=version.reviewed_upto)
    ids = list(next_ones.order_by("pk").values_list("pk", flat=True)[:count])
    review(member_ids=ids, at=at)
    version.reviewed_upto = ids[-1] if ids else version.reviewed_upto
    version.reviewed_at = at if len(ids) < count else None
    version.save(update_fields=["reviewed_upto", "reviewed_at"])
    return len(ids) or 1


def _lock(member_ids: Iterable[int], programme_ids: Iterable[int]) -> list[Member]:
    asked = Member.objects.filter(pk__in=set(member_ids), programme__in=list(programme_ids))
    return list(asked.select_for_update(no_key=True, of=("self",)).order_by("pk"))


def _review_ladder(live: Live, members: Sequence[Member], at: datetime) -> int:
    if not members:
        return 0
    known = known_of(live, members, at=at)
    figures = measured(live.definition, live.programme, members, known.cases)
    writes = _Writes()
    marks = _marks_of(live, members)
    for member in members:
        outcome = decide(live.definition, known.cases[member.pk], figures[member.pk])
        _note(writes, live, member, known, outcome)
        _note_milestones(writes, live, member, known, outcome, marks)
    _write(writes)
    return len(writes.begins)


def _note(writes: _Writes, live: Live, member: Member, known: Known, outcome: Outcome) -> None:
    stay, case = known.stays.get(member.pk), known.cases[member.pk]
    for grant_id in outcome.ended:
        writes.grants_over[case.at].append(grant_id)
    if outcome.lifetime is not None:
        writes.grants.append(
            TierGrant(member=member, ladder=live.ladder, tier=outcome.lifetime, cause=Cause.LIFETIME, since=case.at)
        )
    _note_carry(writes, live, member, known, outcome)
    if stay is not None and (outcome.shown, outcome.own) == (_shown_by(stay), case.own):
        if stay.due_at != outcome.due_at:
            stay.due_at = outcome.due_at
            writes.due.append(stay)
        return
    if stay is not None:
        writes.ends[case.at].append(stay.pk)
    if outcome.shown is not None:
        writes.begins.append(_begun(live, member, stay, outcome, outcome.shown, case.at))
    writes.facts.extend(_told(live, member, stay, outcome.shown, case.at))


def _begun(live: Live, member: Member, stay: TierStay | None, outcome: Outcome, shown: Shown, at: datetime) -> TierStay:
    own = outcome.own
    return TierStay(
        member=member,
        ladder=live.ladder,
        version=live.version,
        tier=shown.tier,
        entered_at=stay.entered_at if stay is not None and stay.tier == shown.tier else at,
        since=at,
        until=shown.until,
        cause=shown.cause,
        due_at=outcome.due_at,
        **_own_fields(own),
    )


def _own_fields(own: Own | None) -> dict[str, str | datetime | None]:
    if own is None:
        return {}
    return {
        "own_tier": own.tier,
        "own_since": own.since,
        "own_until": own.until,
        "own_cause": own.cause,
        "own_former": own.former,
    }


def _shown_by(stay: TierStay) -> Shown:
    return Shown(stay.tier, stay.until, Cause(stay.cause))


def _told(live: Live, member: Member, stay: TierStay | None, shown: Shown | None, at: datetime) -> list[Fact]:
    """What changed for people. Where everybody begins is no news, nor is what changed beneath a grant."""
    before = stay.tier if stay else None
    after = shown.tier if shown else None
    if (before == after and (stay is None or shown is None or stay.until == shown.until)) or (
        shown is not None and before is None and shown.cause is Cause.ENTERED
    ):
        return []
    payload = {
        "member": member.number,
        "ladder": live.ladder.key,
        "cause": shown.cause if shown else Cause.DROPPED,
        "until": shown.until.isoformat() if shown and shown.until else None,
    }
    if before == after:
        return [Fact(member.programme_id, "tier.extended", {**payload, "tier": after}, at)]
    return [Fact(member.programme_id, "tier.changed", {**payload, "from": before, "to": after}, at)]


def _note_carry(writes: _Writes, live: Live, member: Member, known: Known, outcome: Outcome) -> None:
    if outcome.carry_from is None or outcome.carry is None:
        return
    before = (known.cases[member.pk].carried or {}).get(outcome.carry_from, {})
    for metric in {*before, *outcome.carry}:
        amount = outcome.carry.get(metric, 0)
        if amount != before.get(metric, 0):
            writes.carries.append(
                TierCarry(
                    member=member, ladder=live.ladder, window_from=outcome.carry_from, metric=metric, amount=amount
                )
            )


def _marks_of(live: Live, members: Sequence[Member]) -> set[tuple[int, str, datetime | None, int]]:
    if not live.definition.milestones:
        return set()
    rows = TierMilestone.objects.filter(ladder=live.ladder, member__in=[member.pk for member in members])
    return set(rows.values_list("member_id", "milestone", "window_from", "number"))


def _note_milestones(
    writes: _Writes,
    live: Live,
    member: Member,
    known: Known,
    outcome: Outcome,
    marks: set[tuple[int, str, datetime | None, int]],
) -> None:
    names = {mark.key: mark.name for mark in live.definition.milestones}
    at = known.cases[member.pk].at
    for reached in outcome.milestones:
        for number in range(1, reached.times + 1):
            if (member.pk, reached.milestone, reached.start, number) in marks:
                continue
            writes.marks.append(
                TierMilestone(
                    member=member,
                    ladder=live.ladder,
                    milestone=reached.milestone,
                    name=names[reached.milestone],
                    window_from=reached.start,
                    number=number,
                    reached_at=at,
                )
            )
            payload = {
                "member": member.number,
                "ladder": live.ladder.key,
                "milestone": reached.milestone,
                "number": number,
            }
            writes.facts.append(Fact(member.programme_id, "milestone.reached", payload, at))


def _write(writes: _Writes) -> None:
    for at, ids in writes.grants_over.items():
        TierGrant.objects.filter(pk__in=ids).update(ended_at=at)
    for at, ids in writes.ends.items():
        TierStay.objects.filter(pk__in=ids).update(ended_at=at)
    if writes.due:
        TierStay.objects.bulk_update(writes.due, ["due_at"])
    TierStay.objects.bulk_create(writes.begins)
    TierGrant.objects.bulk_create(writes.grants)
    TierCarry.objects.bulk_create(
        writes.carries,
        update_conflicts=True,
        unique_fields=["member", "ladder", "window_from", "metric"],
        update_fields=["amount"],
    )
    TierMilestone.objects.bulk_create(writes.marks)
    outbox.record(writes.facts)
