"""What the rewards' room tells the others."""

from datetime import datetime
from typing import Any

from events import outbox
from kernel.amounts import format_minor
from rewards.models import Redemption

# What is told of a reward, and what of a part of the bill.
OF_A_BILL = {
    "reward.reserved": "bill.reserved",
    "reward.redeemed": "bill.settled",
    "reward.released": "bill.released",
    "reward.refunded": "bill.refunded",
}


def record(type_: str, redemptions: list[Redemption], *, at: datetime, reason: str = "") -> None:
    """Write one fact per redemption; each comes with its reward, unit, member, shop and programme loaded."""
    outbox.record(
        outbox.Fact(
            redemption.programme_id,
            type_ if redemption.reward else OF_A_BILL[type_],
            {
                "redemption": redemption.pk,
                "member": redemption.member.number,
                **_what(redemption),
                "price": format_minor(redemption.price, decimals=redemption.paid_in.decimals),
                "unit": redemption.paid_in.code,
                "shop": redemption.shop.code,
                **({"reason": reason} if reason else {}),
            },
            at,
        )
        for redemption in redemptions
    )


def _what(redemption: Redemption) -> dict[str, Any]:
    if redemption.reward:
        return {"reward": redemption.reward.key}
    decimals = redemption.shop.programme.currency_decimals
    return {"value": format_minor(redemption.value or 0, decimals=decimals)}
