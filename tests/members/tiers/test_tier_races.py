"""Tiers with many at once: one open stay, told once, and no floor lost."""

import pytest

from members.tiers import services
from members.tiers.models import TierGrant, TierStay
from members.tiers.services import Floor
from tests.crowd import at_once
from tests.members.families import a_member
from tests.members.tiers.ladders import noon
from tests.members.tiers.people import BEGINNING, a_ladder, earn, facts, held, looked_at

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)
MAY = noon("2026-05-17")


def test_reviews_at_once_move_a_member_once(bakery):
    a_ladder(bakery)
    people = [a_member(bakery, f"Member {number}") for number in range(6)]
    looked_at(*people, at=BEGINNING)
    for one in people:
        earn(one, 500, at=MAY)

    answers = at_once(4, lambda number: looked_at(*people[:: -1 if number % 2 else 1], at=MAY))

    assert sorted(answers) == [0, 0, 0, 6]
    assert [held(one) for one in people] == ["silver to 2027-12-31"] * 6
    assert len(facts("tier.changed")) == 6


def test_a_review_meets_a_tier_by_hand(bakery):
    ladder = a_ladder(bakery)
    for _ in range(8):
        ada = a_member(bakery, "Ada")
        looked_at(ada, at=BEGINNING)
        earn(ada, 500, at=MAY)

        def act(number, ada=ada):
            if number:
                return looked_at(ada, at=MAY)
            floor = Floor(ladder, "gold")
            return services.override(member=ada, floor=floor, reason="Our mistake", by="Mara", at=MAY)

        at_once(2, act)

        stay = TierStay.objects.get(member=ada, ended_at__isnull=True)
        assert (stay.tier, stay.cause, stay.own_tier) == ("gold", "MANUAL", "silver")


def test_of_two_tiers_given_by_hand_at_once_the_last_one_holds(bakery):
    ladder = a_ladder(bakery)
    for _ in range(6):
        ada = a_member(bakery, "Ada")

        def act(number, ada=ada):
            floor = Floor(ladder, ("silver", "gold")[number])
            return services.override(member=ada, floor=floor, reason="Our mistake", by="Mara", at=MAY)

        answers = at_once(2, act)

        in_force = TierGrant.objects.get(member=ada, ended_at__isnull=True)
        assert in_force in answers
        assert held(ada) == in_force.tier


def test_a_fee_told_twice_at_once_is_one_grant(bakery):
    ladder = a_ladder(bakery)
    for number in range(6):
        ada = a_member(bakery, "Ada")

        def act(_, ada=ada, reference=f"fee {number}"):
            return services.grant_paid(member=ada, floor=Floor(ladder, "gold"), reference=reference, at=MAY)

        first, second = at_once(2, act)

        assert first.grant == second.grant
        assert sorted([first.fresh, second.fresh]) == [False, True]


def test_a_reference_told_for_two_members_at_once_stands_for_one(bakery):
    ladder = a_ladder(bakery)
    for number in range(6):
        people = [a_member(bakery, name) for name in ("Ada", "Bob")]

        def act(which, people=people, reference=f"fee {number}"):
            return services.grant_paid(member=people[which], floor=Floor(ladder, "gold"), reference=reference, at=MAY)

        answers = at_once(2, act)

        assert sorted(type(answer).__name__ for answer in answers) == ["Paid", "ReferenceReused"]
