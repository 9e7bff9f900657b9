"""Families of the bakery: who is in a household, and what they have."""

from datetime import datetime

from ledger import queries as books
from ledger.pools import parts_of
from members.households import services as households
from members.households.models import Household, HouseholdMember
from members.models import Member
from shops.models import Programme
from tests.counter import people
from tests.counter.people import NOON


def offered(programme: Programme, *, most: int = 4, rest: int = 30, is_offered: bool = True) -> None:
    """The programme offers households that pool points."""
    units = (books.unit_of(programme.pk, "points"),)
    terms = households.NewTerms(is_offered=is_offered, max_members=most, rest_days=rest, units=units)
    households.set_terms(programme=programme, terms=terms)


def founded(head: Member, name: str = "Lovelace", *, at: datetime = NOON) -> Household:
    return households.found(head=head, name=name, at=at)


def joined(head: Member, member: Member, role: str = "ADULT", *, at: datetime = NOON) -> HouseholdMember:
    """Invited and there."""
    asked = households.invite(by=head, number=member.number, role=role, at=at)
    return households.accept(member=member, invitation_id=asked.pk, at=at)


def give(member: Member, amount: int, *, at: datetime = NOON, key: str = "") -> None:
    households.contribute(
        member=member,
        unit=books.unit_of(member.programme_id, "points"),
        amount=amount,
        source="test",
        key=key or f"{member.number} {amount}",
        at=at,
        actor="test",
    )


def points_of(member: Member, *, at: datetime = NOON) -> int:
    return books.spendable(member.wallet_id, books.unit_of(member.programme_id, "points").pk, at=at)


def shares_of(household: Household, *members: Member, at: datetime = NOON) -> list[int]:
    """What of the pool is whose."""
    parts = parts_of(household.pool_id, at=at)
    return [sum(part.amount for part in parts if part.wallet_id == member.wallet_id) for member in members]


def a_member(programme: Programme, name: str, points: int = 0) -> Member:
    return people.a_member(programme, name, points)
