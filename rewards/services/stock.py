"""
Stock moved by conditional statements only, and rewards locked last of all, in the order of their ids.

Reservations whose time is over give their piece back to whoever looks for one next; nothing depends on the sweep.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from django.db.models import F, QuerySet

from rewards.errors import OutOfStock
from rewards.models import Redemption, Reward
from rewards.services import facts


def close_lapsed(locked: QuerySet[Redemption], *, at: datetime) -> list[Redemption]:
    """
    Lock and write EXPIRED on those of `locked`, a select for update, that are over at `at`; return them.

    The caller puts their pieces back, after it has locked everything else it needs.
    """
    over = list(
        locked.filter(state=Redemption.State.RESERVED, expires_at__lte=at)
        .select_related("member", "shop__programme", "reward__unit", "unit")
        .order_by("pk")
    )
    if over:
        Redemption.objects.filter(pk__in=[redemption.pk for redemption in over]).update(
            state=Redemption.State.EXPIRED, closed_at=F("expires_at")
        )
        facts.record("reward.released", over, at=at, reason="lapsed")
    return over


def pieces_of(redemptions: Iterable[Redemption]) -> Counter[int]:
    """How many pieces of stock the redemptions took, by reward id."""
    return Counter(row.reward_id for row in redemptions if row.reward_id is not None and row.took_stock)


def put_back(pieces: Counter[int]) -> None:
    """Put pieces back into stock; a reward without a limit has none to count."""
    for reward_id in sorted(pieces):
        Reward.objects.filter(pk=reward_id, stock__isnull=False).update(stock=F("stock") + pieces[reward_id])


def put_back_and_take(pieces: Counter[int], reward: Reward) -> None:
    """
    Put pieces back and take one of `reward`, all in the order of locks.

    :raises OutOfStock: if there is none left; the caller's transaction must not be committed then
    """
    for reward_id in _in_order([*pieces, reward.pk]):
        back = pieces[reward_id]
        if reward_id != reward.pk:
            put_back(Counter({reward_id: back}))
        elif not Reward.objects.filter(pk=reward_id, stock__gt=-back).update(stock=F("stock") + back - 1):
            raise OutOfStock(reward=reward.key)


def _in_order(reward_ids: Iterable[int]) -> list[int]:
    return sorted(set(reward_ids))
