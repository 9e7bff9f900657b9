"""Who pays, with what unit, and how much of it: what requests about paying with points name."""

from datetime import datetime

from integrations.api.bodies import ExternalCustomer
from integrations.errors import AmountInvalid, UnitNotSpendable, UnitUnknown
from kernel.amounts import parse_minor
from ledger.queries import Unit, balances_of, units_of
from members.errors import MemberBlocked, MemberUnknown
from members.households.queries import required_pool
from members.households.queries import spendable_of as pool_spendable
from members.models import Member
from members.queries import FoundMember, MemberKey, find_many
from shops.models import Programme


def payer_of(programme: Programme, customer: str | ExternalCustomer) -> FoundMember:
    """
    The member who is to pay.

    :raises MemberUnknown: if no member of the programme is named so
    :raises MemberBlocked: if the member is blocked
    """
    key = MemberKey("", customer) if isinstance(customer, str) else MemberKey(customer.source, customer.external_id)
    member = find_many(programme_id=programme.pk, keys=[key]).get(key)
    if member is None:
        raise MemberUnknown(number=key.value)
    if not member.is_active:
        raise MemberBlocked(member=member.number)
    return member


def spendable_of(member: FoundMember, purse: str, *, at: datetime) -> dict[int, int]:
    """
    What the payer can spend of their own wallet or their household's, by unit id, in minor units.

    :raises HouseholdRefused: by its subclasses, if there is no household whose points they may spend
    """
    if purse == "household":
        return pool_spendable(required_pool(Member.objects.get(pk=member.member_id)), at=at)
    return {balance.unit.pk: balance.spendable for balance in balances_of(member.wallet_id, at=at)}


def unit_of_code(programme: Programme, code: str) -> Unit:
    """:raises UnitUnknown: if the programme has no such unit"""
    unit = next((unit for unit in units_of(programme.pk) if unit.code == code), None)
    if unit is None:
        raise UnitUnknown(unit=code)
    return unit


def spendable_unit(programme: Programme, code: str) -> Unit:
    """
    A unit that can be spent.

    :raises UnitUnknown: if the programme has no such unit
    :raises UnitNotSpendable: if it only counts towards something
    """
    unit = unit_of_code(programme, code)
    if unit.klass == Unit.Klass.QUALIFYING:
        raise UnitNotSpendable(unit=code)
    return unit


def amount_of(text: str, unit: Unit, *, least: int = 1) -> int:
    """
    An amount in the unit's minor units.

    :raises AmountInvalid: if it is less than `least`, or has more places than the unit
    """
    try:
        amount = parse_minor(text, decimals=unit.decimals)
    except ValueError as error:
        raise AmountInvalid(unit=unit.code, amount=text, decimals=unit.decimals) from error
    if amount < least:
        raise AmountInvalid(unit=unit.code, amount=text, decimals=unit.decimals)
    return amount
