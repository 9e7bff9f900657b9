"""Finding members by what a source, a person at the desk or a sign-in knows of them."""

import pytest

from members import queries
from members import services as members
from members.models import Member
from members.queries import FoundMember, MemberKey
from shops.models import User
from tests.counter import people
from tests.counter.people import NOON


@pytest.fixture
def bob(bakery):
    return members.enrol(
        programme=bakery,
        at=NOON,
        name="Bob Noyce",
        email="bob@example.com",
        identifiers=[("till", "B-8"), ("web", "17")],
    )


def found(member: Member, *, is_active: bool = True) -> FoundMember:
    return FoundMember(member.pk, member.wallet_id, member.number, is_active)


def test_many_are_found_by_number_and_by_identifier_in_one_query(bakery, ada, bob, django_assert_num_queries):
    by_number, by_till, by_web = MemberKey("", ada.number), MemberKey("till", "B-8"), MemberKey("web", "17")

    with django_assert_num_queries(1):
        answer = queries.find_many(programme_id=bakery.pk, keys=[by_till, by_number, by_web, by_till])

    assert answer == {by_number: found(ada), by_till: found(bob), by_web: found(bob)}


def test_who_is_not_there_is_left_out(bakery, ada, bob):
    keys = [
        MemberKey("", "100000000008"),
        MemberKey("till", "17"),
        MemberKey("web", "B-8"),
        MemberKey("", "B-8"),
        MemberKey("till", ada.number),
        MemberKey("till", "b-8"),
    ]

    assert queries.find_many(programme_id=bakery.pk, keys=keys) == {}


def test_nobody_is_asked_for_without_a_query(bakery, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert queries.find_many(programme_id=bakery.pk, keys=[]) == {}


def test_members_of_another_programme_are_not_found(ada, bob):
    butcher = people.a_programme("butcher")

    keys = [MemberKey("", ada.number), MemberKey("till", "B-8")]

    assert queries.find_many(programme_id=butcher.pk, keys=keys) == {}


def test_a_blocked_member_is_found_as_such(bakery, bob):
    Member.objects.filter(pk=bob.pk).update(status=Member.Status.BLOCKED)
    key = MemberKey("till", "B-8")

    assert queries.find_many(programme_id=bakery.pk, keys=[key]) == {key: found(bob, is_active=False)}


def test_the_membership_of_a_sign_in_is_that_of_the_programme(bakery):
    user = User.objects.create_user("eve@example.com")
    butcher = people.a_programme("butcher")
    here = members.enrol(programme=bakery, at=NOON, user=user)

    assert queries.member_of(user, bakery) == here
    assert queries.member_of(user, butcher) is None


@pytest.mark.parametrize("text", ["bob", "NOYCE", "bob@ex", "B-8", "17"])
def test_the_desk_finds_by_name_the_beginning_of_an_address_and_identifier(text, bakery, ada, bob):
    assert list(queries.search([bakery.pk], text)) == [bob]


@pytest.mark.parametrize("length", [12, 11])
def test_the_desk_finds_by_number_and_by_its_beginning(length, bakery, ada, bob):
    assert list(queries.search([bakery.pk], ada.number[:length])) == [ada]


@pytest.mark.parametrize("text", ["100000000008", "B-", "example.com", "%", "_ob"])
def test_the_desk_finds_nobody_by_less(text, bakery, ada, bob):
    assert list(queries.search([bakery.pk], text)) == []


def test_a_member_with_several_identifiers_is_found_once_and_only_in_the_programmes_asked_for(bakery, bob):
    butcher = people.a_programme("butcher")
    people.a_member(butcher, "Bob Dylan")

    assert list(queries.search([bakery.pk], "bob")) == [bob]
    assert queries.search([bakery.pk, butcher.pk], "bob").count() == 2
