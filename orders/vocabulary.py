"""What conditions may ask about a purchase, its lines and how it was paid."""

from collections.abc import Iterable, Iterator

from django.utils.translation import gettext_lazy as _

from conditions.situation import Situation
from conditions.vocabulary import LINE, PURCHASE, TENDER, Collection, Field, FieldType
from orders.allocation import GOODS
from orders.facts import PIECE, Line, Purchase, Tender


def declare() -> None:
    """Give the condition language the words of an order; called while the app starts."""
    PURCHASE.declare(Field("order.total", FieldType.MONEY, _("the order's total"), lambda asked: asked.subject.total))
    PURCHASE.declare(Field("order.goods", FieldType.MONEY, _("the sum of the goods"), _goods))
    PURCHASE.declare(Field("order.channel", FieldType.TEXT, _("the channel"), _channel))
    PURCHASE.declare(Field("order.shop", FieldType.TEXT, _("the shop"), _shop))
    PURCHASE.declare(Collection("order.lines", _("line"), _("lines"), LINE, _kept_goods, _unit_price))
    PURCHASE.declare(Collection("order.tenders", _("payment"), _("payments"), TENDER, _tenders, _paid))
    LINE.declare(Field("line.sku", FieldType.TEXT, _("the article"), lambda line: line.sku or None))
    LINE.declare(Field("line.categories", FieldType.TEXTS, _("the categories"), lambda line: line.categories))
    LINE.declare(Field("line.labels", FieldType.TEXTS, _("the labels"), lambda line: line.labels))
    LINE.declare(Field("line.quantity", FieldType.QUANTITY, _("the quantity"), _kept))
    LINE.declare(Field("line.price", FieldType.MONEY, _("the price"), lambda line: line.price))
    LINE.declare(Field("line.unit_price", FieldType.MONEY, _("the price of a piece"), _unit_price))
    TENDER.declare(Field("tender.kind", FieldType.TEXT, _("the means"), lambda tender: tender.kind))
    TENDER.declare(Field("tender.amount", FieldType.MONEY, _("the amount"), _paid))


def _goods(asked: Situation) -> int:
    return sum(line.price for line in _lines(asked) if line.kind in GOODS)


def _channel(asked: Situation) -> str | None:
    return asked.subject.channel or None


def _shop(asked: Situation) -> str | None:
    return asked.subject.shop_code or None


def _lines(asked: Situation) -> tuple[Line, ...]:
    purchase: Purchase = asked.subject
    return purchase.lines


def _kept_goods(asked: Situation) -> Iterator[Line]:
    """Neither shipping and fees, nor what came back whole."""
    return (line for line in _lines(asked) if line.kind in GOODS and _kept(line) > 0)


def _kept(line: Line) -> int:
    return line.quantity - line.returned


def _unit_price(line: Line) -> int | None:
    """Behind all discounts and rounded down; the same however many of the pieces came back."""
    return (line.amount - line.discount) * PIECE // line.quantity if line.quantity else None


def _tenders(asked: Situation) -> Iterable[Tender]:
    purchase: Purchase = asked.subject
    return purchase.tenders


def _paid(tender: Tender) -> int:
    return tender.amount
