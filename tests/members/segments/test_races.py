"""Segments that are found anew by many at once."""

from datetime import timedelta

import pytest

from events.models import OutboxEvent
from members.models import Segment, Touched
from members.segments.keeping import look_at_touched
from members.segments.services import Crossed, create_segment, refresh
from tests.campaigns.trade import NOON, a_member, buy
from tests.crowd import at_once
from tests.members.segments.spenders import SPENT_50_IN_30_DAYS, names_in

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
DAY = timedelta(days=1)


def test_of_two_that_look_at_once_one_tells(grocer, ada):
    segment = create_segment(programme=grocer, key="s", name="S", condition=SPENT_50_IN_30_DAYS, at=NOON)
    for number in range(6):
        bought = NOON + number * 100 * DAY
        buy(grocer, 5000, reference=str(number), at=bought)

        came = at_once(2, lambda _, at=bought + DAY: refresh(segment_id=segment.pk, at=at))
        went = at_once(2, lambda _, at=bought + 50 * DAY: refresh(segment_id=segment.pk, at=at))

        assert sorted(came, key=lambda crossed: crossed.entered) == [Crossed(0, 0), Crossed(1, 0)]
        assert sorted(went, key=lambda crossed: crossed.left) == [Crossed(0, 0), Crossed(0, 1)]
    assert OutboxEvent.objects.filter(type__startswith="segment.").count() == 12


def test_touched_members_are_looked_at_by_one_of_many(grocer):
    create_segment(programme=grocer, key="s", name="S", condition=SPENT_50_IN_30_DAYS, at=NOON)
    create_segment(programme=grocer, key="t", name="T", condition=SPENT_50_IN_30_DAYS, at=NOON)
    people = [a_member(grocer, f"m{number:02}") for number in range(30)]
    for member in people:
        buy(grocer, 5000, reference=member.name, customer=member.name.lower(), at=NOON + DAY)
    Touched.objects.bulk_create(Touched(member=member) for member in people)

    answers = at_once(4, lambda _: look_at_touched(at=NOON + 2 * DAY, count=10))

    assert sum(answers) == 30
    assert not Touched.objects.exists()
    expected = sorted(member.name for member in people)
    assert [names_in(segment) for segment in Segment.objects.order_by("key")] == [expected, expected]
