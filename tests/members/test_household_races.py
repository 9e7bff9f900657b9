"""Households with many at once: one household for each member, one head, no place given twice."""

import pytest

from members.households import queries
from members.households import services as households
from members.households.models import HouseholdTerms
from tests.counter.people import NOON
from tests.crowd import at_once
from tests.ledger import books
from tests.members.families import a_member, founded, give, joined, offered, points_of

pytestmark = pytest.mark.django_db(transaction=True, serialized_rollback=True)


@pytest.fixture(autouse=True)
def _books_add_up(db):
    yield
    assert books.findings() == []


def test_of_two_invitations_accepted_at_once_one_is(bakery):
    offered(bakery)
    bob = a_member(bakery, "Bob")
    for _ in range(6):
        heads = [a_member(bakery, name) for name in ("Ada", "Dora")]
        for head in heads:
            founded(head)
        asked = [households.invite(by=head, number=bob.number, role="ADULT", at=NOON) for head in heads]

        answers = at_once(
            2, lambda number, asked=asked: households.accept(member=bob, invitation_id=asked[number].pk, at=NOON)
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["HouseholdMember", "InHouseholdAlready"]
        HouseholdTerms.objects.update(rest_days=0)
        households.leave(member=bob, at=NOON)


def test_the_last_place_is_taken_once(bakery):
    offered(bakery, most=3)
    for _ in range(4):
        ada, bob, dora = (a_member(bakery, name) for name in ("Ada", "Bob", "Dora"))
        founded(ada)
        asked = [households.invite(by=ada, number=one.number, role="ADULT", at=NOON) for one in (bob, dora)]
        HouseholdTerms.objects.update(max_members=2)

        answers = at_once(
            2,
            lambda number, who=(bob, dora), asked=asked: households.accept(
                member=who[number], invitation_id=asked[number].pk, at=NOON
            ),
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["HouseholdFull", "HouseholdMember"]
        HouseholdTerms.objects.update(max_members=3)


def test_headship_handed_to_two_at_once_has_one_heir(bakery):
    offered(bakery)
    for _ in range(4):
        ada, bob, dora = (a_member(bakery, name) for name in ("Ada", "Bob", "Dora"))
        household = founded(ada)
        joined(ada, bob)
        joined(ada, dora)

        answers = at_once(
            2,
            lambda number, ada=ada, who=(bob, dora): households.change_role(
                by=ada, number=who[number].number, role="HEAD", at=NOON
            ),
        )

        assert sorted(type(answer).__name__ for answer in answers) == ["NoneType", "NotHead"]
        assert household.people.filter(role="HEAD", state="ACTIVE").count() == 1


def test_handing_over_meets_the_heir_leaving(bakery):
    offered(bakery, rest=0)
    for _ in range(6):
        ada, bob = a_member(bakery, "Ada"), a_member(bakery, "Bob")
        household = founded(ada)
        joined(ada, bob)

        def act(number, ada=ada, bob=bob):
            if number:
                households.leave(member=bob, at=NOON)
            else:
                households.change_role(by=ada, number=bob.number, role="HEAD", at=NOON)

        refused = [type(answer).__name__ for answer in at_once(2, act) if answer is not None]

        assert refused in (["HeadStays"], ["HouseholdUnknown"])
        assert household.people.filter(role="HEAD", state="ACTIVE").count() == 1


def test_dissolving_meets_contributing_and_joining(bakery):
    offered(bakery)
    for number in range(6):
        ada, bob, dora = (a_member(bakery, name, 100) for name in ("Ada", "Bob", "Dora"))
        founded(ada)
        joined(ada, bob)
        asked = households.invite(by=ada, number=dora.number, role="ADULT", at=NOON)
        acts = [
            lambda ada=ada: households.dissolve(by=ada, at=NOON),
            lambda bob=bob: give(bob, 60),
            lambda dora=dora, asked=asked: households.accept(member=dora, invitation_id=asked.pk, at=NOON),
        ]

        at_once(3, lambda turn, acts=acts: acts[turn]())

        assert [points_of(member) for member in (ada, bob, dora)] == [100, 100, 100]
        assert [queries.place_of(member) for member in (ada, bob, dora)] == [None, None, None], number
