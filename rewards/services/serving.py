"""What asking a customer for points takes, whatever they are for: an open visit, a hold, and nothing else waiting."""

from datetime import datetime, timedelta
from functools import partial

from django.db.models import Sum

from ledger import services as ledger
from ledger.errors import InsufficientPoints, ReferenceReused
from members import visits
from members.errors import MemberBlocked
from members.households import spending
from members.models import Visit
from members.visits import Till
from rewards.errors import AnotherWaiting, CardNotShown, KeyReused, NotEnough, NumberTriesUsedUp
from rewards.models import Redemption
from rewards.services.confirming import NUMBER_TRIES

WAITS = timedelta(minutes=5)
SOURCE = "rewards"


def scoped(key: str, till: Till, *, from_household: bool = False) -> str:
    """The key of a press of a button, told apart from other devices' keys, and by whose points it asks for."""
    return f"device:{till.device.pk}:{key}{':household' if from_household else ''}"


def redemption_by(scoped_key: str, till: Till) -> Redemption | None:
    """What a press of the button asked before."""
    return (
        Redemption.objects.select_related("reward__unit", "unit", "member", "shop__programme")
        .filter(programme_id=till.programme.pk, key=scoped_key)
        .first()
    )


def spending_visit(visit_id: int, till: Till, at: datetime) -> Visit:
    """
    The open visit of a customer who may be asked for points.

    :raises VisitClosed: if the visit is over or another till's
    :raises CardNotShown: if the member was identified by a typed number
    :raises MemberBlocked: if the member was blocked meanwhile
    :raises NumberTriesUsedUp: if too many wrong numbers were typed in this visit
    """
    visit = visits.visit_at(visit_id=visit_id, till=till, at=at)
    if not visit.may_spend:
        raise CardNotShown(visit=visit.pk)
    if not visit.member.is_active:
        raise MemberBlocked(member=visit.member.number)
    # Each new redemption has a new number and new tries: without this a till could try until it is right.
    wrong = visit.redemptions.aggregate(total=Sum("wrong_numbers"))["total"] or 0
    if wrong >= NUMBER_TRIES:
        raise NumberTriesUsedUp(limit=NUMBER_TRIES)
    return visit


def hold_for(
    visit: Visit, *, unit_id: int, amount: int, scoped_key: str, at: datetime, from_household: bool
) -> ledger.Reserved:
    """
    Keep points of the visit's member, or of their household, for `WAITS`.

    :raises HouseholdRefused: by its subclasses, if there is no household whose points they may spend
    :raises NotEnough: if the wallet can't pay
    :raises KeyReused: if the key stands for something else
    """
    if from_household:
        keep = partial(spending.reserve, member=visit.member)
    else:
        keep = partial(ledger.reserve, programme_id=visit.member.programme_id, wallet_id=visit.member.wallet_id)
    try:
        return keep(
            unit_id=unit_id,
            amount=amount,
            source=SOURCE,
            reference=scoped_key,
            at=at,
            until=at + WAITS,
        )
    except InsufficientPoints as refusal:
        raise NotEnough(**refusal.facts) from refusal
    except ReferenceReused as refusal:
        raise KeyReused(key=scoped_key) from refusal


def require_nothing_waiting(visit: Visit) -> None:
    """:raises AnotherWaiting: if the member is asked about something already"""
    waiting = Redemption.objects.filter(member=visit.member, state=Redemption.State.RESERVED).first()
    if waiting is not None:
        raise AnotherWaiting(redemption=waiting.pk)
