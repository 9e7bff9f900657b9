"""Tiers that are given: by hand, on trial, paid for; each a floor with an end, and on record."""

from datetime import timedelta

import msgspec
import pytest

from events.models import OutboxEvent
from ledger.errors import ReferenceReused
from members.tiers import services
from members.tiers.definitions import Challenge, Quota
from members.tiers.errors import (
    ChallengeNotOffered,
    ChallengeTooSoon,
    GrantEndInvalid,
    GrantUnknown,
    LadderNotLive,
    TierUnknown,
)
from members.tiers.models import TierGrant, TierStay
from members.tiers.services import Floor
from tests.members.families import a_member, founded, joined, offered
from tests.members.tiers.ladders import A, noon, the_end_of
from tests.members.tiers.people import BEGINNING, a_ladder, earn, facts, held, looked_at, story

MAY = noon("2026-05-17")
DAY = timedelta(days=1)
TRIAL = Challenge("gold", 90, Quota("points:points", 300), once_in_years=2)


@pytest.fixture
def ada(bakery):
    return a_member(bakery, "Ada")


def by_hand(member, ladder, tier="gold", *, until=None, at=MAY):
    return services.override(member=member, floor=Floor(ladder, tier, until), reason="Our mistake", by="Mara", at=at)


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (TierGrant, TierStay)], OutboxEvent.objects.count()


def test_a_tier_by_hand_lifts_at_once_and_says_who_and_why(bakery, ada):
    ladder = a_ladder(bakery)
    looked_at(ada, at=BEGINNING)

    grant = by_hand(ada, ladder, until=the_end_of("2026-12-31"))

    assert (held(ada), story(ada)[-1]) == ("gold to 2026-12-31", ("gold", "MANUAL"))
    assert (grant.reason, grant.given_by) == ("Our mistake", "Mara")
    assert [(fact["to"], fact["cause"]) for fact in facts("tier.changed")] == [("gold", "MANUAL")]


def test_what_lies_beneath_goes_on_and_is_there_when_the_floor_ends(bakery, ada):
    ladder = a_ladder(bakery)
    earn(ada, 500, at=MAY)
    looked_at(ada, at=MAY)
    by_hand(ada, ladder, until=the_end_of("2026-12-31"))

    looked_at(ada, at=the_end_of("2026-12-31"))

    assert held(ada) == "silver to 2027-12-31"
    assert TierGrant.objects.get().ended_at == the_end_of("2026-12-31")


def test_a_floor_that_is_ended_is_ended_once(bakery, ada):
    ladder = a_ladder(bakery)
    grant = by_hand(ada, ladder)

    services.end_grant(grant_id=grant.pk, by="Otto", at=MAY + DAY)
    before = rows()
    again = services.end_grant(grant_id=grant.pk, by="Mara", at=MAY + 2 * DAY)

    assert (held(ada), again.ended_by, again.ended_at) == ("green", "Otto", MAY + DAY)
    assert rows() == before


def test_a_review_whose_clock_is_behind_takes_no_floor_away(bakery, ada):
    ladder = a_ladder(bakery)
    looked_at(ada, at=BEGINNING)
    by_hand(ada, ladder)

    assert looked_at(ada, at=MAY - DAY) == 0

    assert held(ada) == "gold"


def test_another_tier_by_hand_takes_the_place_of_the_first(bakery, ada):
    ladder = a_ladder(bakery)
    by_hand(ada, ladder)

    by_hand(ada, ladder, "silver", at=MAY + DAY)

    assert held(ada) == "silver"
    assert [grant.ended_by for grant in TierGrant.objects.order_by("pk")] == ["Mara", ""]


@pytest.mark.parametrize(
    ("tier", "until", "refusal"),
    [
        ("copper", None, TierUnknown),
        ("gold", MAY, GrantEndInvalid),
        ("gold", MAY + 36_525 * DAY, GrantEndInvalid),
    ],
)
def test_a_tier_that_is_none_or_ends_at_once_is_refused(bakery, ada, tier, until, refusal):
    ladder = a_ladder(bakery)
    before = rows()

    with pytest.raises(refusal):
        by_hand(ada, ladder, tier, until=until)

    assert rows() == before


def test_a_ladder_that_is_not_in_force_gives_nothing(bakery, ada):
    ladder = a_ladder(bakery)

    with pytest.raises(LadderNotLive):
        by_hand(ada, ladder, at=BEGINNING - DAY)
    with pytest.raises(GrantUnknown):
        services.end_grant(grant_id=1_000_000, by="Mara", at=MAY)

    assert TierGrant.objects.count() == 0


def test_who_meets_the_challenge_keeps_its_tier(bakery, ada):
    ladder = a_ladder(bakery, challenge=TRIAL)
    earn(ada, 299, at=MAY - DAY)

    services.start_challenge(member=ada, ladder=ladder, at=MAY)
    on_trial = held(ada)
    earn(ada, 299, at=MAY + DAY)
    looked_at(ada, at=MAY + DAY)
    almost = held(ada)
    earn(ada, 1, at=MAY + 2 * DAY)
    looked_at(ada, at=MAY + 2 * DAY)

    assert (on_trial, almost) == ("gold to 2026-08-15", "gold to 2026-08-15")
    assert (held(ada), story(ada)[-1]) == ("gold to 2027-12-31", ("gold", "CHALLENGE"))


def test_who_does_not_meet_it_stands_where_they_earned(bakery, ada):
    ladder = a_ladder(bakery, challenge=TRIAL)
    services.start_challenge(member=ada, ladder=ladder, at=MAY)
    earn(ada, 500, at=MAY + 100 * DAY)

    looked_at(ada, at=MAY + 100 * DAY)

    assert held(ada) == "silver to 2027-12-31"
    assert TierGrant.objects.get().ended_at is not None


def test_a_challenge_is_once_in_its_years(bakery, ada):
    ladder = a_ladder(bakery, challenge=TRIAL)
    services.start_challenge(member=ada, ladder=ladder, at=MAY)

    with pytest.raises(ChallengeTooSoon) as refused:
        services.start_challenge(member=ada, ladder=ladder, at=MAY + 400 * DAY)
    again = services.start_challenge(member=ada, ladder=ladder, at=noon("2028-05-18"))

    assert refused.value.facts == {"until": noon("2028-05-17")}
    assert again.tier == "gold"


def test_nobody_tries_what_they_hold_or_what_there_is_not(bakery, ada):
    ladder, plain = a_ladder(bakery, challenge=TRIAL), a_ladder(bakery, key="plain")
    earn(ada, 1000, at=MAY)
    looked_at(ada, at=MAY)
    before = rows()

    for one in (ladder, plain):
        with pytest.raises(ChallengeNotOffered):
            services.start_challenge(member=ada, ladder=one, at=MAY)

    assert rows() == before


def test_a_paid_tier_is_held_by_the_household_while_it_is_paid(bakery, ada):
    offered(bakery)
    bob = a_member(bakery, "Bob")
    founded(ada)
    joined(ada, bob)
    paid_only = msgspec.structs.replace(A.tiers[1], entry=None, keep=None)
    ladder = a_ladder(bakery, tiers=(A.tiers[0], paid_only))
    floor = Floor(ladder, "silver", the_end_of("2027-05-16"))

    first, again = (
        services.grant_paid(member=ada, floor=floor, reference="fee 1", at=MAY, with_household=True) for _ in range(2)
    )

    assert (first.grant, first.fresh, again.grant, again.fresh) == (again.grant, True, first.grant, False)
    assert (held(ada), held(bob)) == ("silver to 2027-05-16", "silver to 2027-05-16")
    assert TierGrant.objects.filter(given_with=first.grant).count() == 1

    looked_at(ada, bob, at=the_end_of("2027-05-16"))

    assert (held(ada), held(bob)) == ("green", "green")


def test_a_tier_paid_once_for_good_has_no_end(bakery, ada):
    ladder = a_ladder(bakery)

    services.grant_paid(member=ada, floor=Floor(ladder, "gold"), reference="fee 1", at=MAY)
    looked_at(ada, at=noon("2036-01-01"))

    assert (held(ada), story(ada)[-1]) == ("gold", ("gold", "PAID"))


@pytest.mark.parametrize("tier", ["gold", "silver"])
def test_a_reference_stands_for_one_fee_of_one_member(bakery, ada, tier):
    ladder = a_ladder(bakery)
    bob = a_member(bakery, "Bob")
    services.grant_paid(member=ada, floor=Floor(ladder, "gold"), reference="fee 1", at=MAY)
    before = rows()

    with pytest.raises(ReferenceReused):
        services.grant_paid(member=bob if tier == "gold" else ada, floor=Floor(ladder, tier), reference="fee 1", at=MAY)

    assert rows() == before
