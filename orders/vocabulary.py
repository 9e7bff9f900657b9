"""What conditions may ask about a purchase."""

from django.utils.translation import gettext_lazy as _

from conditions.vocabulary import PURCHASE, Field, FieldType
from orders.allocation import GOODS
from orders.facts import Purchase


def declare() -> None:
    """Give the condition language the fields of an order; called while the app starts."""
    PURCHASE.declare(Field("order.total", FieldType.MONEY, _("the order's total"), lambda facts: facts.total))
    PURCHASE.declare(Field("order.goods", FieldType.MONEY, _("the sum of the goods"), _goods))
    PURCHASE.declare(Field("order.channel", FieldType.TEXT, _("the channel"), lambda facts: facts.channel or None))
    PURCHASE.declare(Field("order.shop", FieldType.TEXT, _("the shop"), lambda facts: facts.shop_code or None))


def _goods(purchase: Purchase) -> int:
    return sum(line.price for line in purchase.lines if line.kind in GOODS)
