"""What effects, discounts and limits say, in the reader's language."""

from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from typing import Any

import msgspec
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.definitions import (
    Base,
    Count,
    Effect,
    Fixed,
    Limit,
    Mode,
    Multiplier,
    Per,
    Percent,
    PerMoney,
    PerQuantity,
)
from campaigns.definitions.discounts import (
    AmountOff,
    BuyGet,
    Discount,
    End,
    PercentOff,
    SetPrice,
    ShippingOff,
    Step,
    Tiered,
)
from campaigns.definitions.effects import WHOLE
from campaigns.wording import Money, plain_number, points
from conditions.vocabulary import LINE
from orders.facts import PIECE


def effect_sentence(effect: Effect | Discount, money: Money, *, decimals: int = 0) -> str:
    """What an effect gives, in a unit with `decimals` places: "1 point per whole €1.00"."""
    # The same few effects are said with every order, and to find their words takes longer than to decide it.
    return _said(get_language() or "en", msgspec.json.encode(effect), money, decimals)


_decode = msgspec.json.Decoder(Effect | Discount).decode


@lru_cache(maxsize=1024)
def _said(_language: str, written: bytes, money: Money, decimals: int) -> str:
    effect = _decode(written)
    text = _discount(effect, money) if isinstance(effect, Discount) else _earning(effect, money, decimals)
    about = getattr(effect, "lines", None)
    if about is not None and not isinstance(effect, BuyGet):
        text = _("%(effect)s, for lines on which %(condition)s") % {"effect": text, "condition": _line(about, money)}
    return text


def _earning(effect: Effect, money: Money, decimals: int) -> str:
    if isinstance(effect, Multiplier):
        return _("%(factor)s times the points") % {"factor": plain_number(effect.factor, 3)}
    if isinstance(effect, Fixed):
        return _("%(points)s each time") % {"points": points(effect.units, decimals)}
    if isinstance(effect, PerQuantity):
        return _by_quantity(effect, decimals)
    words = list(_base_words(effect.base))
    text = _by_money(effect, money, decimals)
    return f"{text} ({', '.join(words)})" if words else text


def _by_money(effect: PerMoney | Percent, money: Money, decimals: int) -> str:
    if isinstance(effect, Percent):
        return _("%(percent)s %% of what is spent") % {"percent": plain_number(effect.percent, 2)}
    facts = {"points": points(effect.units, decimals), "money": money.show(effect.per)}
    if effect.mode is Mode.BLOCK:
        return _("%(points)s per whole %(money)s") % facts
    return _("%(points)s per %(money)s, parts included") % facts


def _by_quantity(effect: PerQuantity, decimals: int) -> str:
    facts = {"points": points(effect.units, decimals), "count": plain_number(effect.per, 3), "of": effect.of}
    if effect.of:
        return _("%(points)s for every %(count)s of “%(of)s”") % facts
    if effect.per == PIECE:
        return _("%(points)s per piece") % facts
    return _("%(points)s for every %(count)s pieces") % facts


def _base_words(base: Base) -> Iterator[str]:
    counted = {
        "tax": _("with tax"),
        "discounts": _("before discounts"),
        "shipping": _("with shipping"),
        "points": _("also what points paid"),
        "credit": _("also what credit paid"),
    }
    return (words for name, words in counted.items() if getattr(base, name))


def _discount(effect: Discount, money: Money) -> str:
    return _DISCOUNTS[type(effect)](effect, money)


def _percent_off(effect: PercentOff, money: Money) -> str:
    text = _("%(percent)s %% off") % {"percent": plain_number(effect.percent, 2)}
    if effect.base == "list":
        text = _("%(percent)s %% of the list price off") % {"percent": plain_number(effect.percent, 2)}
    return _up_to(text, effect.most, money)


def _amount_off(effect: AmountOff, money: Money) -> str:
    return _("%(money)s off") % {"money": money.show(effect.amount)}


def _set_price(effect: SetPrice, money: Money) -> str:
    facts = {"count": effect.count, "price": money.show(effect.price)}
    return _("%(count)s pieces for %(price)s together") % facts


def _buy_get(effect: BuyGet, money: Money) -> str:
    facts = {
        "buy": effect.buy,
        "get": effect.get,
        "end": _("cheapest") if effect.which is End.CHEAPEST else _("dearest"),
        "off": _("free") if effect.percent == WHOLE else _("%s %% off") % plain_number(effect.percent, 2),
        "bought": _line(effect.lines, money) if effect.lines is not None else "",
        "given": _line(effect.get_lines, money) if effect.get_lines is not None else "",
    }
    if not effect.buy:
        text = ngettext("the %(end)s piece %(off)s", "the %(end)s %(get)s pieces %(off)s", effect.get) % facts
    else:
        text = _("buy %(buy)s, get the %(end)s %(get)s %(off)s") % facts
    if facts["bought"]:
        text = _("%(text)s, for lines on which %(bought)s") % (facts | {"text": text})
    return _("%(text)s, on lines on which %(given)s") % (facts | {"text": text}) if facts["given"] else text


def _tiered_off(effect: Tiered, money: Money) -> str:
    return "; ".join(_step(step, effect.by, money) for step in effect.steps)


def _step(step: Step, by: str, money: Money) -> str:
    off = money.show(step.amount) if step.amount else f"{plain_number(step.percent, 2)} %"
    if by == "amount":
        return _("from %(least)s on %(off)s off") % {"least": money.show(step.least), "off": off}
    return _("from %(least)s pieces on %(off)s off") % {"least": step.least, "off": off}


def _shipping_off(effect: ShippingOff, money: Money) -> str:
    if effect.percent == WHOLE:
        return _up_to(_("free shipping"), effect.most, money)
    return _up_to(_("%s %% off shipping") % plain_number(effect.percent, 2), effect.most, money)


def _up_to(text: str, most: int | None, money: Money) -> str:
    return text if most is None else _("%(text)s, at most %(most)s") % {"text": text, "most": money.show(most)}


_DISCOUNTS: dict[type, Callable[[Any, Money], str]] = {
    PercentOff: _percent_off,
    AmountOff: _amount_off,
    SetPrice: _set_price,
    BuyGet: _buy_get,
    Tiered: _tiered_off,
    ShippingOff: _shipping_off,
}


def limit_sentence(limit: Limit, money: Money, *, decimals: int = 0) -> str:
    """What a limit leaves: "at most 100 points for each member a month"."""
    shown = {
        Count.EXECUTIONS: lambda: ngettext("%s time", "%s times", limit.most) % plain_number(limit.most, 0),
        Count.UNITS: lambda: points(limit.most, decimals),
        Count.DISCOUNT: lambda: _("%s off") % money.show(limit.most),
        Count.ORDER_VALUE: lambda: _("orders of %s") % money.show(limit.most),
        Count.BALANCE: lambda: _("a balance of %s") % points(limit.most, decimals),
    }[limit.count]()
    whose = {
        Per.ALL: _("at most %s in all"),
        Per.MEMBER: _("at most %s for each member"),
        Per.SHOP: _("at most %s in each shop"),
        Per.ORDER: _("at most %s for each order"),
    }[limit.per] % shown
    when = {
        "": "%s",
        "day": _("%s a day"),
        "week": _("%s a week"),
        "month": _("%s a month"),
        "quarter": _("%s a quarter"),
        "year": _("%s a year"),
    }[limit.period]
    return when % whose


def _line(tree: Mapping[str, Any], money: Money) -> str:
    return money.reader(LINE).condition(tree)
