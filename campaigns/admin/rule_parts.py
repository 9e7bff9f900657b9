"""What each kind of effect is made of: which field of the desk's form says which of its attributes."""

from collections.abc import Mapping
from typing import Any, cast

import msgspec
from django.utils.translation import gettext_lazy as _

from campaigns.definitions import (
    Base,
    Discount,
    Effect,
    Fixed,
    Mode,
    Multiplier,
    Percent,
    PerMoney,
    PerQuantity,
    Rounding,
    Scope,
)
from campaigns.definitions.discounts import AmountOff, BuyGet, End, PercentOff, SetPrice, ShippingOff, Tiered
from conditions.vocabulary import FieldType
from orders.events.types import DeclaredType

EARNING = [
    ("per_money", _("Points for money spent")),
    ("percent", _("A share of the money, as credit")),
    ("per_quantity", _("Points for pieces")),
    ("fixed", _("The same points each time")),
    ("multiplier", _("Times the points of other rules")),
]
DISCOUNTS = [
    ("percent_off", _("A percentage off")),
    ("amount_off", _("An amount off")),
    ("set_price", _("Several pieces for one price")),
    ("buy_get", _("Buy some, get some")),
    ("tiered_off", _("The more, the more off")),
    ("shipping_off", _("Off the shipping")),
]
EARNING_OF_EVENTS = [
    ("fixed", _("The same points each time")),
    ("per_money", _("Points for money that it tells")),
    ("percent", _("A share of money that it tells, as credit")),
    ("per_quantity", _("Points for a number that it tells")),
    ("multiplier", _("Times the points of other rules")),
]
MODES = [
    (Mode.BLOCK.value, _("Whole amounts only: the rest of a basket earns nothing")),
    (Mode.CONTINUOUS.value, _("Every part counts, the points are rounded")),
]
BASES = [
    ("tax", _("Tax")),
    ("discounts", _("What discounts took off")),
    ("shipping", _("Shipping")),
    ("points", _("What was paid with points")),
    ("credit", _("What was paid with promotional credit")),
]
ROUNDINGS = [
    (Rounding.DOWN.value, _("Down")),
    (Rounding.HALF_UP.value, _("To the nearest, halves up")),
    (Rounding.HALF_EVEN.value, _("To the nearest, halves to the even one")),
    (Rounding.UP.value, _("Up")),
]
SCOPES = [(Scope.ORDER.value, _("The order as a whole")), (Scope.LINE.value, _("Each line of the order"))]
ENDS = [(End.CHEAPEST.value, _("The cheapest")), (End.DEAREST.value, _("The dearest"))]
OFF_BASES = [("running", _("What is left behind other discounts")), ("list", _("The list price"))]
STEPS_BY = [("amount", _("The money spent")), ("pieces", _("The number of pieces"))]

# By kind of effect: the field that says an attribute.
ATTRIBUTES: dict[type[msgspec.Struct], dict[str, str]] = {
    PerMoney: {
        "units": "units",
        "per": "per",
        "mode": "mode",
        "of": "of_money",
        "base": "base",
        "rounding": "rounding",
        "scope": "scope",
        "lines": "lines",
    },
    Percent: {
        "percent": "percent",
        "of": "of_money",
        "base": "base",
        "rounding": "rounding",
        "scope": "scope",
        "lines": "lines",
    },
    PerQuantity: {
        "units": "units",
        "per": "pieces",
        "mode": "mode",
        "of": "of_number",
        "rounding": "rounding",
        "lines": "lines",
    },
    Fixed: {"units": "units"},
    Multiplier: {"factor": "factor", "of": "of_rules", "lines": "lines"},
    PercentOff: {"percent": "percent", "base": "off_base", "most": "most", "lines": "lines", "lane": "lane"},
    AmountOff: {"amount": "amount", "lines": "lines", "lane": "lane"},
    SetPrice: {"count": "count", "price": "price", "times": "times", "lines": "lines", "lane": "lane"},
    BuyGet: {
        "buy": "buy",
        "get": "get",
        "which": "which",
        "percent": "percent",
        "times": "times",
        "lines": "lines",
        "get_lines": "get_lines",
        "lane": "lane",
    },
    Tiered: {"by": "by", "lines": "lines", "lane": "lane"},
    ShippingOff: {"percent": "percent", "most": "most", "lane": "lane"},
}
STRUCTS = {str(kind.__struct_config__.tag): kind for kind in ATTRIBUTES}
OF_EFFECTS = frozenset(field for fields in ATTRIBUTES.values() for field in fields.values())
# These may be left empty: there is none of it.
EMPTY = frozenset({"base", "lines", "get_lines", "of_rules", "most", "times", "buy", "lane"})


def kind_of(effect: Effect | Discount) -> str:
    return str(effect.__struct_config__.tag)


def kinds_for(about: DeclaredType | None, now: str) -> list[tuple[str, Any]]:
    """What a rule for an order, or for events of a type, can give; what it gives `now` among it."""
    if about is None:
        return [*EARNING, *DISCOUNTS]
    known = {attribute.type for attribute in about.attributes}
    numbers = {FieldType.NUMBER, FieldType.QUANTITY} & known
    can = {"fixed", now} | ({"per_money", "percent"} if FieldType.MONEY in known else set())
    can |= {"per_quantity"} if numbers else set()
    can |= {"multiplier"} if len(can) > 1 else set()
    return [choice for choice in EARNING_OF_EVENTS if choice[0] in can]


def read_effect(values: Mapping[str, Any], before: Effect | Discount, **further: Any) -> Effect | Discount:
    """The effect that the fields say; what they do not speak of stays as it was `before`."""
    kind = STRUCTS[values["kind"]]
    said = {name: values[field] for name, field in ATTRIBUTES[kind].items() if field in values} | further
    effect: Any = msgspec.structs.replace(before, **said) if type(before) is kind else kind(**said)
    return cast(Effect | Discount, effect)


def base_of(flags: list[str]) -> Base:
    return Base(**dict.fromkeys(flags, True))
