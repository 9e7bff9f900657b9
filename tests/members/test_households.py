"""Households: who may found, join, lead and leave them, and what everybody takes home."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from events.models import OutboxEvent
from ledger.models import Wallet
from members.errors import (
    HeadStays,
    HouseholdFull,
    HouseholdsNotOffered,
    HouseholdTooSoon,
    HouseholdUnknown,
    InHouseholdAlready,
    InvitationUnknown,
    MayNotSpend,
    MemberBlocked,
    MemberUnknown,
    NotHead,
    ShareNotPercent,
    UnitNotPooled,
)
from members.households import queries
from members.households import services as households
from members.households.models import Household, HouseholdMember, HouseholdTerms
from members.models import Member
from tests.counter.people import NOON
from tests.ledger import books
from tests.members.families import a_member, founded, give, joined, offered, points_of, shares_of

DAY = timedelta(days=1)


@pytest.fixture
def family(bakery):
    """Ada leads; Bob is another adult, Cleo a child. Each has a hundred points."""
    offered(bakery)
    ada, bob, cleo = (a_member(bakery, name, 100) for name in ("Ada", "Bob", "Cleo"))
    founded(ada)
    joined(ada, bob)
    joined(ada, cleo, "CONTRIBUTOR")
    return ada, bob, cleo


@pytest.fixture(autouse=True)
def _books_add_up(db):
    yield
    assert books.findings() == []


@pytest.fixture(autouse=True)
def _led(db):
    """What the database asks at the end of a transaction is asked here too."""
    yield
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def facts(*, since=0):
    return list(OutboxEvent.objects.filter(pk__gt=since).order_by("pk").values_list("type", flat=True))


def rows():
    return [list(model.objects.order_by("pk").values()) for model in (Household, HouseholdMember, Wallet)]


def test_who_founds_a_household_leads_it_and_its_pool_is_empty(bakery):
    offered(bakery)
    ada = a_member(bakery, "Ada", 100)

    household = founded(ada, " The Lovelaces ")

    place = queries.place_of(ada)
    assert (household.name, place.role, place.may_spend) == ("The Lovelaces", "HEAD", True)
    assert shares_of(household, ada) == [0]
    assert facts()[-1] == "household.created"


def test_a_programme_that_offers_none_has_none(bakery):
    ada = a_member(bakery, "Ada")

    with pytest.raises(HouseholdsNotOffered):
        founded(ada)
    offered(bakery, is_offered=False)
    with pytest.raises(HouseholdsNotOffered):
        founded(ada)

    assert Household.objects.count() == 0


def test_nobody_is_in_two_households(bakery, family):
    ada, bob, _ = family
    dora = a_member(bakery, "Dora")
    founded(dora, "Other")
    asked = households.invite(by=dora, number=bob.number, role="ADULT", at=NOON)
    before = rows()

    with pytest.raises(InHouseholdAlready):
        households.accept(member=bob, invitation_id=asked.pk, at=NOON)
    with pytest.raises(InHouseholdAlready):
        founded(ada, "Third")
    with pytest.raises(InHouseholdAlready):
        households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)

    assert rows() == before


def test_an_invitation_is_answered_once_by_who_got_it_and_lapses(bakery):
    offered(bakery)
    ada, bob, dora = (a_member(bakery, name) for name in ("Ada", "Bob", "Dora"))
    household = founded(ada)
    asked = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)

    assert [row.pk for row in queries.invitations_of(bob, at=NOON)] == [asked.pk]
    assert list(queries.invitations_of(bob, at=NOON + 14 * DAY)) == []
    with pytest.raises(InvitationUnknown):
        households.accept(member=dora, invitation_id=asked.pk, at=NOON)
    with pytest.raises(InvitationUnknown):
        households.accept(member=bob, invitation_id=asked.pk, at=NOON + 14 * DAY)

    place = households.accept(member=bob, invitation_id=asked.pk, at=NOON)
    assert (place.household, place.role) == (household, "ADULT")
    assert households.accept(member=bob, invitation_id=asked.pk, at=NOON).pk == place.pk
    with pytest.raises(InvitationUnknown):
        households.decline(member=bob, invitation_id=asked.pk, at=NOON)
    assert facts()[-1] == "household.member_joined"


def test_declined_and_withdrawn_invitations_are_over(bakery):
    offered(bakery)
    ada, bob = a_member(bakery, "Ada"), a_member(bakery, "Bob")
    founded(ada)
    first = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)
    households.decline(member=bob, invitation_id=first.pk, at=NOON)
    second = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)
    households.withdraw(by=ada, invitation_id=second.pk, at=NOON)
    households.withdraw(by=ada, invitation_id=second.pk, at=NOON)

    for asked in (first, second):
        with pytest.raises(InvitationUnknown):
            households.accept(member=bob, invitation_id=asked.pk, at=NOON)
    with pytest.raises(InvitationUnknown):
        households.withdraw(by=ada, invitation_id=first.pk + 999, at=NOON)

    assert queries.place_of(bob) is None


def test_asking_again_renews_the_invitation(bakery):
    offered(bakery)
    ada, bob = a_member(bakery, "Ada"), a_member(bakery, "Bob")
    founded(ada)
    first = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)

    again = households.invite(by=ada, number=bob.number, role="CONTRIBUTOR", at=NOON + DAY)

    assert (again.pk, again.role, again.lapses_at) == (first.pk, "CONTRIBUTOR", NOON + 15 * DAY)


def test_a_household_has_as_many_members_as_the_programme_says(bakery):
    offered(bakery, most=2)
    ada, bob, dora = (a_member(bakery, name) for name in ("Ada", "Bob", "Dora"))
    founded(ada)
    households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)

    with pytest.raises(HouseholdFull) as refusal:
        households.invite(by=ada, number=dora.number, role="ADULT", at=NOON)

    assert refusal.value.facts == {"limit": 2}


def test_only_the_head_invites_removes_gives_roles_and_dissolves(bakery, family):
    _, bob, cleo = family
    before = rows()

    for act in (
        lambda: households.invite(by=bob, number=cleo.number, role="ADULT", at=NOON),
        lambda: households.remove(by=bob, number=cleo.number, at=NOON),
        lambda: households.change_role(by=bob, number=bob.number, role="HEAD", at=NOON),
        lambda: households.dissolve(by=bob, at=NOON),
        lambda: households.withdraw(by=bob, invitation_id=1, at=NOON),
    ):
        with pytest.raises(NotHead):
            act()

    assert rows() == before


def test_strangers_are_not_in_the_household(bakery, family):
    ada, *_ = family
    dora = a_member(bakery, "Dora")

    for act in (
        lambda: households.remove(by=ada, number=dora.number, at=NOON),
        lambda: households.change_role(by=ada, number=dora.number, role="ADULT", at=NOON),
        lambda: households.leave(member=dora, at=NOON),
        lambda: households.set_share(member=dora, percent=10),
        lambda: give(dora, 10),
    ):
        with pytest.raises(HouseholdUnknown):
            act()
    with pytest.raises(MemberUnknown):
        households.invite(by=ada, number="000000000000", role="ADULT", at=NOON)


def test_who_leaves_takes_home_what_is_left_of_what_they_gave(family):
    ada, bob, cleo = family
    household = queries.place_of(ada).household
    give(bob, 60)
    give(cleo, 40)
    assert (points_of(bob), shares_of(household, ada, bob, cleo)) == (40, [0, 60, 40])

    households.leave(member=bob, at=NOON)

    assert (points_of(bob), shares_of(household, ada, bob, cleo)) == (100, [0, 0, 40])
    assert queries.place_of(bob) is None
    assert facts()[-1] == "household.member_left"


def test_who_left_waits_before_the_next_household_and_may_come_back_then(family):
    ada, bob, _ = family
    households.leave(member=bob, at=NOON)
    asked = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)

    with pytest.raises(HouseholdTooSoon) as refusal:
        households.accept(member=bob, invitation_id=asked.pk, at=NOON + DAY)
    with pytest.raises(HouseholdTooSoon):
        founded(bob, "Own", at=NOON + 30 * DAY - timedelta(seconds=1))

    assert refusal.value.facts["until"] == NOON + 30 * DAY
    founded(bob, "Own", at=NOON + 30 * DAY)


def test_the_head_hands_over_and_may_leave_then(family):
    ada, bob, _ = family
    with pytest.raises(HeadStays):
        households.leave(member=ada, at=NOON)
    with pytest.raises(HeadStays):
        households.change_role(by=ada, number=ada.number, role="ADULT", at=NOON)
    with pytest.raises(HeadStays):
        households.remove(by=ada, number=ada.number, at=NOON)

    households.change_role(by=ada, number=bob.number, role="HEAD", at=NOON)
    households.leave(member=ada, at=NOON)

    assert (queries.place_of(bob).role, queries.place_of(ada)) == ("HEAD", None)


def test_removed_is_like_left(family):
    ada, bob, _ = family
    give(bob, 60)

    households.remove(by=ada, number=bob.number, at=NOON)

    assert points_of(bob) == 100
    assert OutboxEvent.objects.get(type="household.member_left").payload["removed"] is True


def test_dissolving_sends_everybody_home_and_closes_the_household(bakery, family):
    ada, bob, cleo = family
    household = queries.place_of(ada).household
    dora = a_member(bakery, "Dora")
    asked = households.invite(by=ada, number=dora.number, role="ADULT", at=NOON)
    for member, amount in ((ada, 10), (bob, 20), (cleo, 30)):
        give(member, amount)

    households.dissolve(by=ada, at=NOON)
    households.close(household=household, at=NOON)

    assert [points_of(member) for member in family] == [100, 100, 100]
    assert [queries.place_of(member) for member in family] == [None, None, None]
    with pytest.raises(InvitationUnknown):
        households.accept(member=dora, invitation_id=asked.pk, at=NOON)
    household.refresh_from_db()
    assert household.closed_at == NOON
    assert facts().count("household.dissolved") == 1


def test_contributors_and_blocked_members_do_not_spend(family):
    ada, bob, cleo = family
    pool = queries.place_of(ada).household.pool_id
    Member.objects.filter(pk=bob.pk).update(status="BLOCKED")
    bob.refresh_from_db()

    assert [queries.spending_pool(wallet_id=member.wallet_id) for member in family] == [pool, None, None]
    assert queries.required_pool(ada) == pool
    with pytest.raises(MayNotSpend):
        queries.required_pool(cleo)
    with pytest.raises(MemberBlocked):
        queries.required_pool(bob)
    with pytest.raises(MemberBlocked):
        founded(bob)


def test_only_pooled_units_are_given(bakery, family):
    ada, *_ = family
    credit = books.a_unit(bakery, "credit")

    with pytest.raises(UnitNotPooled):
        households.contribute(member=ada, unit=credit, amount=1, source="t", key="1", at=NOON, actor="t")
    with pytest.raises(ShareNotPercent):
        households.set_share(member=ada, percent=101)


def test_giving_is_told_once(family):
    ada, *_ = family
    give(ada, 10, key="tap")
    give(ada, 10, key="tap")

    (fact,) = OutboxEvent.objects.filter(type="points.pooled")
    assert (fact.payload["member"], fact.payload["amount"], fact.payload["automatic"]) == (ada.number, "10", False)
    assert points_of(ada) == 90


# -- what the database holds


def test_the_database_refuses_a_household_without_a_head_and_a_closed_one_with_people(family):
    ada, bob, _ = family
    household = queries.place_of(ada).household

    for statement in (
        lambda: HouseholdMember.objects.filter(member=ada).update(role="ADULT"),
        lambda: HouseholdMember.objects.filter(member=bob).update(role="HEAD"),
        lambda: Household.objects.filter(pk=household.pk).update(closed_at=NOON),
    ):
        with pytest.raises(IntegrityError):
            _at_the_end_of_a_transaction(statement)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _at_the_end_of_a_transaction(statement):
    with transaction.atomic():
        statement()
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_the_database_refuses_more_people_than_there_is_room_for_and_strangers(bakery, family):
    ada, *_ = family
    household = queries.place_of(ada).household
    HouseholdTerms.objects.update(max_members=3)
    dora = a_member(bakery, "Dora")
    elsewhere = books.a_programme("elsewhere")
    books.a_unit(elsewhere)
    stranger = a_member(elsewhere, "Eve")
    place = {"household": household, "role": "ADULT", "state": "ACTIVE", "invited_at": NOON, "joined_at": NOON}

    with pytest.raises(IntegrityError, match="is full"), transaction.atomic():
        HouseholdMember.objects.create(member=dora, **place)
    with pytest.raises(IntegrityError, match="of its programme"), transaction.atomic():
        HouseholdMember.objects.create(member=stranger, **place)


def test_the_database_refuses_to_pool_qualifying_points(bakery):
    offered(bakery)
    status = books.a_unit(bakery, "status", klass="QUALIFYING")

    with pytest.raises(IntegrityError, match="not qualifying"), transaction.atomic():
        HouseholdTerms.objects.get().units.add(status)
