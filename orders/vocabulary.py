"""What conditions may ask about a purchase, its lines and how it was paid, and about those before."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.utils.translation import gettext_lazy as _

from conditions.situation import Situation
from conditions.vocabulary import (
    LINE,
    MEMBER,
    PAST_LINE,
    PAST_ORDER,
    PURCHASE,
    TENDER,
    Collection,
    Expression,
    Field,
    FieldType,
    Past,
)
from orders.allocation import GOODS
from orders.facts import PIECE, Line, LineKind, Purchase, Tender

# The columns of `orders_lines` say what `orders.facts.Line` says.
_SOLD_FOR = "line.amount - line.discount"
PRICE = f"orders_left({_SOLD_FOR}, line.quantity, line.returned)"
LIST_PRICE = "orders_left(line.amount, line.quantity, line.returned)"
NET = (
    f"orders_left({_SOLD_FOR} - div(line.tax::numeric * ({_SOLD_FOR}), greatest(line.amount, 1))::bigint,"
    " line.quantity, line.returned)"
)
UNIT_PRICE = f"div(({_SOLD_FOR}) * {PIECE}::numeric, line.quantity)::bigint"
_GOODS = ", ".join(f"'{kind}'" for kind in sorted(GOODS))
OF_GOODS = f"FROM orders_lines(purchase.id, purchase.lines) line WHERE line.kind IN ({_GOODS})"
ORDERS = "orders_order purchase LEFT JOIN orders_kept kept ON kept.order_id = purchase.id"
LINES = f"{ORDERS} CROSS JOIN LATERAL orders_lines(purchase.id, purchase.lines) line"
# An order of which all goods came back is none, and neither are goods that came back whole.
KEEPS_SOME = "kept.is_kept IS NOT FALSE"
IS_KEPT = f"line.kind IN ({_GOODS}) AND line.quantity > line.returned"


def declare() -> None:
    """Give the condition language the words of an order; called while the app starts."""
    _of_an_order()
    _of_a_line()
    _of_what_happened_before()


def _of_an_order() -> None:
    _amount("order.total", _("the order's total"), lambda line: line.price)
    _amount("order.list_total", _("the order's total before discounts"), _list_price)
    _amount("order.net", _("the order's total without tax"), lambda line: line.net)
    _amount("order.list_net", _("the order's total before discounts, without tax"), _list_net)
    _amount("order.discount", _("the order's discounts"), _discount)
    _amount("order.goods", _("the sum of the goods"), lambda line: line.price, _is_goods)
    _amount("order.goods_list", _("the sum of the goods before discounts"), _list_price, _is_goods)
    _amount("order.goods_net", _("the sum of the goods without tax"), lambda line: line.net, _is_goods)
    _amount("order.shipping", _("the shipping"), lambda line: line.price, _is_shipping)
    PURCHASE.declare(Field("order.channel", FieldType.TEXT, _("the channel"), _channel))
    PURCHASE.declare(Field("order.shop", FieldType.TEXT, _("the shop"), _shop))
    PURCHASE.declare(Field("order.codes", FieldType.TEXTS, _("the codes"), lambda asked: asked.subject.codes))
    PURCHASE.declare(Collection("order.lines", _("line"), _("lines"), LINE, _kept_goods, _unit_price))
    PURCHASE.declare(Collection("order.tenders", _("payment"), _("payments"), TENDER, _tenders, _paid))
    TENDER.declare(Field("tender.kind", FieldType.TEXT, _("the means"), lambda tender: tender.kind))
    TENDER.declare(Field("tender.amount", FieldType.MONEY, _("the amount"), _paid))


def _of_a_line() -> None:
    text, texts, money = FieldType.TEXT, FieldType.TEXTS, FieldType.MONEY
    _word("line.sku", text, _("the article"), lambda line: line.sku or None, "nullif(line.sku, '')")
    _word("line.kind", text, _("what it is"), lambda line: line.kind, "line.kind")
    _word("line.categories", texts, _("the categories"), lambda line: line.categories, "line.categories")
    _word("line.labels", texts, _("the labels"), lambda line: line.labels, "line.labels")
    _word("line.quantity", FieldType.QUANTITY, _("the quantity"), _kept, "line.quantity - line.returned")
    _word("line.price", money, _("the price"), lambda line: line.price, PRICE)
    _word("line.list_price", money, _("the price before discounts"), _list_price, LIST_PRICE)
    _word("line.discount", money, _("the discount"), _discount, f"{LIST_PRICE} - {PRICE}")
    _word("line.net", money, _("the price without tax"), lambda line: line.net, NET)
    _word("line.unit_price", money, _("the price of a piece"), _unit_price, UNIT_PRICE)


def _of_what_happened_before() -> None:
    total, goods = "coalesce(kept.total, purchase.total)", FieldType.MONEY
    _past("order.total", FieldType.MONEY, _("the order's total"), total)
    _past("order.goods", goods, _("the sum of the goods"), f"(SELECT coalesce(sum({PRICE}), 0) {OF_GOODS})")
    _past(
        "order.goods_net", goods, _("the sum of the goods without tax"), f"(SELECT coalesce(sum({NET}), 0) {OF_GOODS})"
    )
    _past("order.channel", FieldType.TEXT, _("the channel"), "nullif(purchase.channel, '')")
    _past("order.source", FieldType.TEXT, _("the system it comes from"), "purchase.source")
    _past("order.shop", FieldType.TEXT, _("the shop"), "(SELECT code FROM shops_shop WHERE id = purchase.shop_id)")
    whose = {"member": "purchase.member_id", "programme": "purchase.programme_id", "at": "purchase.placed_at"}
    orders = Past("orders", _("order"), _("orders"), PAST_ORDER, rows=ORDERS, counted=KEEPS_SOME, **whose)
    lines = Past("lines", _("article"), _("articles"), PAST_LINE, rows=LINES, counted=IS_KEPT, **whose)
    MEMBER.declare(orders)
    MEMBER.declare(lines)


def _amount(name: str, label: Any, of: Callable[[Line], int], which: Callable[[Line], bool] | None = None) -> None:
    def read(asked: Situation) -> int:
        return sum(of(line) for line in _lines(asked) if which is None or which(line))

    PURCHASE.declare(Field(name, FieldType.MONEY, label, read))


def _word(name: str, kind: FieldType, label: Any, read: Callable[[Line], Any], sql: str) -> None:
    LINE.declare(Field(name, kind, label, read, sql=Expression(sql)))


def _past(name: str, kind: FieldType, label: Any, sql: str) -> None:
    PAST_ORDER.declare(Field(name, kind, label, _only_in_sql, sql=Expression(sql)))


def _only_in_sql(_facts: Any) -> Any:
    raise AssertionError("what happened before is read by the database")


def _is_goods(line: Line) -> bool:
    return line.kind in GOODS


def _is_shipping(line: Line) -> bool:
    return line.kind is LineKind.SHIPPING


def _list_price(line: Line) -> int:
    """Before discounts, of what the customer keeps."""
    return line.left_of(line.amount)


def _list_net(line: Line) -> int:
    return line.left_of(line.amount - line.tax)


def _discount(line: Line) -> int:
    return _list_price(line) - line.price


def _channel(asked: Situation) -> str | None:
    return asked.subject.channel or None


def _shop(asked: Situation) -> str | None:
    return asked.subject.shop_code or None


def _lines(asked: Situation) -> tuple[Line, ...]:
    purchase: Purchase = asked.subject
    return purchase.lines


def _kept_goods(asked: Situation) -> Iterator[Line]:
    """Neither shipping and fees, nor what came back whole."""
    return (line for line in _lines(asked) if _is_goods(line) and _kept(line) > 0)


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
