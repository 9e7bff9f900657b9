"""What the counter's pages show: first names, amounts in words, what can be done now."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from campaigns.payment_sentences import amount_of, redeemed_name
from campaigns.wording import points
from counter.names import name_of
from counter.paying import can_pay
from counter.selling import PurchasePage, waiting_purchases
from counter.shift import Shift
from ledger import queries as ledger
from ledger.purchases import terms_of
from members.households.models import Household
from members.households.queries import overview_of, spending_pool
from members.models import Visit
from rewards import queries as rewards
from rewards.models import Redemption
from rewards.queries import UNDO_WITHIN, Offer

State = Redemption.State


@dataclass(frozen=True, slots=True)
class Choice:
    """
    A reward on the member's page; `why_not` is empty if it can be taken. `is_together` where the household can pay it.
    """

    key: str
    name: str
    price: str
    why_not: str
    is_together: bool


@dataclass(frozen=True, slots=True)
class VisitPage:
    """A member at the counter. `waiting` is the id of the redemption they are asked about, if any."""

    visit: Visit
    name: str
    balances: list[str]
    household: str
    household_balances: list[str]
    takeable: list[Choice]
    together: list[Choice]
    others: list[Choice]
    can_pay: bool
    can_buy: bool
    purchases: list[PurchasePage]
    waiting: int | None


@dataclass(frozen=True, slots=True)
class RedemptionPage:
    """One redemption: its state at this moment, and what can be done about it."""

    id: int
    state: str
    name: str
    reward: str
    price: str
    is_payment: bool
    staff: str
    device: str
    at: datetime
    can_undo: bool
    undo_until: datetime | None
    seconds_left: int
    visit: int | None


def visit_page(shift: Shift, visit: Visit) -> VisitPage:
    """The member's first name, what they have, and what they could take."""
    offers = rewards.catalogue_for(visit.member, at=shift.at)
    choices = [_choice(offer, may_spend=visit.may_spend) for offer in offers]
    pool_id = spending_pool(wallet_id=visit.member.wallet_id)
    household = None if pool_id is None else Household.objects.get(pool=pool_id)
    purse = [] if household is None else overview_of(household, at=shift.at).balances
    question = rewards.pending_confirmation(visit.member, at=shift.at)
    balances = ledger.balances_of(visit.member.wallet_id, at=shift.at)
    return VisitPage(
        visit=visit,
        name=name_of(visit.member),
        balances=[amount_of(balance.spendable, balance.unit) for balance in balances],
        household=household.name if household else "",
        household_balances=[amount_of(balance.spendable, balance.unit) for balance in purse],
        takeable=[choice for choice in choices if not choice.why_not],
        together=[choice for choice in choices if choice.is_together],
        others=[choice for choice in choices if choice.why_not and not choice.is_together],
        can_pay=can_pay(visit, [*balances, *purse]),
        can_buy=bool(terms_of(visit.member.programme_id)),
        purchases=waiting_purchases(shift, visit.member),
        waiting=question.redemption.pk if question and question.redemption.shop_id == shift.shop.pk else None,
    )


def redemption_page(shift: Shift, redemption: Redemption) -> RedemptionPage:
    """One redemption, for its own page."""
    (page,) = redemption_pages(shift, [redemption])
    return page


def redemption_pages(shift: Shift, redemptions: list[Redemption]) -> list[RedemptionPage]:
    """Many of them, for a list."""
    undoable = rewards.undoable(redemptions, by=shift.till.staff, at=shift.at)
    return [_page(shift, redemption, can_undo=redemption.pk in undoable) for redemption in redemptions]


def _choice(offer: Offer, *, may_spend: bool) -> Choice:
    if offer.is_sold_out:
        why_not = pgettext("reward", "Sold out")
    elif offer.missing:
        why_not = _("%(points)s short") % {"points": points(offer.missing, offer.reward.unit.decimals)}
    else:
        why_not = "" if may_spend else _("Scan the code")
    price = points(offer.reward.price, offer.reward.unit.decimals)
    is_together = may_spend and offer.can_be_taken_together
    return Choice(offer.reward.key, offer.reward.name, price, why_not, is_together)


def _page(shift: Shift, redemption: Redemption, *, can_undo: bool) -> RedemptionPage:
    state = redemption.state_at(shift.at)
    return RedemptionPage(
        id=redemption.pk,
        state=state.lower(),
        name=name_of(redemption.member),
        reward=redeemed_name(redemption),
        price=amount_of(redemption.price, redemption.paid_in),
        is_payment=redemption.reward is None,
        staff=redemption.staff.get_short_name(),
        device=redemption.device.name if redemption.device else "",
        at=redemption.redeemed_at or redemption.reserved_at,
        can_undo=can_undo and state == State.REDEEMED,
        undo_until=redemption.redeemed_at + UNDO_WITHIN if redemption.redeemed_at else None,
        seconds_left=max(0, int((redemption.expires_at - shift.at).total_seconds())),
        visit=_open_visit(shift, redemption),
    )


def _open_visit(shift: Shift, redemption: Redemption) -> int | None:
    visit = redemption.visit
    if visit is None or visit.expires_at <= shift.at:
        return None
    is_ours = (visit.device_id, visit.staff_id) == (shift.till.device.pk, shift.till.staff.pk)
    return visit.pk if is_ours else None
