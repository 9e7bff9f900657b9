"""Tiers that are given: by hand, on trial, or paid for."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from dateutil.relativedelta import relativedelta
from django.db import IntegrityError, transaction

from ledger.errors import ReferenceReused
from members.households.models import HouseholdMember
from members.models import Member
from members.tiers.cases import Live, live_ladders, own_of
from members.tiers.errors import (
    ChallengeNotOffered,
    ChallengeTooSoon,
    GrantEndInvalid,
    GrantUnknown,
    LadderNotLive,
    TierUnknown,
)
from members.tiers.models import TierGrant, TierLadder, TierStay
from members.tiers.services.reviewing import review
from members.tiers.standing import Cause

LONGEST = timedelta(days=36_525)


@dataclass(frozen=True, slots=True)
class Floor:
    """At least this tier of a ladder, until `until` or until somebody ends it."""

    ladder: TierLadder
    tier: str
    until: datetime | None = None


@transaction.atomic
def override(*, member: Member, floor: Floor, reason: str, by: str, at: datetime) -> TierGrant:
    """
    Put a floor under a member by hand. It takes the place of the one given by hand before.

    :raises LadderNotLive: if no version of the ladder is in force
    :raises TierUnknown: if it has no such tier
    :raises GrantEndInvalid: if it would end before it begins, or in more than a hundred years
    """
    terms = _terms(floor, at)
    _lock([member.pk])
    in_force = TierGrant.objects.filter(member=member, ladder=floor.ladder, cause=Cause.MANUAL, ended_at__isnull=True)
    in_force.update(ended_at=at, ended_by=by)
    grant = TierGrant.objects.create(member=member, cause=Cause.MANUAL, reason=reason, given_by=by, **terms)
    review(member_ids=[member.pk], at=at)
    return grant


@transaction.atomic
def end_grant(*, grant_id: int, by: str, at: datetime) -> TierGrant:
    """
    Take a floor away; the member stands where what they did and other grants put them. Ending twice is ending once.

    :raises GrantUnknown: if there is no such grant
    """
    grant = TierGrant.objects.filter(pk=grant_id).first()
    if grant is None:
        raise GrantUnknown(grant=grant_id)
    _lock([grant.member_id])
    if TierGrant.objects.filter(pk=grant_id, ended_at__isnull=True).update(ended_at=at, ended_by=by):
        review(member_ids=[grant.member_id], at=at)
    grant.refresh_from_db()
    return grant


@transaction.atomic
def start_challenge(*, member: Member, ladder: TierLadder, at: datetime) -> TierGrant:
    """
    Let a member try the tier of the ladder's challenge. Who meets its target in time keeps the tier.

    :raises LadderNotLive: if no version of the ladder is in force
    :raises ChallengeNotOffered: if there is no challenge, or the member holds the tier, or a higher one
    :raises ChallengeTooSoon: if the member had one within the years that the ladder says
    """
    live = _live(ladder, at)
    challenge = live.definition.challenge
    if challenge is None:
        raise ChallengeNotOffered(ladder=ladder.key)
    _lock([member.pk])
    last = TierGrant.objects.filter(member=member, ladder=ladder, cause=Cause.CHALLENGE).order_by("-since").first()
    if last is not None and at < (free := last.since + relativedelta(years=challenge.once_in_years)):
        raise ChallengeTooSoon(until=free)
    own = own_of(TierStay.objects.filter(member=member, ladder=ladder, ended_at__isnull=True).first())
    held = live.definition.rank(own.tier) if own else None
    if held is not None and held >= (live.definition.rank(challenge.tier) or 0):
        raise ChallengeNotOffered(ladder=ladder.key)
    grant = TierGrant.objects.create(
        member=member,
        ladder=ladder,
        tier=challenge.tier,
        cause=Cause.CHALLENGE,
        since=at,
        until=at + timedelta(days=challenge.days),
    )
    review(member_ids=[member.pk], at=at)
    return grant


@dataclass(frozen=True, slots=True)
class Paid:
    """The grant of who paid, and whether it was given just now."""

    grant: TierGrant
    fresh: bool


@transaction.atomic
def grant_paid(*, member: Member, floor: Floor, reference: str, at: datetime, with_household: bool = False) -> Paid:
    """
    Hold a tier for a member while it is paid for; without an end when it was paid once for good. With the household,
    everybody who is in it now has it as long. The same `reference` again is the same grant.

    :raises LadderNotLive: if no version of the ladder is in force
    :raises TierUnknown: if it has no such tier
    :raises GrantEndInvalid: if it would end before it begins, or in more than a hundred years
    :raises ReferenceReused: if the reference stands for another grant
    """
    known = _known(member, floor, reference)
    if known is not None:
        return Paid(known, fresh=False)
    terms = _terms(floor, at) | {"cause": Cause.PAID, "reference": reference}
    others = _household_of(member) if with_household else []
    _lock([member.pk, *others])
    known = _known(member, floor, reference)
    if known is not None:
        return Paid(known, fresh=False)
    try:
        with transaction.atomic():
            grant = TierGrant.objects.create(member=member, **terms)
    except IntegrityError as clash:
        raise ReferenceReused(reference=reference) from clash
    TierGrant.objects.bulk_create(TierGrant(member_id=other, given_with=grant, **terms) for other in others)
    review(member_ids=[member.pk, *others], at=at)
    return Paid(grant, fresh=True)


def _known(member: Member, floor: Floor, reference: str) -> TierGrant | None:
    known = TierGrant.objects.filter(ladder=floor.ladder, reference=reference, given_with__isnull=True).first()
    if known is not None and (known.member_id, known.tier, known.until) != (member.pk, floor.tier, floor.until):
        raise ReferenceReused(reference=reference)
    return known


def _terms(floor: Floor, at: datetime) -> dict[str, Any]:
    live = _live(floor.ladder, at)
    if live.definition.rank(floor.tier) is None:
        raise TierUnknown(ladder=floor.ladder.key, tier=floor.tier)
    if floor.until is not None and not at < floor.until < at + LONGEST:
        raise GrantEndInvalid(until=floor.until)
    return {"ladder": floor.ladder, "tier": floor.tier, "since": at, "until": floor.until}


def _household_of(member: Member) -> list[int]:
    own = HouseholdMember.objects.filter(member=member, state=HouseholdMember.State.ACTIVE).values("household")
    people = HouseholdMember.objects.filter(household__in=own, state=HouseholdMember.State.ACTIVE)
    return list(people.exclude(member=member).values_list("member_id", flat=True))


def _live(ladder: TierLadder, at: datetime) -> Live:
    live = next(
        (one for one in live_ladders(at=at, programme_ids=[ladder.programme_id]) if one.ladder.pk == ladder.pk), None
    )
    if live is None:
        raise LadderNotLive(ladder=ladder.key)
    return live


def _lock(member_ids: list[int]) -> None:
    """The members' rows by id, as every review does, so that nothing is decided on what changes meanwhile."""
    list(Member.objects.select_for_update(no_key=True, of=("self",)).filter(pk__in=member_ids).order_by("pk"))
