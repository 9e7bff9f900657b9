"""Redemptions that end another way: cancelled, declined, over by themselves, undone."""

from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction

from kernel.periods import end_of_day, local_day
from ledger import services as ledger
from ledger.errors import HoldNotOpen
from members.errors import OwnAccount
from members.models import Member
from members.visits import Till
from rewards import queries
from rewards.errors import RedemptionClosed, RedemptionUnknown, UndoNotAllowed
from rewards.models import Redemption
from rewards.services import facts, stock
from shops.models import User

GRACE = timedelta(days=30)


@transaction.atomic
def cancel(*, redemption_id: int, till: Till, at: datetime) -> Redemption:
    """
    Staff take a question back: the points are free again, the piece goes back. Cancelling twice is cancelling once.

    :raises RedemptionUnknown: if it was not reserved in this shop
    :raises RedemptionClosed: if the customer said yes already
    """
    redemption = queries.redemptions().filter(pk=redemption_id, shop=till.shop).first()
    return _void(redemption, redemption_id, by=till.staff, at=at)


@transaction.atomic
def decline(*, redemption_id: int, member: Member, at: datetime) -> Redemption:
    """
    The customer says no: the points are free again, the piece goes back. Saying it twice is saying it once.

    :raises RedemptionUnknown: if it is not this member's
    :raises RedemptionClosed: if they said yes already
    """
    redemption = queries.redemptions().filter(pk=redemption_id, member=member).first()
    return _void(redemption, redemption_id, by=None, at=at)


@transaction.atomic
def undo(*, redemption_id: int, by: User, at: datetime) -> Redemption:
    """
    Take a redemption back: by who served, within `queries.UNDO_WITHIN`, or by a manager of the shop at any time.

    The points return to the lots they came from; what expired meanwhile lives on until the end of the 30th day. Undoing
    twice is undoing once.

    :raises RedemptionUnknown: if there is none with this id
    :raises OwnAccount: if `by` is the member
    :raises UndoNotAllowed: if `by` is neither, or it is too late
    :raises RedemptionClosed: if it was never redeemed
    """
    redemption = queries.redemptions().filter(pk=redemption_id).first()
    if redemption is None:
        raise RedemptionUnknown(redemption=redemption_id)
    if redemption.member.user_id == by.pk:
        raise OwnAccount(member=redemption.member.number)
    if redemption.redeemed_at is None or redemption.burn_id is None:
        raise RedemptionClosed(redemption=redemption.pk, state=redemption.state_at(at))
    if redemption.pk not in queries.undoable([redemption], by=by, at=at):
        raise UndoNotAllowed(until=redemption.redeemed_at + queries.UNDO_WITHIN)
    zone = redemption.shop.programme.zone
    ledger.reverse(
        burn_posting_id=redemption.burn_id,
        at=at,
        grace_until=end_of_day(local_day(at, zone) + GRACE, zone),
        actor=f"user:{by.pk}",
    )
    return _close(redemption, Redemption.State.REDEEMED, Redemption.State.REFUNDED, by=by, at=at)


@transaction.atomic
def give_back_lapsed(*, at: datetime, limit: int = 500) -> int:
    """
    Close reservations whose time is over, at most `limit`, and put their pieces back; return how many.

    Everything reads right without it; it keeps the catalogue's figures and the list of open ones tidy. Safe late,
    twice and in two workers at once.
    """
    waiting = Redemption.objects.filter(state=Redemption.State.RESERVED, expires_at__lte=at).order_by("pk")[:limit]
    free = Redemption.objects.select_for_update(no_key=True, skip_locked=True, of=("self",)).filter(
        pk__in=list(waiting.values_list("pk", flat=True))
    )
    lapsed = stock.close_lapsed(free, at=at)
    stock.put_back(stock.pieces_of(lapsed))
    return len(lapsed)


def _void(redemption: Redemption | None, redemption_id: int, *, by: User | None, at: datetime) -> Redemption:
    if redemption is None:
        raise RedemptionUnknown(redemption=redemption_id)
    with suppress(HoldNotOpen):  # over, cancelled or captured: its state says which
        ledger.release(hold_id=redemption.hold_id, at=at)
    return _close(redemption, Redemption.State.RESERVED, Redemption.State.VOIDED, by=by, at=at)


def _close(
    redemption: Redemption, before: Redemption.State, after: Redemption.State, *, by: User | None, at: datetime
) -> Redemption:
    """Move one redemption on, once; the wallet is locked by now, and the stock comes last."""
    changed = Redemption.objects.filter(pk=redemption.pk, state=before).update(state=after, closed_at=at, closed_by=by)
    redemption.refresh_from_db(fields=["state", "closed_at", "closed_by"])
    if changed:
        stock.put_back(stock.pieces_of([redemption]))
        _tell(redemption, by=by, at=at)
    elif redemption.state in {Redemption.State.REDEEMED, Redemption.State.REFUNDED} and redemption.state != after:
        raise RedemptionClosed(redemption=redemption.pk, state=redemption.state)
    return redemption


def _tell(redemption: Redemption, *, by: User | None, at: datetime) -> None:
    if redemption.state == Redemption.State.REFUNDED:
        facts.record("reward.refunded", [redemption], at=at)
    else:
        facts.record("reward.released", [redemption], at=at, reason="cancelled" if by else "declined")
