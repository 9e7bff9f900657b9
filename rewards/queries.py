"""Reads about rewards: what a member can take, what is asked, what was done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from ledger import queries as ledger
from members.households.queries import spendable_of, spending_pool
from members.models import Member
from rewards.confirmation import number_of
from rewards.models import Redemption, Reward
from shops import policy
from shops.models import Device, Shop, User
from shops.policy import Act

UNDO_WITHIN = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Offer:
    """
    A reward as one member sees it. `missing`: what their own wallet lacks, in minor units; `left`: None if unlimited;
    `household_can_pay`: whether the pool that they may spend has enough.
    """

    reward: Reward
    missing: int
    left: int | None
    household_can_pay: bool = False

    @property
    def is_sold_out(self) -> bool:
        return self.left == 0

    @property
    def can_be_taken(self) -> bool:
        """With the member's own."""
        return not self.is_sold_out and self.missing == 0

    @property
    def can_be_taken_together(self) -> bool:
        """With what the household has."""
        return not self.is_sold_out and self.household_can_pay


@dataclass(frozen=True, slots=True)
class PendingConfirmation:
    """What a member is asked to confirm. `number` is for reading out to the cashier; show it to nobody else."""

    redemption: Redemption
    number: str
    seconds_left: int


def catalogue_for(member: Member, *, at: datetime) -> list[Offer]:
    """The programme's offered rewards, cheapest first, as `member` could take them at `at`."""
    spendable = {balance.unit.pk: balance.spendable for balance in ledger.balances_of(member.wallet_id, at=at)}
    purse = _purse(member, at)
    # A piece kept by a reservation whose time is over is free, whether or not anybody has written that down yet.
    lapsed = (
        Redemption.objects.filter(
            reward=OuterRef("pk"), state=Redemption.State.RESERVED, expires_at__lte=at, took_stock=True
        )
        .values("reward")
        .annotate(pieces=Count("pk"))
        .values("pieces")
    )
    rewards = (
        Reward.objects.filter(programme_id=member.programme_id, is_offered=True)
        .select_related("unit")
        .annotate(lapsed=Coalesce(Subquery(lapsed), 0))
        .order_by("price", "name")
    )
    return [
        Offer(
            reward,
            missing=max(0, reward.price - spendable.get(reward.unit_id, 0)),
            left=None if reward.stock is None else reward.stock + reward.lapsed,
            household_can_pay=purse.get(reward.unit_id, 0) >= reward.price,
        )
        for reward in rewards
    ]


def _purse(member: Member, at: datetime) -> dict[int, int]:
    """What the member can spend of a household, by unit id."""
    pool_id = spending_pool(wallet_id=member.wallet_id)
    return {} if pool_id is None else spendable_of(pool_id, at=at)


def pending_confirmation(member: Member, *, at: datetime) -> PendingConfirmation | None:
    """What the member is asked right now, if anything: at most one redemption waits for a member."""
    waiting = redemptions().filter(member=member, state=Redemption.State.RESERVED, expires_at__gt=at).first()
    if waiting is None:
        return None
    return PendingConfirmation(waiting, number_of(waiting), seconds_left=int((waiting.expires_at - at).total_seconds()))


def redemptions() -> QuerySet[Redemption]:
    """Redemptions with what pages and facts show of them: reward, unit, member, shop, device, staff, visit."""
    return Redemption.objects.select_related(
        "reward__unit", "unit", "member", "shop__programme", "device", "staff", "visit"
    )


def last_redemptions(
    *, shop: Shop, device: Device | None = None, staff: User | None = None, limit: int = 10
) -> list[Redemption]:
    """The newest redemptions of a shop, or of one device or person there, whatever became of them."""
    found = redemptions().filter(shop=shop)
    if device is not None:
        found = found.filter(device=device)
    if staff is not None:
        found = found.filter(staff=staff)
    return list(found.order_by("-reserved_at", "-pk")[:limit])


def undoable(candidates: Iterable[Redemption], *, by: User, at: datetime) -> set[int]:
    """The ids of those that `by` may undo at `at`: a manager any redeemed one, who served their own, in time."""
    redeemed = [
        (redemption, redemption.redeemed_at)
        for redemption in candidates
        if redemption.redeemed_at is not None and redemption.member.user_id != by.pk
    ]
    shops = {redemption.shop_id: redemption.shop for redemption, _ in redeemed}
    any_in = {pk for pk, shop in shops.items() if policy.may(by, Act.UNDO_ANY_REDEMPTION, shop.programme, shop)}
    own_in = {pk for pk, shop in shops.items() if policy.may(by, Act.UNDO_OWN_REDEMPTION, shop.programme, shop)}
    return {
        redemption.pk
        for redemption, redeemed_at in redeemed
        if redemption.shop_id in any_in
        or (redemption.shop_id in own_in and redemption.staff_id == by.pk and at < redeemed_at + UNDO_WITHIN)
    }


def by_posting(posting_ids: Sequence[int]) -> dict[int, Redemption]:
    """The redemption behind each posting that spent points on one; a posting that undoes it names this one."""
    found = redemptions().filter(burn_id__in=posting_ids)
    return {redemption.burn_id: redemption for redemption in found if redemption.burn_id is not None}
