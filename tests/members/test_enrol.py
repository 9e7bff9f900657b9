"""Joining: once per sign-in, address and identifier, alone or by thousands."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from events.models import OutboxEvent
from ledger import queries as ledger
from ledger.models import Wallet
from members import services as members
from members.errors import MemberExists
from members.models import Identifier, Member
from members.numbers import is_valid_number
from shops.models import User
from tests.counter import people
from tests.counter.people import NOON
from tests.crowd import at_once

DAY = timedelta(days=1)
REAL_ROWS = pytest.mark.django_db(transaction=True, serialized_rollback=True)


def somebody(email: str = "ada@example.com") -> User:
    return User.objects.create_user(email)


def test_a_new_member_has_a_number_an_empty_wallet_and_a_fact(bakery):
    ada = members.enrol(programme=bakery, at=NOON, name=" Ada Lovelace ", email=" Ada@Example.com ")

    assert is_valid_number(ada.number)
    assert (ada.name, ada.email, ada.status, ada.joined_at) == ("Ada Lovelace", "Ada@Example.com", "ACTIVE", NOON)
    assert len(ada.card_ref) == 10
    assert Wallet.objects.values_list("pk", "programme_id", "opened_at").get() == (ada.wallet_id, bakery.pk, NOON)
    assert [row.spendable for row in ledger.balances_of(ada.wallet_id, at=NOON)] == [0]
    assert OutboxEvent.objects.values_list("programme_id", "type", "payload", "occurred_at").get() == (
        bakery.pk,
        "member.enrolled",
        {"member": ada.number, "joined_at": "2026-03-02T12:00:00+00:00"},
        NOON,
    )


def test_identifiers_come_with_the_member(bakery):
    ada = members.enrol(programme=bakery, at=NOON, identifiers=[("shopify", "6940095564"), ("till", "A-7")])

    found = Identifier.objects.order_by("source").values_list("programme_id", "member_id", "source", "external_id")
    assert list(found) == [(bakery.pk, ada.pk, "shopify", "6940095564"), (bakery.pk, ada.pk, "till", "A-7")]


@pytest.mark.parametrize(
    ("_case", "terms"),
    [
        ("the sign-in", {"user": True}),
        ("the address", {"email": "ada@example.com"}),
        ("the address in other letters", {"email": " ADA@Example.COM"}),
        ("an identifier", {"identifiers": [("till", "B-8"), ("till", "A-7")]}),
        ("one identifier twice", {"identifiers": [("till", "B-8"), ("till", "B-8")]}),
    ],
)
def test_what_belongs_to_a_member_makes_no_second_one(_case, terms, bakery):
    user = somebody()
    members.enrol(programme=bakery, at=NOON, email="ada@example.com", user=user, identifiers=[("till", "A-7")])
    if "user" in terms:
        terms = {"user": user}

    with pytest.raises(MemberExists):
        members.enrol(programme=bakery, at=NOON, **terms)

    assert (Member.objects.count(), Wallet.objects.count(), Identifier.objects.count()) == (1, 1, 1)
    assert OutboxEvent.objects.count() == 1


def test_members_without_address_or_sign_in_are_as_many_as_you_like(bakery):
    for _ in range(3):
        members.enrol(programme=bakery, at=NOON)

    assert len(set(Member.objects.values_list("number", flat=True))) == 3


def test_the_same_person_joins_another_programme(bakery):
    user = somebody()
    butcher = people.a_programme("butcher")

    for programme in (bakery, butcher):
        members.enrol(programme=programme, at=NOON, email="ada@example.com", user=user, identifiers=[("till", "A-7")])

    assert set(Member.objects.values_list("programme", flat=True)) == {bakery.pk, butcher.pk}


def test_the_database_holds_that_addresses_differ_in_more_than_case(bakery):
    members.enrol(programme=bakery, at=NOON, email="ada@example.com")
    bob = members.enrol(programme=bakery, at=NOON, email="bob@example.com")

    with pytest.raises(IntegrityError, match="member_email_is_unique"), transaction.atomic():
        Member.objects.filter(pk=bob.pk).update(email="ADA@EXAMPLE.COM")


def test_unknown_customers_become_members_since_they_were_first_seen(bakery):
    members.enrol(programme=bakery, at=NOON, identifiers=[("till", "A-1")])

    made = members.enrol_unknown(
        programme=bakery,
        source="till",
        first_seen={"A-1": NOON - 9 * DAY, "A-2": NOON - 5 * DAY, "A-3": NOON - 7 * DAY},
    )

    assert made == 2
    joined = Identifier.objects.filter(source="till").values_list("external_id", "member__joined_at")
    assert dict(joined) == {"A-1": NOON, "A-2": NOON - 5 * DAY, "A-3": NOON - 7 * DAY}
    assert Wallet.objects.order_by("pk").values_list("opened_at", flat=True)[1] == NOON - 7 * DAY
    assert Member.objects.values("wallet").distinct().count() == 3
    assert OutboxEvent.objects.filter(type="member.enrolled").count() == 3


def test_customers_who_are_known_are_not_made_again(bakery):
    seen = {"A-1": NOON, "A-2": NOON}
    members.enrol_unknown(programme=bakery, source="till", first_seen=seen)

    assert members.enrol_unknown(programme=bakery, source="till", first_seen=seen) == 0
    assert members.enrol_unknown(programme=bakery, source="till", first_seen={}) == 0
    assert Member.objects.count() == 2


def test_the_same_id_of_another_source_or_programme_is_another_customer(bakery):
    butcher = people.a_programme("butcher")

    for programme, source in ((bakery, "till"), (bakery, "webshop"), (butcher, "till")):
        assert members.enrol_unknown(programme=programme, source=source, first_seen={"A-1": NOON}) == 1

    assert Member.objects.count() == 3


def test_many_are_made_with_the_same_few_queries(bakery, django_assert_num_queries):
    members.enrol_unknown(programme=bakery, source="till", first_seen={"A-0": NOON})

    with django_assert_num_queries(10):
        members.enrol_unknown(programme=bakery, source="till", first_seen={f"B-{n}": NOON for n in range(300)})


@REAL_ROWS
def test_eight_imports_of_the_same_customers_make_each_once(bakery):
    def enrol(number: int) -> int:
        ids = [f"A-{n}" for n in range(60)]
        return members.enrol_unknown(
            programme=bakery, source="till", first_seen=dict.fromkeys(ids[number:] + ids[:number], NOON)
        )

    made = at_once(8, enrol)

    assert sorted(made) == [0] * 7 + [60]
    assert (Member.objects.count(), Identifier.objects.count(), Wallet.objects.count()) == (60, 60, 60)


@REAL_ROWS
def test_imports_that_overlap_make_each_customer_once(bakery):
    def enrol(number: int) -> int:
        seen = {f"A-{n}": NOON for n in range(number * 5, number * 5 + 20)}
        return members.enrol_unknown(programme=bakery, source="till", first_seen=seen)

    made = at_once(8, enrol)

    assert sum(count for count in made if isinstance(count, int)) == 55
    assert Member.objects.count() == Identifier.objects.count() == 55


@REAL_ROWS
def test_an_import_and_a_sign_up_of_one_customer_make_one_member(bakery):
    for n in range(6):

        def enrol(number: int, ref: str = f"A-{n}") -> object:
            if number % 2:
                return members.enrol(programme=bakery, at=NOON, identifiers=[("till", ref)])
            return members.enrol_unknown(programme=bakery, source="till", first_seen={ref: NOON})

        at_once(4, enrol)

    assert Member.objects.count() == Identifier.objects.count() == 6


@REAL_ROWS
def test_ten_sign_ups_of_one_address_make_one_member(bakery):
    answers = at_once(10, lambda _: members.enrol(programme=bakery, at=NOON, email="ada@example.com"))

    assert sum(isinstance(answer, MemberExists) for answer in answers) == 9
    assert (Member.objects.count(), Wallet.objects.count()) == (1, 1)
