"""What the catalogue offers."""

from dataclasses import dataclass

from django.db import IntegrityError, transaction

from ledger.queries import unit_of
from rewards.errors import RewardExists, StockMoved
from rewards.models import Reward
from shops.models import Programme


@dataclass(frozen=True, slots=True)
class Offer:
    """What customers are told of a reward. `price` is in minor units of the unit it is paid in."""

    name: str
    price: int
    description: str = ""
    is_offered: bool = True


def add_reward(
    *, programme: Programme, key: str, offer: Offer, stock: int | None = None, unit_code: str = "points"
) -> Reward:
    """
    Put a reward into the catalogue. No `stock` means no limit.

    :raises RewardExists: if the programme has a reward with this key
    """
    try:
        with transaction.atomic():
            return Reward.objects.create(
                programme=programme,
                key=key,
                name=offer.name,
                description=offer.description,
                price=offer.price,
                is_offered=offer.is_offered,
                unit=unit_of(programme.pk, unit_code),
                stock=stock,
            )
    except IntegrityError as clash:
        raise RewardExists(key=key) from clash


@transaction.atomic
def change_reward(*, reward: Reward, offer: Offer, stock: int | None, stock_seen: int | None) -> None:
    """
    Change what is offered from now on; what was reserved or redeemed keeps the price that was agreed.

    `stock` is how many pieces are left, told by somebody who saw `stock_seen`; None means no limit.

    :raises StockMoved: if pieces were taken or given back since; fact `stock` is what is left now. Nothing was changed
    """
    row = Reward.objects.select_for_update(no_key=True).get(pk=reward.pk)
    if stock != stock_seen:
        if row.stock != stock_seen:
            raise StockMoved(stock=row.stock)
        row.stock = stock
    row.name, row.price = offer.name, offer.price
    row.description, row.is_offered = offer.description, offer.is_offered
    row.save(update_fields=["name", "price", "description", "is_offered", "stock"])
