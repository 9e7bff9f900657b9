"""Who is in a household: founded, joined, left, led and dissolved."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from events import outbox
from kernel.amounts import format_minor
from ledger import services as ledger
from ledger.queries import Unit
from ledger.services import Moved
from members.errors import (
    HeadStays,
    HouseholdFull,
    HouseholdsNotOffered,
    HouseholdTooSoon,
    HouseholdUnknown,
    InHouseholdAlready,
    InvitationUnknown,
    MemberBlocked,
    MemberUnknown,
    NotHead,
    ShareNotPercent,
    UnitNotPooled,
)
from members.households.models import Household, HouseholdMember, HouseholdTerms
from members.households.queries import pooled_units, required_place
from members.models import Member
from shops.models import Programme

Role, State = HouseholdMember.Role, HouseholdMember.State
INVITATION_LASTS = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class NewTerms:
    """What a programme says about households, as `HouseholdTerms` keeps it."""

    is_offered: bool
    max_members: int
    rest_days: int
    units: tuple[Unit, ...]


@transaction.atomic
def set_terms(*, programme: Programme, terms: NewTerms) -> HouseholdTerms:
    """
    Change the terms of a programme from now on. Households that exist stay as they are; withdrawing the offer stops
    new ones, invitations and contributions, not spending or leaving.
    """
    values = {"is_offered": terms.is_offered, "max_members": terms.max_members, "rest_days": terms.rest_days}
    kept, _ = HouseholdTerms.objects.update_or_create(programme=programme, defaults=values)
    kept.units.set(terms.units)
    return kept


@transaction.atomic
def found(*, head: Member, name: str, at: datetime) -> Household:
    """
    Open a household with its first member as head.

    :raises HouseholdsNotOffered: if the programme has none
    :raises MemberBlocked: if the member is blocked
    :raises InHouseholdAlready: if the member is in one
    :raises HouseholdTooSoon: if the member left one a short while ago
    """
    terms = _terms(head.programme_id)
    ledger.lock_wallets([head.wallet_id])
    _require_free(head, terms, at)
    pool_id = ledger.open_pool(programme_id=head.programme_id, at=at)
    household = Household.objects.create(
        programme_id=head.programme_id, name=name.strip(), pool_id=pool_id, created_at=at
    )
    HouseholdMember.objects.create(
        household=household, member=head, role=Role.HEAD, state=State.ACTIVE, invited_at=at, joined_at=at
    )
    ledger.join_pool(pool_id=pool_id, wallet_id=head.wallet_id, at=at)
    _tell("household.created", household, at, member=head.number)
    return household


@transaction.atomic
def invite(*, by: Member, number: str, role: str, at: datetime) -> HouseholdMember:
    """
    Ask a member, named by number, to join the head's household; asking again renews the invitation.

    :raises HouseholdUnknown: if the one who asks is in no household
    :raises NotHead: if they do not lead it
    :raises HouseholdsNotOffered: if the programme has none any more
    :raises MemberUnknown: if no member of the programme has the number
    :raises InHouseholdAlready: if that member is in this household
    :raises HouseholdFull: if as many are in it, or asked, as may be
    """
    place = _led_by(by)
    terms = _terms(by.programme_id)
    member = Member.objects.filter(programme=by.programme_id, number=number).first()
    if member is None:
        raise MemberUnknown(number=number)
    people = HouseholdMember.objects.filter(household=place.household)
    if people.filter(member=member, state=State.ACTIVE).exists():
        raise InHouseholdAlready(member=number)
    people.filter(state=State.INVITED, lapses_at__lte=at).update(state=State.WITHDRAWN, ended_at=at)
    known = people.filter(member=member, state=State.INVITED).first()
    if known is None and people.filter(state__in=[State.INVITED, State.ACTIVE]).count() >= terms.max_members:
        raise HouseholdFull(limit=terms.max_members)
    until = at + INVITATION_LASTS
    if known is None:
        known = HouseholdMember(household=place.household, member=member, invited_at=at)
    known.role, known.lapses_at = Role(role if role != Role.HEAD else Role.ADULT), until
    known.save()
    _tell("household.member_invited", place.household, at, member=number, role=known.role)
    return known


@transaction.atomic
def accept(*, member: Member, invitation_id: int, at: datetime) -> HouseholdMember:
    """
    Join the household of an invitation. Accepting again what was accepted changes nothing.

    :raises InvitationUnknown: if it is not this member's, was withdrawn or declined, or its time is over
    :raises HouseholdsNotOffered: if the programme has none any more
    :raises MemberBlocked: if the member is blocked
    :raises InHouseholdAlready: if the member is in another one
    :raises HouseholdTooSoon: if the member left one a short while ago
    :raises HouseholdFull: if as many are in it as may be
    """
    household = _household_of_invitation(member, invitation_id)
    ledger.lock_wallets([household.pool_id, member.wallet_id])
    place = HouseholdMember.objects.get(pk=invitation_id)
    if place.state == State.ACTIVE:
        return place
    household.refresh_from_db()
    if place.state != State.INVITED or place.lapses_at is None or place.lapses_at <= at or not household.is_open:
        raise InvitationUnknown(invitation=invitation_id)
    terms = _terms(member.programme_id)
    _require_free(member, terms, at)
    if household.people.filter(state=State.ACTIVE).count() >= terms.max_members:
        raise HouseholdFull(limit=terms.max_members)
    place.state, place.joined_at = State.ACTIVE, at
    place.save(update_fields=["state", "joined_at"])
    ledger.join_pool(pool_id=household.pool_id, wallet_id=member.wallet_id, at=at)
    _tell("household.member_joined", household, at, member=member.number, role=place.role)
    return place


@transaction.atomic
def decline(*, member: Member, invitation_id: int, at: datetime) -> None:
    """
    Say no to an invitation; saying it again changes nothing.

    :raises InvitationUnknown: if it is not this member's, or was accepted or withdrawn
    """
    _household_of_invitation(member, invitation_id)
    _end_invitation(invitation_id, State.DECLINED, at)


@transaction.atomic
def withdraw(*, by: Member, invitation_id: int, at: datetime) -> None:
    """
    Take an invitation back; again changes nothing.

    :raises HouseholdUnknown: if the member is in no household
    :raises NotHead: if they do not lead it
    :raises InvitationUnknown: if it is not to this household, or was answered
    """
    place = _led_by(by)
    if not place.household.people.filter(pk=invitation_id).exists():
        raise InvitationUnknown(invitation=invitation_id)
    _end_invitation(invitation_id, State.WITHDRAWN, at)


@transaction.atomic
def leave(*, member: Member, at: datetime) -> None:
    """
    Leave the household: what is left of what the member gave comes home with its expiry.

    :raises HouseholdUnknown: if the member is in none
    :raises HeadStays: if the member leads it
    """
    place = _locked_place(member)
    if place.is_head:
        raise HeadStays(member=member.number)
    _end(place, State.LEFT, at)


@transaction.atomic
def remove(*, by: Member, number: str, at: datetime) -> None:
    """
    Remove somebody from the head's household, as if they had left.

    :raises HouseholdUnknown: if the head, or the other, is in no household, or not in the same
    :raises NotHead: if they do not lead it
    :raises HeadStays: if the head would remove themselves
    """
    place = _led_by(by)
    if number == by.number:
        raise HeadStays(member=number)
    _end(_other(place.household, number), State.REMOVED, at)


@transaction.atomic
def change_role(*, by: Member, number: str, role: str, at: datetime) -> None:
    """
    Give somebody of the household another role. Making them its head makes the head an adult.

    :raises HouseholdUnknown: if the head, or the other, is in no household, or not in the same
    :raises NotHead: if they do not lead it
    :raises HeadStays: if the head would stop being it without naming another
    """
    place = _led_by(by)
    other = _other(place.household, number)
    if other.pk == place.pk:
        if role != Role.HEAD:
            raise HeadStays(member=number)
        return
    if other.role == role:
        return
    if role == Role.HEAD:
        HouseholdMember.objects.filter(pk=place.pk).update(role=Role.ADULT)
    HouseholdMember.objects.filter(pk=other.pk).update(role=Role(role))
    _tell("household.role_changed", place.household, at, member=number, role=role)


@transaction.atomic
def dissolve(*, by: Member, at: datetime) -> None:
    """
    Everybody leaves, the head too, and what is left of what each gave comes home; the household is closed.

    :raises HouseholdUnknown: if the head is in no household
    :raises NotHead: if they do not lead it
    """
    close(household=_led_by(by).household, at=at)


@transaction.atomic
def close(*, household: Household, at: datetime) -> None:
    """Dissolve a household for whoever may; closing again changes nothing."""
    ledger.lock_wallets([household.pool_id, *household.people.values_list("member__wallet", flat=True)])
    household.refresh_from_db()
    if not household.is_open:
        return
    Household.objects.filter(pk=household.pk).update(closed_at=at)
    household.people.filter(state=State.INVITED).update(state=State.WITHDRAWN, ended_at=at)
    for place in household.people.filter(state=State.ACTIVE).select_related("member", "household").order_by("pk"):
        _end(place, State.LEFT, at)
    _tell("household.dissolved", household, at)


@transaction.atomic
def dismiss(*, place: HouseholdMember, at: datetime) -> None:
    """
    Remove somebody for the desk.

    :raises HeadStays: if it is the head
    """
    ledger.lock_wallets([place.household.pool_id, place.member.wallet_id])
    place.refresh_from_db()
    if place.state != State.ACTIVE:
        return
    if place.is_head:
        raise HeadStays(member=place.member.number)
    _end(place, State.REMOVED, at)


@transaction.atomic
def set_share(*, member: Member, percent: int) -> None:
    """
    Give `percent` of what the member newly earns to the household by itself from now on, in whole minor units.

    :raises HouseholdUnknown: if the member is in none
    :raises ShareNotPercent: if it is not 0 to 100
    """
    if not 0 <= percent <= 100:
        raise ShareNotPercent(share=percent)
    HouseholdMember.objects.filter(pk=required_place(member).pk).update(share_percent=percent)


@transaction.atomic
def contribute(  # noqa: PLR0913 -- the verb names every part of a posting
    *, member: Member, unit: Unit, amount: int, source: str, key: str, at: datetime, actor: str
) -> Moved:
    """
    Give an amount to the household's pool, where it lives as long. `(source, key)` makes it happen once.

    :raises HouseholdUnknown: if the member is in none
    :raises UnitNotPooled: if households of the programme do not pool this unit
    :raises NotOfPool: if the member left meanwhile
    :raises DomainError: as `ledger.services.contribute`
    """
    place = required_place(member)
    if unit not in pooled_units(member.programme_id):
        raise UnitNotPooled(unit=unit.code)
    moved = ledger.contribute(
        wallet_id=member.wallet_id,
        pool_id=place.household.pool_id,
        unit=unit,
        amount=amount,
        source=source,
        reference=key,
        at=at,
        actor=actor,
    )
    if moved.fresh:
        told = {"posting": moved.posting_id, "unit": unit.code, "automatic": False}
        written = format_minor(amount, decimals=unit.decimals)
        _tell("points.pooled", place.household, at, member=member.number, amount=written, **told)
    return moved


def _terms(programme_id: int) -> HouseholdTerms:
    terms = HouseholdTerms.objects.filter(programme=programme_id, is_offered=True).first()
    if terms is None:
        raise HouseholdsNotOffered
    return terms


def _require_free(member: Member, terms: HouseholdTerms, at: datetime) -> None:
    """The member's wallet is locked: what is read here about them stays so."""
    if not Member.objects.filter(pk=member.pk, status=Member.Status.ACTIVE).exists():
        raise MemberBlocked(member=member.number)
    theirs = HouseholdMember.objects.filter(member=member)
    if theirs.filter(state=State.ACTIVE).exists():
        raise InHouseholdAlready(member=member.number)
    left = theirs.filter(state__in=[State.LEFT, State.REMOVED]).order_by("-ended_at").first()
    if left is not None and left.ended_at is not None:
        until = left.ended_at + timedelta(days=terms.rest_days)
        if at < until:
            raise HouseholdTooSoon(member=member.number, until=until)


def _locked_place(member: Member) -> HouseholdMember:
    """The member's place, with the pool and the member's wallet locked: nobody comes or goes meanwhile."""
    ledger.lock_wallets([required_place(member).household.pool_id, member.wallet_id])
    return required_place(member)


def _led_by(member: Member) -> HouseholdMember:
    place = _locked_place(member)
    if not place.is_head:
        raise NotHead(member=member.number)
    return place


def _other(household: Household, number: str) -> HouseholdMember:
    other = (
        household.people.filter(member__number=number, state=State.ACTIVE).select_related("member", "household").first()
    )
    if other is None:
        raise HouseholdUnknown(member=number)
    return other


def _household_of_invitation(member: Member, invitation_id: int) -> Household:
    found_one = HouseholdMember.objects.filter(pk=invitation_id, member=member).select_related("household").first()
    if found_one is None:
        raise InvitationUnknown(invitation=invitation_id)
    return found_one.household


def _end_invitation(invitation_id: int, state: str, at: datetime) -> None:
    if HouseholdMember.objects.filter(pk=invitation_id, state=State.INVITED).update(state=state, ended_at=at):
        return
    if not HouseholdMember.objects.filter(pk=invitation_id, state=state).exists():
        raise InvitationUnknown(invitation=invitation_id)


def _end(place: HouseholdMember, state: str, at: datetime) -> None:
    HouseholdMember.objects.filter(pk=place.pk).update(state=state, ended_at=at, share_percent=0)
    ledger.leave_pool(pool_id=place.household.pool_id, wallet_id=place.member.wallet_id, at=at)
    _tell("household.member_left", place.household, at, member=place.member.number, removed=state == State.REMOVED)


def _tell(kind: str, household: Household, at: datetime, **facts: Any) -> None:
    payload: Mapping[str, Any] = {"household": household.pk, **facts}
    outbox.record([outbox.Fact(household.programme_id, kind, payload, at)])
