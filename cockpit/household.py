"""The member's household in words: who is in it, whose what in its pool is, and what would come home."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from cockpit.household_forms import GiveForm, InviteForm, RoleForm, ShareForm
from cockpit.visitor import Visitor
from kernel.periods import local_day
from kernel.wording import day_text, near_day_text, number_text
from ledger import queries as ledger
from ledger.pools import Part
from ledger.queries import Unit
from members.households import queries
from members.households.models import HouseholdMember
from members.households.queries import Overview, Person
from members.models import Member


@dataclass(frozen=True, slots=True)
class ShownPerson:
    """
    Somebody in the household: `gave` is what of the pool is theirs, `percent` the part of all of it. `form` is there
    for the head to manage them.
    """

    name: str
    initials: str
    number: str
    role: str
    is_head: bool
    is_me: bool
    gave: str
    percent: int
    form: RoleForm | None


@dataclass(frozen=True, slots=True)
class ShownPart:
    """What lives as long as the other, in words."""

    amount: str
    until: str


@dataclass(frozen=True, slots=True)
class ComingHome:
    """What one person would have back: all of it, and part by part, soonest to expire first."""

    name: str
    total: str
    parts: list[ShownPart]


@dataclass(frozen=True, slots=True)
class ShownInvitation:
    """An invitation, as who got it or who gave it sees it."""

    id: int
    name: str
    role: str
    until: str
    people: str = ""


@dataclass(frozen=True, slots=True)
class ShownHousehold:
    """All that the page of a household says. Figures are texts."""

    name: str
    since: str
    balances: list[tuple[str, str]]
    reserved: list[str]
    people: list[ShownPerson]
    next_to_go: list[ShownPart]
    invited: list[ShownInvitation]
    is_head: bool
    may_spend: bool
    mine: str
    give: GiveForm | None
    have: list[str]
    share: ShareForm
    share_percent: int
    invite: InviteForm | None


def invitations_for(visitor: Visitor) -> list[ShownInvitation]:
    """Who asked the member to join."""
    return [
        ShownInvitation(
            row.pk,
            row.household.name,
            _role(row.role),
            _last_day(row.lapses_at, visitor),
            ", ".join(name_of(person.member) for person in _people(row.household_id)),
        )
        for row in queries.invitations_of(visitor.member, at=visitor.at)
    ]


def household_for(visitor: Visitor, place: HouseholdMember, *, invite: InviteForm | None = None) -> ShownHousehold:
    """The page of the member's household."""
    overview = queries.overview_of(place.household, at=visitor.at)
    units = queries.pooled_units(visitor.programme.pk)
    own = {row.unit.pk: row.spendable for row in ledger.balances_of(visitor.member.wallet_id, at=visitor.at)}
    mine = overview.person_of(visitor.member)
    is_offered = queries.terms_of(visitor.programme) is not None
    can_give = [unit for unit in units if own.get(unit.pk, 0) > 0]
    return ShownHousehold(
        name=place.household.name,
        since=day_text(local_day(place.household.created_at, visitor.programme.zone), language=_language()),
        balances=[(_number(row.spendable, row.unit), row.unit.name) for row in overview.balances],
        reserved=[amount(row.reserved, row.unit) for row in overview.balances if row.reserved],
        people=_shown_people(overview, place, visitor),
        next_to_go=_next_to_go(overview, visitor),
        invited=_invited(place, visitor) if place.is_head else [],
        is_head=place.is_head,
        may_spend=place.may_spend,
        mine=_sums(mine),
        give=GiveForm(units=can_give, key=uuid4().hex) if can_give else None,
        have=[amount(own[unit.pk], unit) for unit in can_give],
        share=ShareForm({"percent": place.share_percent}),
        share_percent=place.share_percent,
        invite=(invite or InviteForm(auto_id="invite_%s")) if place.is_head and is_offered else None,
    )


def coming_home(visitor: Visitor, place: HouseholdMember) -> list[ComingHome]:
    """What would be in the member's wallet again if they left now; for the head everybody's, if it were dissolved."""
    overview = queries.overview_of(place.household, at=visitor.at)
    people = overview.people if place.is_head else [overview.person_of(visitor.member)]
    return [
        ComingHome(
            name_of(person.member),
            _total((part.free, part.unit) for part in person.coming_home),
            [_part(part, visitor) for part in person.coming_home],
        )
        for person in people
        if person.coming_home
    ]


def still_kept(visitor: Visitor, place: HouseholdMember) -> str:
    """What of it holds keep: it follows when they end without spending it. Empty when nothing is."""
    overview = queries.overview_of(place.household, at=visitor.at)
    people = overview.people if place.is_head else [overview.person_of(visitor.member)]
    return _total((part.reserved, part.unit) for person in people for part in person.parts if part.reserved)


def name_of(member: Member) -> str:
    """How the others of a household call somebody."""
    return member.name or _grouped(member.number)


def amount(minor: int, unit: Unit) -> str:
    """An amount with its unit."""
    return f"{_number(minor, unit)} {unit.symbol or unit.name}"


def _shown_people(overview: Overview, place: HouseholdMember, visitor: Visitor) -> list[ShownPerson]:
    total = sum(part.amount for person in overview.people for part in person.parts)
    shown = []
    for person in overview.people:
        row, theirs = person.row, sum(part.amount for part in person.parts)
        is_me = person.member.pk == visitor.member.pk
        is_managed = place.is_head and row is not None and not is_me
        shown.append(
            ShownPerson(
                name=name_of(person.member),
                initials=_initials(person.member),
                number=person.member.number,
                role=_role(row.role) if row else _("left"),
                is_head=bool(row and row.is_head),
                is_me=is_me,
                gave=_sums(person),
                percent=theirs * 100 // total if total else 0,
                form=RoleForm({"number": person.member.number, "role": row.role}, auto_id=f"role_{row.pk}_%s")
                if is_managed and row
                else None,
            )
        )
    return shown


def _next_to_go(overview: Overview, visitor: Visitor) -> list[ShownPart]:
    """The soonest three instants at which something of the pool expires."""
    totals: dict[tuple[datetime, Unit], int] = {}
    for part in (part for person in overview.people for part in person.parts):
        if part.expires_at is not None and part.free:
            key = (part.expires_at, part.unit)
            totals[key] = totals.get(key, 0) + part.free
    soonest = sorted(totals.items(), key=lambda item: (item[0][0], item[0][1].pk))[:3]
    return [ShownPart(amount(total, unit), _near_day(expires_at, visitor)) for (expires_at, unit), total in soonest]


def _invited(place: HouseholdMember, visitor: Visitor) -> list[ShownInvitation]:
    return [
        ShownInvitation(row.pk, _grouped(row.member.number), _role(row.role), _last_day(row.lapses_at, visitor))
        for row in queries.invited_to(place.household, at=visitor.at)
    ]


def _part(part: Part, visitor: Visitor) -> ShownPart:
    until = _("never expire") if part.expires_at is None else _last_day(part.expires_at, visitor)
    return ShownPart(amount(part.free, part.unit), until)


def _people(household_id: int) -> list[HouseholdMember]:
    active = HouseholdMember.objects.filter(household=household_id, state=HouseholdMember.State.ACTIVE)
    return list(active.select_related("member").order_by("joined_at", "pk"))


def _sums(person: Person) -> str:
    return _total((total.amount, total.unit) for total in person.sums if total.amount)


def _total(amounts: Iterable[tuple[int, Unit]]) -> str:
    """Amounts summed up by unit, in words."""
    totals: dict[Unit, int] = {}
    for minor, unit in amounts:
        totals[unit] = totals.get(unit, 0) + minor
    return ", ".join(amount(total, unit) for unit, total in totals.items())


def _role(role: str) -> str:
    return {
        HouseholdMember.Role.HEAD: _("Head"),
        HouseholdMember.Role.ADULT: _("Adult"),
        HouseholdMember.Role.CONTRIBUTOR: _("Contributor"),
    }[HouseholdMember.Role(role)]


def _last_day(end: datetime | None, visitor: Visitor) -> str:
    if end is None:
        return ""
    return day_text(local_day(end - timedelta(microseconds=1), visitor.programme.zone), language=_language())


def _near_day(end: datetime, visitor: Visitor) -> str:
    last = local_day(end - timedelta(microseconds=1), visitor.programme.zone)
    return near_day_text(last, language=_language())


def _initials(member: Member) -> str:
    words = member.name.split() or ["#"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


def _grouped(number: str) -> str:
    return " ".join(number[start : start + 4] for start in range(0, len(number), 4))


def _number(minor: int, unit: Unit) -> str:
    return number_text(minor, decimals=unit.decimals, language=_language())


def _language() -> str:
    return get_language() or "en"
