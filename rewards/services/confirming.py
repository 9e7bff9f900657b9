"""The customer's yes, and the capture that goes with it."""

from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from ledger import services as ledger
from ledger.errors import HoldNotOpen
from members.models import Member
from members.visits import Till
from rewards import confirmation, queries
from rewards.errors import NumberTriesUsedUp, RedemptionClosed, RedemptionUnknown, WrongNumber
from rewards.models import Redemption
from rewards.services import facts

NUMBER_TRIES = 5
_WHAT_A_YES_CHANGES = ["state", "burn", "redeemed_at", "confirmed_by", "wrong_numbers", "closed_at"]


@transaction.atomic
def confirm(*, redemption_id: int, member: Member, at: datetime) -> Redemption:
    """
    The customer says yes on their own screen: the points are spent. Saying it again changes nothing.

    :raises RedemptionUnknown: if it is not this member's
    :raises RedemptionClosed: if it was cancelled or its time is over
    """
    redemption = queries.redemptions().filter(pk=redemption_id, member=member).first()
    if redemption is None:
        raise RedemptionUnknown(redemption=redemption_id)
    return _capture(redemption, Redemption.Yes.COCKPIT, at=at)


def confirm_by_number(*, redemption_id: int, number: str, till: Till, at: datetime) -> Redemption:
    """
    The customer says yes by reading out the number on their screen: the points are spent.

    A try is counted, and committed, before the number is looked at, so at most `NUMBER_TRIES` are, however many arrive
    at once; the right one is not counted. Must not be called inside a transaction.

    :raises RedemptionUnknown: if it was not reserved at this till
    :raises RedemptionClosed: if it was cancelled or its time is over
    :raises WrongNumber: if the number is wrong
    :raises NumberTriesUsedUp: if too many were wrong: the number was not looked at
    """
    redemption = queries.redemptions().filter(pk=redemption_id, device=till.device, staff=till.staff).first()
    if redemption is None:
        raise RedemptionUnknown(redemption=redemption_id)
    tries = _take_a_try(redemption, at)
    if tries is None:
        return redemption
    if not confirmation.is_number_of(number, redemption):
        raise WrongNumber(tries_left=NUMBER_TRIES - tries)
    with transaction.atomic():
        return _capture(redemption, Redemption.Yes.NUMBER, at=at)


def _capture(redemption: Redemption, yes: Redemption.Yes, *, at: datetime) -> Redemption:
    """Spend what the hold keeps; the wallet's lock, taken by the capture, lets one of many confirmations through."""
    try:
        burn_id = ledger.capture(hold_id=redemption.hold_id, at=at, actor=f"member:{redemption.member.number}")
    except HoldNotOpen:
        return _redeemed_already(redemption, at)
    open_still = Redemption.objects.filter(pk=redemption.pk, state=Redemption.State.RESERVED, expires_at__gt=at)
    was_open = open_still.update(
        state=Redemption.State.REDEEMED,
        burn_id=burn_id,
        redeemed_at=at,
        confirmed_by=yes,
        wrong_numbers=F("wrong_numbers") - (1 if yes == Redemption.Yes.NUMBER else 0),
    )
    redemption.refresh_from_db(fields=_WHAT_A_YES_CHANGES)
    if not was_open:
        # The sweep was quicker by a clock a little ahead: what it gave back is not spent.
        raise RedemptionClosed(redemption=redemption.pk, state=redemption.state)
    facts.record("reward.redeemed", [redemption], at=at)
    return redemption


def _redeemed_already(redemption: Redemption, at: datetime) -> Redemption:
    redemption.refresh_from_db(fields=_WHAT_A_YES_CHANGES)
    if redemption.state != Redemption.State.REDEEMED:
        raise RedemptionClosed(redemption=redemption.pk, state=redemption.state_at(at))
    return redemption


@transaction.atomic(durable=True)
def _take_a_try(redemption: Redemption, at: datetime) -> int | None:
    """Count a try and return how many there were; None if the customer has said yes already."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE rewards_redemption SET wrong_numbers = wrong_numbers + 1
             WHERE id = %s AND state = 'RESERVED' AND expires_at > %s AND wrong_numbers < %s RETURNING wrong_numbers
            """,
            [redemption.pk, at, NUMBER_TRIES],
        )
        row = cursor.fetchone()
    if row is not None:
        return int(row[0])
    redemption.refresh_from_db(fields=_WHAT_A_YES_CHANGES)
    state = redemption.state_at(at)
    if state == Redemption.State.RESERVED:
        raise NumberTriesUsedUp(limit=NUMBER_TRIES)
    if state != Redemption.State.REDEEMED:
        raise RedemptionClosed(redemption=redemption.pk, state=state)
    return None
