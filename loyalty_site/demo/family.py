"""The customer's household in the demo: three who fill one purse."""

from datetime import datetime, timedelta

from ledger.queries import spendable, unit_of
from loyalty_site.demo import people
from members.households import services as households
from members.households.models import HouseholdMember
from members.models import Member
from shops.models import Programme

NAME = "The Winters"
MOST_GIVEN = 240


def gather(programme: Programme, *, at: datetime) -> None:
    """
    Ada leads and keeps what she has, of which some is about to expire; the next two members with points are an adult
    and a child, and each gave a part of what they have.
    """
    unit = unit_of(programme.pk, "points")
    terms = households.NewTerms(is_offered=True, max_members=6, rest_days=30, units=(unit,))
    households.set_terms(programme=programme, terms=terms)
    ada = Member.objects.get(programme=programme, email=people.CUSTOMER_EMAIL)
    since = at - timedelta(days=3)
    households.found(head=ada, name=NAME, at=since)
    others = [
        member
        for member in Member.objects.filter(programme=programme, user=None, joined_at__lt=since).order_by("pk")[:20]
        if spendable(member.wallet_id, unit.pk, at=since) > 1
    ]
    roles = (HouseholdMember.Role.ADULT, HouseholdMember.Role.CONTRIBUTOR)
    for member, role in zip(others, roles, strict=False):
        asked = households.invite(by=ada, number=member.number, role=role, at=since)
        households.accept(member=member, invitation_id=asked.pk, at=since)
    for member in others[: len(roles)]:
        has = spendable(member.wallet_id, unit.pk, at=since)
        if amount := min(has // 2, MOST_GIVEN):
            households.contribute(
                member=member, unit=unit, amount=amount, source="demo", key=member.number, at=since, actor="demo"
            )
    households.set_share(member=ada, percent=25)
