"""What the first page says about a member's points, in words."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import get_language, ngettext

from campaigns.queries import money_of
from campaigns.wording import Money, points
from cockpit.visitor import Visitor
from kernel.periods import local_day
from kernel.wording import near_day_text, number_text
from ledger import queries as ledger
from ledger.checkout import payment_terms
from ledger.paying import Terms, value_of
from ledger.queries import Balance
from members.households.models import Household
from members.households.queries import overview_of, spending_pool
from rewards import queries as rewards
from rewards.queries import Offer

WARNED_AHEAD = timedelta(days=30)
FEW_LEFT = 5


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Points that are gone after `day`, soonest first; `is_urgent` within a week."""

    amount: str
    day: str
    is_urgent: bool


@dataclass(frozen=True, slots=True)
class NextReward:
    """The cheapest reward the member can't take yet: `have` of `price` minor units, `missing` in words."""

    name: str
    have: int
    price: int
    missing: str


@dataclass(frozen=True, slots=True)
class Wallet:
    """One balance on the card. Empty texts mean that there is nothing to say."""

    spendable: str
    unit: str
    pending: str
    reserved: str
    owed: str
    worth: str


def wallets_of(visitor: Visitor) -> list[Wallet]:
    """The member's balances, the programme's first unit first."""
    balances = ledger.balances_of(visitor.member.wallet_id, at=visitor.at)
    terms = payment_terms([balance.unit.pk for balance in balances], programme_id=visitor.programme.pk)
    money = money_of(visitor.programme)
    return [_wallet(balance, terms.get(balance.unit.pk), money) for balance in balances]


def purses_of(visitor: Visitor) -> list[Wallet]:
    """The balances of the household whose points the member may spend; none without one."""
    pool_id = spending_pool(wallet_id=visitor.member.wallet_id)
    if pool_id is None:
        return []
    money = money_of(visitor.programme)
    found = overview_of(Household.objects.get(pool=pool_id), at=visitor.at)
    return [_wallet(balance, None, money) for balance in found.balances]


def lapsing_for(visitor: Visitor) -> list[Lapsing]:
    """What expires within `WARNED_AHEAD`, one entry a day."""
    zone = visitor.programme.zone
    by_day: dict[date, int] = {}
    decimals = 0
    for part in ledger.expiring(visitor.member.wallet_id, at=visitor.at, within=WARNED_AHEAD):
        last_day = local_day(part.expires_at - timedelta(microseconds=1), zone)
        by_day[last_day] = by_day.get(last_day, 0) + part.amount
        decimals = part.unit.decimals
    soon = local_day(visitor.at + timedelta(days=7), zone)
    return [
        Lapsing(points(amount, decimals), near_day_text(day, language=_language()), is_urgent=day <= soon)
        for day, amount in sorted(by_day.items())
    ]


def next_reward(offers: list[Offer]) -> NextReward | None:
    """The nearest goal among what the member can't pay yet."""
    ahead = [offer for offer in offers if offer.missing and not offer.is_sold_out]
    if not ahead:
        return None
    goal = min(ahead, key=lambda offer: offer.missing)
    price, decimals = goal.reward.price, goal.reward.unit.decimals
    return NextReward(goal.reward.name, price - goal.missing, price, points(goal.missing, decimals))


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """
    A reward in words; `have` of `price` minor units are there, `missing` and `left` are empty if nothing to say.
    `is_together` where the household can pay it and the member alone can't.
    """

    name: str
    description: str
    price_text: str
    have: int
    price: int
    missing: str
    left: str
    is_together: bool


def shown_offers(visitor: Visitor) -> tuple[list[ShownOffer], list[ShownOffer], list[ShownOffer]]:
    """The catalogue in three: can be taken now, soon, sold out."""
    offers = rewards.catalogue_for(visitor.member, at=visitor.at)
    return (
        [_offer(offer) for offer in offers if offer.can_be_taken or offer.can_be_taken_together],
        [_offer(offer) for offer in offers if offer.missing and not offer.is_sold_out and not offer.household_can_pay],
        [_offer(offer) for offer in offers if offer.is_sold_out],
    )


def _offer(offer: Offer) -> ShownOffer:
    reward, decimals = offer.reward, offer.reward.unit.decimals
    is_scarce = offer.left is not None and 0 < offer.left <= FEW_LEFT
    return ShownOffer(
        name=reward.name,
        description=reward.description,
        price_text=points(reward.price, decimals),
        have=reward.price - offer.missing,
        price=reward.price,
        missing=_amount(offer.missing, decimals),
        left=ngettext("%(count)s left", "%(count)s left", offer.left or 0) % {"count": offer.left} if is_scarce else "",
        is_together=not offer.can_be_taken and offer.can_be_taken_together,
    )


def _wallet(balance: Balance, terms: Terms | None, money: Money) -> Wallet:
    decimals = balance.unit.decimals
    # Stored value is written as money already.
    is_told = terms is not None and balance.unit.klass != balance.unit.Klass.STORED_VALUE
    worth = value_of(balance.spendable, terms) if terms and is_told else 0
    return Wallet(
        spendable=number_text(balance.spendable, decimals=decimals, language=_language()),
        unit=balance.unit.name,
        pending=_amount(balance.pending, decimals),
        reserved=_amount(balance.reserved, decimals),
        owed=_amount(balance.owed, decimals),
        worth=money.show(worth) if worth else "",
    )


def _amount(minor: int, decimals: int) -> str:
    return points(minor, decimals) if minor else ""


def _language() -> str:
    return get_language() or "en"
