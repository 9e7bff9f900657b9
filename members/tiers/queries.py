"""Who is in which tier."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from django.db.models import QuerySet

from members.models import Member
from members.tiers.errors import LadderUnknown
from members.tiers.models import TierGrant, TierLadder, TierStay
from roundtrips import Question, ask


class _Row(msgspec.Struct):
    member_id: int
    ladder: str
    tier: str


_decode = msgspec.json.Decoder(list[_Row]).decode
Tiers = dict[int, dict[str, str]]


def tiers_at(member_ids: Sequence[int], *, at: datetime) -> Tiers:
    """
    The tiers that members were in at an instant, `{member_id: {ladder key: tier key}}`, in one query; who was in none
    is left out. By the stays alone: what was known then, whatever was learnt since.
    """
    return ask(tiers_asked(member_ids, at=at)) if member_ids else {}


def tiers_asked(member_ids: Sequence[int], *, at: datetime) -> Question[Tiers]:
    """The question that `tiers_at` asks, for those who ask more at once."""
    return Question(("members_tiers_at(%s, %s)",), (list(member_ids), at), lambda row: _by_member(_decode(row[0])))


def stays_of(member: Member) -> QuerySet[TierStay]:
    """All stays of a member, newest first."""
    return TierStay.objects.filter(member=member).select_related("ladder", "version").order_by("-since", "-pk")


def grants_of(member: Member) -> QuerySet[TierGrant]:
    """What lifts a member, newest first, ended grants too."""
    return TierGrant.objects.filter(member=member).select_related("ladder").order_by("-since", "-pk")


def ladders_of(programme_ids: Sequence[int]) -> QuerySet[TierLadder]:
    """Ladders of some programmes, oldest first."""
    return TierLadder.objects.filter(programme__in=programme_ids).select_related("programme").order_by("pk")


def required_ladder(programme_id: int, key: str) -> TierLadder:
    """:raises LadderUnknown: if the programme has no such ladder"""
    ladder = TierLadder.objects.filter(programme=programme_id, key=key).first()
    if ladder is None:
        raise LadderUnknown(ladder=key)
    return ladder


def _by_member(rows: Sequence[_Row]) -> Tiers:
    found: Tiers = {}
    for row in rows:
        found.setdefault(row.member_id, {})[row.ladder] = row.tier
    return found
