"""What the catalogue offers."""

from django.db import IntegrityError, transaction

from ledger.queries import unit_of
from rewards.errors import RewardExists, StockMoved
from rewards.models import Reward
from shops.models import Programme


@transaction.atomic
def add_reward(
    *,
    programme: Programme,
    key: str,
    name: str,
    price: int,
    stock: int | None = None,
    description: str = "",
    unit_code: str = "points",
    is_offered: bool = True,
) -> Reward:
    """
    Put a reward into the catalogue. `price` is in minor units of the unit; no `stock` means no limit.

    :raises RewardExists: if the programme has a reward with this key
    """
    try:
        with transaction.atomic():
            return Reward.objects.create(
                programme=programme,
                key=key,
                name=name,
                description=description,
                unit=unit_of(programme.pk, unit_code),
                price=price,
                stock=stock,
                is_offered=is_offered,
            )
    except IntegrityError as clash:
        raise RewardExists(key=key) from clash


@transaction.atomic
def change_reward(*, reward: Reward, name: str, description: str, price: int, is_offered: bool) -> None:
    """Change what is offered from now on; what was reserved or redeemed keeps the price that was agreed."""
    Reward.objects.filter(pk=reward.pk).update(name=name, description=description, price=price, is_offered=is_offered)


@transaction.atomic
def count_stock(*, reward: Reward, seen: int | None, stock: int | None) -> None:
    """
    Say how many pieces are left, by who counted `seen` before; None means no limit.

    :raises StockMoved: if pieces were taken or given back meanwhile; fact `stock` is what is left now. Nothing was changed
    """
    unmoved = Reward.objects.filter(pk=reward.pk)
    unmoved = unmoved.filter(stock__isnull=True) if seen is None else unmoved.filter(stock=seen)
    if not unmoved.update(stock=stock):
        raise StockMoved(stock=Reward.objects.values_list("stock", flat=True).get(pk=reward.pk))
