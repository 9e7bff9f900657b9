"""Segments: who is in them, who enters and leaves, and what is told of it."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.definitions import Fixed
from conditions.errors import ConditionInvalid
from events.models import OutboxEvent
from events.outbox import relay_batch
from ledger.nightly import runs
from ledger.nightly.runs import Went
from members.attributes.services import change_tags
from members.errors import SegmentInvalid
from members.models import Segment, SegmentMember, Touched
from members.segments.keeping import look_at_touched
from members.segments.queries import count_found, segments_of, sizes
from members.segments.services import Crossed, change_segment, create_segment, refresh
from tests.campaigns.trade import NOON, a_campaign, a_member, a_programme, bring_back, buy, rules
from tests.members.segments.spenders import SPENT_50_IN_30_DAYS, VIP, names_in

JULY = datetime(2026, 7, 1, 12, tzinfo=UTC)


@pytest.fixture
def spenders(grocer, ada):
    """A segment of those who spent 50 euro in 30 days; Ada did, Bob is about to."""
    a_member(grocer, "bob")
    buy(grocer, 5000)
    return create_segment(
        programme=grocer, key="spenders", name="Spenders", condition=SPENT_50_IN_30_DAYS, at=NOON + timedelta(days=1)
    )


def told(kind):
    return [event.payload for event in OutboxEvent.objects.filter(type=kind).order_by("pk")]


def hand_on(at):
    while relay_batch(at=at):
        pass
    return look_at_touched(at=at)


def test_whom_it_holds_for_is_in_it_from_the_start_and_enters_nothing(spenders, ada):
    assert names_in(spenders) == ["Ada"]
    assert spenders.moves
    assert [told("segment.entered"), told("segment.left")] == [[], []]
    assert segments_of(ada.pk) == [spenders]
    assert sizes([spenders.pk]) == {spenders.pk: 1}


def test_an_order_brings_a_member_in_and_a_return_takes_them_out(grocer, spenders):
    hand_on(NOON + timedelta(days=1))
    buy(grocer, 6000, reference="2", customer="bob", at=NOON + timedelta(days=2))
    assert hand_on(NOON + timedelta(days=3)) == 1
    after_buying = names_in(spenders)

    bring_back(grocer, (1, 1), of="2", at=NOON + timedelta(days=4))
    hand_on(NOON + timedelta(days=5))

    bob = spenders.programme.members.get(name="Bob").number
    assert (after_buying, names_in(spenders)) == (["Ada", "Bob"], ["Ada"])
    assert told("segment.entered") == told("segment.left") == [{"segment": "spenders", "member": bob}]
    assert not Touched.objects.exists()


def test_looking_again_changes_nothing(grocer, spenders):
    buy(grocer, 6000, reference="2", customer="bob", at=NOON + timedelta(days=2))
    at = NOON + timedelta(days=3)

    first, again = refresh(segment_id=spenders.pk, at=at), refresh(segment_id=spenders.pk, at=at)

    assert (first, again) == (Crossed(1, 0), Crossed(0, 0))
    assert len(told("segment.entered")) == 1


def test_only_those_are_looked_at_that_something_happened_to(grocer, spenders, ada):
    buy(grocer, 6000, reference="2", customer="bob", at=NOON + timedelta(days=2))

    assert refresh(segment_id=spenders.pk, at=NOON + timedelta(days=3), among=[ada.pk]) == Crossed(0, 0)
    assert names_in(spenders) == ["Ada"]


def test_time_takes_members_out_at_night(grocer, spenders, ada):
    runs.begin_due(at=JULY)
    for run in runs.unfinished():
        while runs.work(run_id=run.pk, at=JULY) is Went.ON:
            pass

    assert names_in(spenders) == []
    assert told("segment.left") == [{"segment": "spenders", "member": ada.number}]


def test_an_earlier_moment_is_never_looked_at_again(spenders):
    refresh(segment_id=spenders.pk, at=JULY)

    assert refresh(segment_id=spenders.pk, at=NOON + timedelta(days=1)) == Crossed(0, 0)
    spenders.refresh_from_db()
    assert spenders.refreshed_at == JULY


def test_a_tag_is_seen_soon(grocer, ada):
    segment = create_segment(programme=grocer, key="vip", name="VIP", condition=VIP, at=NOON)
    change_tags(member=ada, add=["vip"], at=NOON)
    hand_on(NOON)
    inside = names_in(segment)
    change_tags(member=ada, remove=["vip"], at=NOON)
    hand_on(NOON)

    assert (segment.moves, inside, names_in(segment)) == (False, ["Ada"], [])


def test_a_changed_condition_moves_members(grocer, spenders):
    changed = change_segment(segment=spenders, name="Nobody", condition=VIP, at=NOON + timedelta(days=2))

    assert (changed.name, changed.moves, names_in(changed)) == ("Nobody", False, [])
    assert len(told("segment.left")) == 1


def test_members_of_another_programme_are_never_in_it(grocer, spenders):
    baker = a_programme("baker")
    a_member(baker, "eve")
    everybody = create_segment(programme=baker, key="all", name="All", condition={"all": []}, at=NOON)
    refresh(segment_id=spenders.pk, at=NOON + timedelta(days=1), among=[baker.members.get().pk])

    assert (names_in(spenders), names_in(everybody)) == (["Ada"], ["Eve"])


def test_the_count_is_told_before_anything_is_saved(grocer, spenders):
    counted = count_found(programme=grocer, condition=SPENT_50_IN_30_DAYS, at=NOON + timedelta(days=1))

    assert (counted.found, counted.members) == (1, 2)


@pytest.mark.parametrize(
    ("key", "name", "condition", "refusal"),
    [
        ("spenders", "Again", VIP, SegmentInvalid),
        ("Big", "Big", VIP, SegmentInvalid),
        ("big", " ", VIP, SegmentInvalid),
        ("big", "Big", {"all": [{"field": "order.total", "op": "eq", "value": 1}]}, ConditionInvalid),
        ("big", "Big", {"field": "member.segments", "op": "has_any", "value": ["vip"]}, ConditionInvalid),
    ],
)
def test_a_segment_that_makes_no_sense_is_refused(grocer, spenders, key, name, condition, refusal):
    with pytest.raises(refusal):
        create_segment(programme=grocer, key=key, name=name, condition=condition, at=NOON)

    assert list(Segment.objects.values_list("key", flat=True)) == ["spenders"]
    assert SegmentMember.objects.count() == 1


def test_a_rule_asks_for_a_segment(grocer, spenders):
    from_segment = {"field": "member.segments", "op": "has_any", "value": ["spenders"]}
    a_campaign(grocer, rules(Fixed(units=1), when=from_segment))

    later = NOON + timedelta(days=2)
    assert [len(buy(grocer, 100, reference=who, customer=who, at=later).earned) for who in ("ada", "bob")] == [1, 0]
