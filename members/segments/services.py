"""Segments are made and changed, and found anew."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from conditions.asking import moves_with_time
from members.errors import SegmentInvalid
from members.segments.finding import members_found
from members.segments.models import Segment
from members.segments.queries import read_condition
from shops.models import Programme

ENTERED, LEFT = "segment.entered", "segment.left"


@dataclass(frozen=True, slots=True)
class Crossed:
    """How many members came into a segment and how many left it."""

    entered: int
    left: int


@transaction.atomic
def create_segment(*, programme: Programme, key: str, name: str, condition: Mapping[str, Any], at: datetime) -> Segment:
    """
    Name a condition. Whom it holds for is in the segment from the start: nobody enters it, so nothing is told.

    :raises ConditionInvalid: if the condition can't be understood
    :raises SegmentInvalid: for a name or a key that can't be, or a key that is taken
    """
    node = read_condition(condition, programme_id=programme.pk)
    segment = Segment(programme=programme, key=key, name=name.strip(), condition=condition, moves=moves_with_time(node))
    _save(segment)
    refresh(segment_id=segment.pk, at=at)
    segment.refresh_from_db()
    return segment


@transaction.atomic
def change_segment(*, segment: Segment, name: str, condition: Mapping[str, Any], at: datetime) -> Segment:
    """
    Say a segment anew; its key stays. Who comes in or leaves by that is told as at any other time.

    :raises ConditionInvalid: if the condition can't be understood; nothing was changed
    :raises SegmentInvalid: for a name that can't be
    """
    node = read_condition(condition, programme_id=segment.programme_id)
    segment = Segment.objects.select_for_update(no_key=True, of=("self",)).get(pk=segment.pk)
    segment.name, segment.condition, segment.moves = name.strip(), condition, moves_with_time(node)
    _save(segment)
    refresh(segment_id=segment.pk, at=at)
    segment.refresh_from_db()
    return segment


@transaction.atomic
def refresh(*, segment_id: int, at: datetime, among: Sequence[int] | None = None) -> Crossed:
    """
    Find a segment's members anew, or look only at those `among` them that something happened to, and tell who crossed.

    Two at once wait for each other; the later one never looks at an earlier moment. Repeating it changes nothing.
    """
    segment = (
        Segment.objects.select_for_update(no_key=True, of=("self",)).select_related("programme").get(pk=segment_id)
    )
    is_first = segment.refreshed_at is None
    at = max(at, segment.refreshed_at or at)
    query = members_found(
        read_condition(segment.condition, programme_id=segment.programme_id),
        programme_id=segment.programme_id,
        at=at,
        zone=segment.programme.time_zone,
        among=among,
    )
    those = None if among is None else list(among)
    parameters = (segment_id, at, those, not is_first, segment.programme_id, segment.key, ENTERED, LEFT)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH found AS MATERIALIZED ({query.text}), {_CROSSING}", (*query.parameters, *parameters))
        crossed = Crossed(*cursor.fetchone()[:2])
    Segment.objects.filter(pk=segment_id).update(refreshed_at=at)
    return crossed


def _save(segment: Segment) -> None:
    try:
        segment.full_clean()
    except ValidationError as error:
        raise SegmentInvalid(key=segment.key, name=segment.name, problems=error.messages) from error
    segment.save()


_CROSSING = """
asked AS (SELECT %s::bigint AS segment_id, %s::timestamptz AS at, %s::bigint[] AS among),
entered AS (
  INSERT INTO members_segmentmember (segment_id, member_id, since)
  SELECT asked.segment_id, found.id, asked.at FROM found, asked
   WHERE NOT EXISTS (SELECT FROM members_segmentmember belongs
                      WHERE belongs.segment_id = asked.segment_id AND belongs.member_id = found.id)
  RETURNING member_id),
gone AS (
  DELETE FROM members_segmentmember belongs USING asked
   WHERE belongs.segment_id = asked.segment_id AND (asked.among IS NULL OR belongs.member_id = ANY(asked.among))
     AND NOT EXISTS (SELECT FROM found WHERE found.id = belongs.member_id)
  RETURNING belongs.member_id),
told AS (SELECT %s AS is_told, %s::bigint AS programme_id, %s::text AS key, %s::text AS entered, %s::text AS gone),
facts AS (
  SELECT told.programme_id, told.entered AS type, found.number, told.key FROM entered, told, found
   WHERE told.is_told AND found.id = entered.member_id
  UNION ALL
  SELECT told.programme_id, told.gone, member.number, told.key FROM gone, told, members_member member
   WHERE told.is_told AND member.id = gone.member_id)
SELECT (SELECT count(*) FROM entered), (SELECT count(*) FROM gone), events_record(coalesce((
  SELECT json_agg(json_build_object('programme_id', programme_id, 'type', type, 'occurred_at', asked.at,
                                    'payload', json_build_object('segment', key, 'member', number))
                  ORDER BY type, number) FROM facts, asked), '[]'))
"""
