"""Segments follow what happens: members are noted, looked at soon after, and all of them each night."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from events.models import OutboxEvent
from ledger import nightly
from ledger.nightly import Batch, NightlyRun, Step
from members.segments import services
from members.segments.models import Segment

# What these say changes nothing that a segment could ask about.
_MEANINGLESS = ("segment.", "points.")


def on_events(events: Sequence[OutboxEvent], _at: datetime) -> None:
    """Note to whom something happened; `look_at_touched` sees what that changes."""
    named = {
        (event.programme_id, event.payload["member"])
        for event in events
        if event.payload.get("member") and not event.type.startswith(_MEANINGLESS)
    }
    if named:
        programmes, numbers = zip(*sorted(named), strict=True)
        with connection.cursor() as cursor:
            cursor.execute(_TOUCH, [list(programmes), list(numbers)])


@transaction.atomic
def look_at_touched(*, at: datetime, count: int = 5000) -> int:
    """
    Look anew at members to whom something happened, in all segments of their programmes; return how many there were.

    Safe twice and in two workers: each takes others.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [count])
        rows = cursor.fetchall()
    touched: dict[int, list[int]] = {}
    for programme_id, member_id in rows:
        touched.setdefault(programme_id, []).append(member_id)
    segments = Segment.objects.filter(programme__in=list(touched)).order_by("pk")
    for segment_id, programme_id in segments.values_list("pk", "programme_id"):
        services.refresh(segment_id=segment_id, at=at, among=sorted(touched[programme_id]))
    return len(rows)


def register() -> None:
    """Add the step of the night; called when the app starts."""
    nightly.add(
        nightly.SEGMENTS, Step("segments", _("Find the members of segments that move with time"), _moving, _find)
    )


def _moving(run: NightlyRun) -> int:
    return Segment.objects.filter(programme=run.programme_id, moves=True).count()


def _find(run: NightlyRun, cursor: int) -> Batch:
    moving = Segment.objects.filter(programme=run.programme_id, moves=True, pk__gt=cursor).order_by("pk")
    segment_id = moving.values_list("pk", flat=True).first()
    if segment_id is None:
        return Batch(0, None)
    services.refresh(segment_id=segment_id, at=run.at)
    return Batch(1, segment_id)


_TOUCH = """
INSERT INTO members_touched (member_id)
SELECT member.id FROM unnest(%s::bigint[], %s::text[]) AS named (programme_id, number)
  JOIN members_member member ON member.programme_id = named.programme_id AND member.number = named.number
 ORDER BY member.id
ON CONFLICT DO NOTHING
"""
_TAKE = """
WITH taken AS (
  DELETE FROM members_touched WHERE member_id IN (
    SELECT member_id FROM members_touched ORDER BY member_id LIMIT %s FOR UPDATE SKIP LOCKED)
  RETURNING member_id)
SELECT member.programme_id, member.id FROM taken JOIN members_member member ON member.id = taken.member_id
"""
