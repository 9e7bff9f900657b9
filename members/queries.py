"""Finding members."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.db import connection
from django.db.models import Q, QuerySet

from members.models import Member
from members.numbers import is_valid_number, new_number
from shops.models import Programme, User


@dataclass(frozen=True, slots=True)
class MemberKey:
    """How a source names a customer: by member number (`source` empty) or by its own id."""

    source: str
    value: str


@dataclass(frozen=True, slots=True)
class FoundMember:
    """What a caller needs to book something for a member."""

    member_id: int
    wallet_id: int
    number: str
    is_active: bool


def find_many(*, programme_id: int, keys: Iterable[MemberKey]) -> dict[MemberKey, FoundMember]:
    """Resolve many keys in one query; unknown ones are left out."""
    wanted = list(dict.fromkeys(keys))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM members_find(%s, %s, %s)",
            [programme_id, [key.source for key in wanted], [key.value for key in wanted]],
        )
        return {
            MemberKey(source, value): FoundMember(member_id, wallet_id, number, status == Member.Status.ACTIVE)
            for source, value, member_id, wallet_id, number, status in cursor.fetchall()
        }


def unused_numbers(*, programme_id: int, count: int, draw: Callable[[], str] = new_number) -> list[str]:
    """Draw `count` different numbers that no member of the programme has: in a million members some draws collide."""
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {draw() for _ in range(count - len(numbers))}
        taken = Member.objects.filter(programme_id=programme_id, number__in=drawn).values_list("number", flat=True)
        numbers |= drawn - set(taken)
    return list(numbers)


def member_of(user: User, programme: Programme) -> Member | None:
    """The membership of a sign-in in a programme."""
    return Member.objects.filter(user=user, programme=programme).first()


def search(programme_ids: Iterable[int], text: str) -> QuerySet[Member]:
    """Members whose number, name, address or identifier begins with or contains `text`."""
    found = Member.objects.filter(programme_id__in=list(programme_ids))
    if is_valid_number(text):
        return found.filter(number=text)
    return found.filter(
        Q(name__icontains=text)
        | Q(email__istartswith=text)
        | Q(identifiers__external_id=text)
        | Q(number__startswith=text)
    ).distinct()
