"""What is answered about the tiers of a member."""

from datetime import UTC, datetime

import msgspec

from integrations.api.documents.values import AmountText, Instant, SafeInteger
from kernel.amounts import format_minor
from members.tiers.models import TierGrant
from members.tiers.progress import Goal, Part, Progress


class TierPartDocument(msgspec.Struct, frozen=True):
    """What of one metric counts now (`have`), how much of it is asked for (`need`), and what is `missing`."""

    metric: str
    have: AmountText
    need: AmountText
    missing: AmountText


class TierGoalDocument(msgspec.Struct, frozen=True):
    """
    What it takes to reach or to keep a tier: all of `all_of`, and one of `any_of` if there are some, before `by` (null:
    no end). `is_met` says whether it is there already.
    """

    tier: str
    name: str
    is_met: bool
    by: Instant | None
    all_of: list[TierPartDocument]
    any_of: list[TierPartDocument]


class MemberTierDocument(msgspec.Struct, frozen=True):
    """
    Where a member is on one ladder. `tier` is null for none, `until` the first instant at which it may be lost, null
    for no end. `next` and `keep` are null where there is nothing to reach, or nothing to do to stay. `cause` is
    `ENTERED`, `EARNED`, `KEPT`, `GRACE`, `DROPPED`, `MANUAL`, `CHALLENGE`, `PAID` or `LIFETIME`.
    """

    ladder: str
    name: str
    tier: str | None
    tier_name: str | None
    cause: str | None
    since: Instant | None
    until: Instant | None
    next: TierGoalDocument | None
    keep: TierGoalDocument | None


class MemberTiersDocument(msgspec.Struct, frozen=True):
    """A member on every ladder of the programme, oldest ladder first."""

    member: str
    at: Instant
    ladders: list[MemberTierDocument]


class TierGrantDocument(msgspec.Struct, frozen=True):
    """A tier that a member has at least, from `since` until `until` (exclusive; null: for good)."""

    id: SafeInteger
    member: str
    ladder: str
    tier: str
    cause: str
    since: Instant
    until: Instant | None


def grant_document(grant: TierGrant, *, number: str, ladder: str) -> TierGrantDocument:
    """A grant of the member with this number on the ladder with this key."""
    until = grant.until.astimezone(UTC) if grant.until else None
    return TierGrantDocument(grant.pk, number, ladder, grant.tier, grant.cause, grant.since.astimezone(UTC), until)


def tiers_document(number: str, found: list[Progress], *, at: datetime) -> MemberTiersDocument:
    """Where a member is at an instant."""
    return MemberTiersDocument(number, at.astimezone(UTC), [_ladder(one) for one in found])


def _ladder(one: Progress) -> MemberTierDocument:
    return MemberTierDocument(
        ladder=one.ladder,
        name=one.ladder_name,
        tier=one.tier or None,
        tier_name=one.name or None,
        cause=one.cause or None,
        since=one.since.astimezone(UTC) if one.since else None,
        until=one.until.astimezone(UTC) if one.until else None,
        next=_goal(one.next),
        keep=_goal(one.keep),
    )


def _goal(goal: Goal | None) -> TierGoalDocument | None:
    if goal is None:
        return None
    return TierGoalDocument(
        tier=goal.tier,
        name=goal.name,
        is_met=goal.is_met,
        by=goal.by.astimezone(UTC) if goal.by else None,
        all_of=[_part(part) for part in goal.parts],
        any_of=[_part(part) for part in goal.optional],
    )


def _part(part: Part) -> TierPartDocument:
    missing = max(0, part.need - part.have)
    have, need, lacks = (format_minor(amount, decimals=part.decimals) for amount in (part.have, part.need, missing))
    return TierPartDocument(part.metric, have, need, lacks)
