"""Reads about households."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from operator import attrgetter

from django.db.models import QuerySet

from ledger import queries as ledger
from ledger.pools import Part, parts_of
from ledger.queries import Balance, Unit
from members.errors import HouseholdUnknown, MayNotSpend, MemberBlocked
from members.households.models import Household, HouseholdMember, HouseholdTerms
from members.models import Member
from shops.models import Programme

State = HouseholdMember.State


@dataclass(frozen=True, slots=True)
class Sum:
    """An amount of a unit, in minor units."""

    unit: Unit
    amount: int


@dataclass(slots=True)
class Person:
    """Somebody in a household, or who left something there that holds keep, with what of the pool is theirs."""

    member: Member
    row: HouseholdMember | None
    parts: list[Part] = field(default_factory=list)

    @property
    def sums(self) -> list[Sum]:
        """What of the pool is theirs, what holds keep included, by unit."""
        totals: dict[int, Sum] = {}
        for part in self.parts:
            before = totals.get(part.unit.pk, Sum(part.unit, 0))
            totals[part.unit.pk] = Sum(part.unit, before.amount + part.amount)
        return list(totals.values())

    @property
    def coming_home(self) -> list[Part]:
        """What would come home if they left now: all that no hold keeps, soonest to expire first."""
        return [part for part in self.parts if part.free > 0]


@dataclass(frozen=True, slots=True)
class Overview:
    """A household at an instant. What its pool can spend leaves out what is on its way home to those who left."""

    household: Household
    people: list[Person]
    balances: list[Balance]

    def person_of(self, member: Member) -> Person:
        return next(person for person in self.people if person.member.pk == member.pk)


def terms_of(programme: Programme) -> HouseholdTerms | None:
    """The programme's terms, if it offers households."""
    return HouseholdTerms.objects.filter(programme=programme, is_offered=True).first()


def pooled_units(programme_id: int) -> list[Unit]:
    """What households of the programme pool, oldest unit first; nothing where none are offered."""
    found = HouseholdTerms.objects.filter(programme=programme_id, is_offered=True).first()
    return list(found.units.order_by("pk")) if found else []


def place_of(member: Member) -> HouseholdMember | None:
    """The member's place in their household, with it; None for who is in none."""
    return (
        HouseholdMember.objects.filter(member=member, state=State.ACTIVE).select_related("household", "member").first()
    )


def required_place(member: Member) -> HouseholdMember:
    """:raises HouseholdUnknown: if the member is in no household"""
    place = place_of(member)
    if place is None:
        raise HouseholdUnknown(member=member.number)
    return place


def spending_pool(*, wallet_id: int) -> int | None:
    """The pool that the member of this wallet may spend, if any: contributors and blocked members spend none."""
    return (
        HouseholdMember.objects.filter(
            member__wallet=wallet_id,
            member__status=Member.Status.ACTIVE,
            state=State.ACTIVE,
            role__in=[HouseholdMember.Role.HEAD, HouseholdMember.Role.ADULT],
        )
        .values_list("household__pool", flat=True)
        .first()
    )


def required_pool(member: Member) -> int:
    """
    The pool that the member may spend.

    :raises HouseholdUnknown: if the member is in no household
    :raises MemberBlocked: if the member is blocked
    :raises MayNotSpend: if the member only contributes
    """
    place = required_place(member)
    if not member.is_active:
        raise MemberBlocked(member=member.number)
    if not place.may_spend:
        raise MayNotSpend(member=member.number)
    return place.household.pool_id


def invitations_of(member: Member, *, at: datetime) -> QuerySet[HouseholdMember]:
    """Open invitations of a member, oldest first, each with its household."""
    return (
        HouseholdMember.objects.filter(
            member=member, state=State.INVITED, lapses_at__gt=at, household__closed_at__isnull=True
        )
        .select_related("household")
        .order_by("pk")
    )


def invited_to(household: Household, *, at: datetime) -> QuerySet[HouseholdMember]:
    """Who is invited to a household and did not answer yet."""
    return (
        HouseholdMember.objects.filter(household=household, state=State.INVITED, lapses_at__gt=at)
        .select_related("member")
        .order_by("pk")
    )


def overview_of(household: Household, *, at: datetime) -> Overview:
    """Who is in a household, whose what is in the pool is, and what the pool can spend."""
    rows = HouseholdMember.objects.filter(household=household, state=State.ACTIVE).select_related("member")
    people = {row.member.wallet_id: Person(row.member, row) for row in rows.order_by("joined_at", "pk")}
    parts: dict[int, list[Part]] = defaultdict(list)
    for part in parts_of(household.pool_id, at=at):
        parts[part.wallet_id].append(part)
    for member in Member.objects.filter(wallet__in=set(parts) - set(people)).order_by("pk"):
        people[member.wallet_id] = Person(member, None)
    for wallet_id, theirs in parts.items():
        people[wallet_id].parts = theirs
    return Overview(household, list(people.values()), _balances(household, people.values(), at))


def spendable_of(pool_id: int, *, at: datetime) -> dict[int, int]:
    """What a pool can spend, by unit id, less what is on its way home to those who left."""
    household = Household.objects.get(pool=pool_id)
    return {balance.unit.pk: balance.spendable for balance in overview_of(household, at=at).balances}


def numbers_of_pools(pool_ids: Sequence[int]) -> dict[int, Household]:
    """Households by pool."""
    return {row.pool_id: row for row in Household.objects.filter(pool__in=pool_ids)}


def _balances(household: Household, people: Iterable[Person], at: datetime) -> list[Balance]:
    units = {unit.pk for unit in pooled_units(household.programme_id)}
    leaving: dict[int, int] = defaultdict(int)
    for person in people:
        if person.row is None:
            for part in person.coming_home:
                leaving[part.unit.pk] += part.free
    found = [
        Balance(row.unit, row.spendable - leaving[row.unit.pk], row.reserved, row.pending, row.owed)
        for row in ledger.balances_of(household.pool_id, at=at)
        if row.unit.pk in units or row.spendable or row.reserved
    ]
    return sorted(found, key=attrgetter("unit.pk"))
