"""Which segments there are, how many are in them, and for whom a condition would hold."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from conditions.asking import asks_of
from conditions.errors import ConditionInvalid
from conditions.tree import Node, parse
from conditions.vocabulary import MEMBER, Vocabulary
from members.segments.finding import members_found
from members.segments.models import Segment, SegmentMember
from shops.models import Programme

SEGMENTS = "member.segments"


@dataclass(frozen=True, slots=True)
class Counted:
    """For how many members of a programme a condition holds, of how many."""

    found: int
    members: int


def words(programme_id: int) -> Vocabulary:
    """What segments of a programme may ask about."""
    return MEMBER.within(programme_id)


def read_condition(tree: Mapping[str, Any], *, programme_id: int) -> Node:
    """
    Read a segment's condition.

    :raises ConditionInvalid: if it can't be understood, or asks about segments: those could wait for each other
    """
    node = parse(tree, words(programme_id))
    if SEGMENTS in asks_of(node):
        raise ConditionInvalid(pointer="", problem=SEGMENTS, expected="anything but segments")
    return node


def count_found(*, programme: Programme, condition: Mapping[str, Any], at: datetime) -> Counted:
    """
    For how many members a condition holds now.

    :raises ConditionInvalid: if it can't be understood
    """
    node = read_condition(condition, programme_id=programme.pk)
    query = members_found(node, programme_id=programme.pk, at=at, zone=programme.time_zone)
    found = f"FROM ({query.text}) found"
    counting = f"{_COUNTS} {found}"
    with connection.cursor() as cursor:
        cursor.execute(counting, [programme.pk, *query.parameters])
        return Counted(*cursor.fetchone())


def sizes(segment_ids: Collection[int]) -> dict[int, int]:
    """How many members are in segments, by segment."""
    counted = SegmentMember.objects.filter(segment__in=segment_ids).values_list("segment").annotate(size=Count("pk"))
    return dict(counted)


def segments_of(member_id: int) -> list[Segment]:
    """The segments a member is in, by name."""
    inside = SegmentMember.objects.filter(member=member_id).values("segment")
    return list(Segment.objects.filter(pk__in=inside).order_by("name"))


_COUNTS = "SELECT count(*), (SELECT count(*) FROM members_member WHERE programme_id = %s)"
