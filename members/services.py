"""Joining a programme."""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from django.db import IntegrityError, connection, transaction

from events import outbox
from ledger import services as ledger
from members.errors import MemberExists
from members.models import Identifier, Member
from members.queries import unused_numbers
from shops.models import Programme, User

CARD_REF_BYTES = 10


def enrol(
    *,
    programme: Programme,
    at: datetime,
    name: str = "",
    email: str = "",
    user: User | None = None,
    identifiers: Sequence[tuple[str, str]] = (),
) -> Member:
    """
    Make somebody a member and open the wallet. `identifiers` are `(source, external_id)` pairs.

    :raises MemberExists: if the sign-in, the address or an identifier belongs to a member of this programme already
    """
    try:
        with transaction.atomic():
            if identifiers:
                _one_enroller_at_a_time(programme, identifiers)
            (wallet_id,) = ledger.open_wallets(programme_id=programme.pk, count=1, at=at)
            member = Member.objects.create(
                programme=programme,
                number=unused_numbers(programme_id=programme.pk, count=1)[0],
                wallet_id=wallet_id,
                user=user,
                name=name.strip(),
                email=email.strip(),
                card_ref=secrets.token_bytes(CARD_REF_BYTES),
                joined_at=at,
            )
            Identifier.objects.bulk_create(
                Identifier(programme=programme, member=member, source=source, external_id=external_id)
                for source, external_id in identifiers
            )
            outbox.record([_enrolled(member)])
            return member
    except IntegrityError as clash:
        raise MemberExists(email=email, identifiers=list(identifiers)) from clash


@transaction.atomic
def enrol_unknown(*, programme: Programme, source: str, first_seen: Mapping[str, datetime]) -> int:
    """
    Make members of those external ids of a source that nobody has yet, joined when `first_seen`; return how many.

    Many at once, though not more than some thousand; safe to repeat and in parallel.
    """
    wanted = _unknown(programme, source, first_seen)
    if not wanted:
        return 0
    _one_enroller_at_a_time(programme, [(source, external_id) for external_id in wanted])
    missing = _unknown(programme, source, wanted)
    if not missing:
        return 0
    opened_at = min(first_seen[external_id] for external_id in missing)
    wallets = ledger.open_wallets(programme_id=programme.pk, count=len(missing), at=opened_at)
    numbers = unused_numbers(programme_id=programme.pk, count=len(missing))
    members = Member.objects.bulk_create(
        Member(
            programme=programme,
            number=number,
            wallet_id=wallet_id,
            card_ref=secrets.token_bytes(CARD_REF_BYTES),
            joined_at=first_seen[external_id],
        )
        for wallet_id, number, external_id in zip(wallets, numbers, missing, strict=True)
    )
    Identifier.objects.bulk_create(
        Identifier(programme=programme, member=member, source=source, external_id=external_id)
        for member, external_id in zip(members, missing, strict=True)
    )
    outbox.record([_enrolled(member) for member in members])
    return len(members)


def _one_enroller_at_a_time(programme: Programme, identifiers: Sequence[tuple[str, str]]) -> None:
    """
    Wait for others who enrol one of these: the same customer, reported twice at once, must not be made twice.

    In the order of the keys, so that nobody waits in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(key) FROM (SELECT DISTINCT hashtextextended(id, %s) AS key"
            " FROM unnest(%s::text[]) AS id ORDER BY key) ordered",
            [programme.pk, [f"enrol {source} {external_id}" for source, external_id in identifiers]],
        )


def _unknown(programme: Programme, source: str, external_ids: Iterable[str]) -> list[str]:
    wanted = sorted(external_ids)
    known = set(
        Identifier.objects.filter(programme=programme, source=source, external_id__in=wanted).values_list(
            "external_id", flat=True
        )
    )
    return [external_id for external_id in wanted if external_id not in known]


def _enrolled(member: Member) -> outbox.Fact:
    return outbox.Fact(
        member.programme_id,
        "member.enrolled",
        {"member": member.number, "joined_at": member.joined_at.isoformat()},
        member.joined_at,
    )
