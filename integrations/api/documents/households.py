"""What is answered about households."""

from datetime import datetime

import msgspec

from integrations.api.documents.exchanges import AmountOfUnit
from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.pools import Part
from members.households.models import Household, HouseholdMember
from members.households.queries import Overview, Person, invited_to


class PoolBalanceDocument(msgspec.Struct, frozen=True):
    """What the household has of one unit: `spendable` now, `reserved` by open holds."""

    unit: str
    spendable: AmountText
    reserved: AmountText


class PartDocument(msgspec.Struct, frozen=True):
    """A part of the pool that expires at one instant; null never does. `reserved` of it is kept by open holds."""

    unit: str
    amount: AmountText
    reserved: AmountText
    expires_at: Instant | None


class PersonDocument(msgspec.Struct, frozen=True):
    """
    Somebody in the household, or with null as `role` somebody who left and whose rest open holds keep.

    `owns` is what of the pool is theirs, by unit, and `parts` the same by expiry: what is not reserved would come home
    if they left now.
    """

    member: str
    role: str | None
    share_percent: int | None
    joined_at: Instant | None
    owns: list[AmountOfUnit]
    parts: list[PartDocument]


class InvitationDocument(msgspec.Struct, frozen=True):
    """An invitation. `state` is `invited`, `active` (accepted), `declined`, `withdrawn`, `left` or `removed`."""

    id: SafeInteger
    household: SafeInteger
    member: str
    role: str
    state: str
    expires_at: Instant | None


class HouseholdDocument(msgspec.Struct, frozen=True):
    """A household as it is now. What its members own sums to what it has."""

    id: SafeInteger
    name: str
    created_at: Instant
    closed_at: Instant | None
    balances: list[PoolBalanceDocument]
    members: list[PersonDocument]
    invitations: list[InvitationDocument]


class ContributionDocument(msgspec.Struct, frozen=True):
    """What a member gave to a household."""

    household: SafeInteger
    member: str
    posting: SafeInteger
    given: AmountOfUnit


def household_document(overview: Overview, *, at: datetime) -> HouseholdDocument:
    """A household with everybody in it."""
    household: Household = overview.household
    return HouseholdDocument(
        id=household.pk,
        name=household.name,
        created_at=household.created_at,
        closed_at=utc(household.closed_at),
        balances=[
            PoolBalanceDocument(
                row.unit.code,
                format_minor(row.spendable, decimals=row.unit.decimals),
                format_minor(row.reserved, decimals=row.unit.decimals),
            )
            for row in overview.balances
        ],
        members=[_person(person) for person in overview.people],
        invitations=[invitation_document(row) for row in invited_to(household, at=at)],
    )


def invitation_document(row: HouseholdMember) -> InvitationDocument:
    """An invitation as it is now."""
    return InvitationDocument(
        row.pk, row.household_id, row.member.number, row.role.lower(), row.state.lower(), utc(row.lapses_at)
    )


def _person(person: Person) -> PersonDocument:
    row = person.row
    return PersonDocument(
        member=person.member.number,
        role=row.role.lower() if row else None,
        share_percent=row.share_percent if row else None,
        joined_at=utc(row.joined_at) if row else None,
        owns=[
            AmountOfUnit(owned.unit.code, format_minor(owned.amount, decimals=owned.unit.decimals))
            for owned in person.sums
        ],
        parts=[_part(part) for part in person.parts],
    )


def _part(part: Part) -> PartDocument:
    decimals = part.unit.decimals
    return PartDocument(
        part.unit.code,
        format_minor(part.amount, decimals=decimals),
        format_minor(part.reserved, decimals=decimals),
        utc(part.expires_at),
    )
