"""A reward reserved at a till, for a customer who is to say yes."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from members.models import Visit
from members.visits import Till
from rewards.errors import KeyReused, NotOffered
from rewards.models import Redemption, Reward
from rewards.services import facts, stock
from rewards.services.serving import (
    WAITS,
    hold_for,
    redemption_by,
    require_nothing_waiting,
    scoped,
    spending_visit,
)


@transaction.atomic
def reserve(
    *, visit_id: int, reward_key: str, till: Till, key: str, at: datetime, from_household: bool = False
) -> Redemption:
    """
    Hold the points, the member's own or their household's, and take a piece of stock for `WAITS`; spent is nothing
    until the customer says yes.

    Asking again with the same `key` at the same till returns the first redemption, whatever became of it.

    :raises VisitClosed: if the visit is over or another till's
    :raises CardNotShown: if the member was identified by a typed number
    :raises MemberBlocked: if the member was blocked meanwhile
    :raises NumberTriesUsedUp: if too many wrong numbers were typed in this visit
    :raises NotOffered: if the programme doesn't offer the reward
    :raises HouseholdRefused: by its subclasses, if there is no household whose points they may spend
    :raises NotEnough: if the wallet can't pay
    :raises AnotherWaiting: if the member is asked about another redemption
    :raises OutOfStock: if the last piece is gone
    :raises KeyReused: if the key stands for something else
    """
    scoped_key = scoped(key, till, from_household=from_household)
    earlier = redemption_by(scoped_key, till)
    if earlier is not None:
        return _same(earlier, visit_id, reward_key)
    visit = spending_visit(visit_id, till, at)
    reward = _offered(reward_key, till)
    hold = hold_for(
        visit,
        unit_id=reward.unit_id,
        amount=reward.price,
        scoped_key=scoped_key,
        at=at,
        from_household=from_household,
    )
    if not hold.fresh:
        # Another connection did the same meanwhile; the wallet's lock made this one wait for its end.
        return _same(redemption_by(scoped_key, till), visit_id, reward_key)
    lapsed = stock.close_lapsed(_rivals(visit, reward), at=at)
    require_nothing_waiting(visit)
    redemption = Redemption.objects.create(
        programme_id=till.programme.pk,
        member=visit.member,
        reward=reward,
        price=reward.price,
        key=scoped_key,
        shop=till.shop,
        device=till.device,
        staff=till.staff,
        visit=visit,
        took_stock=reward.stock is not None,
        hold_id=hold.hold_id,
        reserved_at=at,
        expires_at=at + WAITS,
    )
    if redemption.took_stock:
        stock.put_back_and_take(stock.pieces_of(lapsed), reward)
    else:
        stock.put_back(stock.pieces_of(lapsed))
    facts.record("reward.reserved", [redemption], at=at)
    return redemption


def _same(earlier: Redemption | None, visit_id: int, reward_key: str) -> Redemption:
    reward = earlier and earlier.reward
    if earlier is None or reward is None or (earlier.visit_id, reward.key) != (visit_id, reward_key):
        raise KeyReused(key=earlier and earlier.key)
    return earlier


def _offered(reward_key: str, till: Till) -> Reward:
    reward = (
        Reward.objects.select_related("unit").filter(programme=till.programme, key=reward_key, is_offered=True).first()
    )
    if reward is None:
        raise NotOffered(reward=reward_key)
    return reward


def _rivals(visit: Visit, reward: Reward) -> QuerySet[Redemption]:
    """Locked: what may have to end before this member can be asked, or before there is a piece of this reward."""
    return Redemption.objects.select_for_update(no_key=True, of=("self",)).filter(
        Q(member=visit.member) | Q(reward=reward)
    )
