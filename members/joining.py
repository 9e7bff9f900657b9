"""A signed-in customer joins a programme, which may know the address already."""

from datetime import datetime

from django.db import transaction

from events import outbox
from members.errors import MemberExists
from members.models import Member
from members.queries import member_of
from members.services import enrol
from shops.models import Programme, User


def join(*, programme: Programme, user: User, name: str, at: datetime) -> Member:
    """
    Make the customer a member, or return the membership they have: joining twice, or twice at once, is joining once.

    A member whom a shop reported by the same address, and who has no sign-in yet, becomes theirs with all its points.
    So the caller must have proof that the address is the customer's.

    :raises MemberExists: if a member with this address belongs to another sign-in
    """
    joined = member_of(user, programme) or _claim(programme, user, name.strip(), at)
    if joined is not None:
        return joined
    try:
        return enrol(programme=programme, at=at, name=name, email=user.email, user=user)
    except MemberExists:
        # Lost a race against another request of the same customer; or the address is really somebody else's.
        joined = member_of(user, programme) or _claim(programme, user, name.strip(), at)
        if joined is None:
            raise
        return joined


@transaction.atomic
def _claim(programme: Programme, user: User, name: str, at: datetime) -> Member | None:
    reported = (
        Member.objects.select_for_update()
        .filter(programme=programme, user__isnull=True, email__iexact=user.email)
        .first()
    )
    if reported is None:
        return None
    reported.user = user
    reported.name = reported.name or name
    reported.save(update_fields=["user", "name"])
    outbox.record([outbox.Fact(programme.pk, "member.claimed", {"member": reported.number}, at)])
    return reported
