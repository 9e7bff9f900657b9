"""What the rewards' room tells the others."""

from datetime import datetime

from events import outbox
from kernel.amounts import format_minor
from rewards.models import Redemption


def record(type_: str, redemptions: list[Redemption], *, at: datetime, reason: str = "") -> None:
    """Write one fact per redemption; each comes with its reward, unit, member and shop loaded."""
    outbox.record(
        outbox.Fact(
            redemption.programme_id,
            type_,
            {
                "redemption": redemption.pk,
                "member": redemption.member.number,
                "reward": redemption.reward.key,
                "price": format_minor(redemption.price, decimals=redemption.reward.unit.decimals),
                "unit": redemption.reward.unit.code,
                "shop": redemption.shop.code,
                **({"reason": reason} if reason else {}),
            },
            at,
        )
        for redemption in redemptions
    )
