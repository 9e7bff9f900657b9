"""Finding members."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import msgspec
from django.db.models import Q, QuerySet

from members.models import Member
from members.numbers import is_valid_number, new_number
from roundtrips import Question, ask
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
    birth_month: int | None = None


class _Row(msgspec.Struct):
    source: str
    value: str
    member_id: int
    wallet_id: int
    number: str
    status: str
    birth_month: int | None


_decode_rows = msgspec.json.Decoder(list[_Row]).decode


def find_many(*, programme_id: int, keys: Iterable[MemberKey]) -> dict[MemberKey, FoundMember]:
    """Resolve many keys in one query; unknown ones are left out."""
    wanted = list(keys)
    return ask(who_are(programme_id=programme_id, keys=wanted)) if wanted else {}


def who_are(*, programme_id: int, keys: Iterable[MemberKey]) -> Question[dict[MemberKey, FoundMember]]:
    """The question that `find_many` asks, for those who ask more at once."""
    wanted = list(dict.fromkeys(keys))
    return Question(
        ("members_find(%s, %s, %s)",),
        (programme_id, [key.source for key in wanted], [key.value for key in wanted]),
        lambda row: {
            MemberKey(found.source, found.value): FoundMember(
                found.member_id,
                found.wallet_id,
                found.number,
                found.status == Member.Status.ACTIVE,
                found.birth_month,
            )
            for found in _decode_rows(row[0])
        },
    )


def birth_months(wallet_ids: Sequence[int]) -> dict[int, int]:
    """The months in which the owners of wallets were born; who told none is left out."""
    told = Member.objects.filter(wallet_id__in=wallet_ids).values_list("wallet_id", "birth_month")
    return {wallet_id: month for wallet_id, month in told if month}


def unused_numbers(*, programme_id: int, count: int, draw: Callable[[], str] = new_number) -> list[str]:
    """Draw `count` different numbers that no member of the programme has: in a million members some draws collide."""
    numbers: set[str] = set()
    while len(numbers) < count:
        drawn = {draw() for _ in range(count - len(numbers))}
        taken = Member.objects.filter(programme_id=programme_id, number__in=drawn).values_list("number", flat=True)
        numbers |= drawn - set(taken)
    return list(numbers)


def confirmed_among(programme_id: int, numbers: Iterable[str]) -> set[str]:
    """Those numbers whose members have a sign-in, and so proved that their address is theirs."""
    found = Member.objects.filter(programme_id=programme_id, number__in=list(numbers), user__isnull=False)
    return set(found.values_list("number", flat=True))


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
