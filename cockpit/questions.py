"""What a shop asks the member: a reward or a part of the bill for points, yes or no."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from django.utils.translation import get_language

from campaigns.payment_sentences import amount_of, redeemed_name
from cockpit.visitor import Visitor
from kernel.wording import number_text
from ledger import queries as ledger
from rewards import queries as rewards
from rewards.models import Redemption

# How long a page goes on telling how a question ended that was answered elsewhere.
TOLD_FOR = timedelta(minutes=2)


class Stage(StrEnum):
    """Where a question stands, as the page tells it."""

    ASKED = "asked"
    REDEEMED = "redeemed"
    DECLINED = "declined"
    LAPSED = "lapsed"
    UNDONE = "undone"


@dataclass(frozen=True, slots=True)
class Question:
    """
    One redemption, told to its member.

    `reward` is what the points are for; in a payment that is a part of the bill. `number` (in two groups) and
    `seconds_left` are there while it is asked; `left_after` is what a yes leaves.
    """

    id: int
    stage: Stage
    shop: str
    reward: str
    price: str
    left_after: str
    is_payment: bool = False
    number: str = ""
    seconds_left: int = 0


_STAGES = {
    Redemption.State.RESERVED: Stage.ASKED,
    Redemption.State.REDEEMED: Stage.REDEEMED,
    Redemption.State.VOIDED: Stage.DECLINED,
    Redemption.State.EXPIRED: Stage.LAPSED,
    Redemption.State.REFUNDED: Stage.UNDONE,
}


def waiting_question(visitor: Visitor) -> Question | None:
    """What the member is asked right now."""
    pending = rewards.pending_confirmation(visitor.member, at=visitor.at)
    if pending is None:
        return None
    number = f"{pending.number[:3]} {pending.number[3:]}"
    return _question(visitor, pending.redemption, number=number, seconds_left=pending.seconds_left)


def question(visitor: Visitor, redemption_id: int) -> Question | None:
    """One of the member's own redemptions, whatever became of it; None for anybody else's."""
    waiting = waiting_question(visitor)
    if waiting is not None and waiting.id == redemption_id:
        return waiting
    found = rewards.redemptions().filter(pk=redemption_id, member=visitor.member).first()
    return _question(visitor, found) if found else None


def _question(visitor: Visitor, redemption: Redemption, *, number: str = "", seconds_left: int = 0) -> Question:
    unit = redemption.paid_in
    # The hold has left the balance already, so what can be spent is what a yes leaves.
    left = ledger.spendable(visitor.member.wallet_id, unit.pk, at=visitor.at)
    return Question(
        id=redemption.pk,
        stage=_STAGES[redemption.state_at(visitor.at)],
        shop=redemption.shop.name,
        reward=redeemed_name(redemption),
        price=amount_of(redemption.price, unit),
        is_payment=redemption.reward is None,
        left_after=number_text(left, decimals=unit.decimals, language=get_language() or "en"),
        number=number,
        seconds_left=seconds_left,
    )
