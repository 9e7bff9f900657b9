"""
Types of events: what a payload may carry, and what it is read as.

A type only grows. An attribute keeps its type, its default and whether it is required for ever; it can be retired,
which keeps it from new rules and takes nothing from old events.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from conditions.operators import OPERATORS, Op, read_value
from conditions.vocabulary import FieldType
from kernel.amounts import format_minor, parse_minor
from orders.events.errors import EventInvalid
from orders.facts import PIECE, format_quantity

LONGEST_TEXT = 500
MOST_TEXTS = 50
LARGEST_NUMBER = 10**15
QUANTITY_DECIMALS = len(str(PIECE)) - 1
# What an attribute can be. A time of day belongs to the clock.
KINDS = (
    FieldType.TEXT,
    FieldType.NUMBER,
    FieldType.MONEY,
    FieldType.QUANTITY,
    FieldType.DATE,
    FieldType.FLAG,
    FieldType.TEXTS,
)


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    One value of a payload. `default` is a plain value, read where an event carries none and never written into it: None
    is nothing. Who sends an event without a `required` one is refused.
    """

    key: str
    type: FieldType
    label: Any = ""
    required: bool = False
    default: Any = None
    retired: bool = False


class DeclaredType(msgspec.Struct, frozen=True, omit_defaults=True):
    """A type of events with all attributes it ever had. A retired one takes no more events."""

    key: str
    name: Any
    attributes: tuple[Attribute, ...] = ()
    retired: bool = False

    def get(self, key: str) -> Attribute | None:
        return next((attribute for attribute in self.attributes if attribute.key == key), None)


Types = Mapping[str, DeclaredType]


def in_use(types: Types) -> dict[str, DeclaredType]:
    """What new rules may ask about: types and attributes that are not retired."""
    return {
        key: msgspec.structs.replace(
            declared, attributes=tuple(attribute for attribute in declared.attributes if not attribute.retired)
        )
        for key, declared in types.items()
        if not declared.retired
    }


class Happening(msgspec.Struct, frozen=True):
    """An event as the engine sees it: `payload` holds plain values, money in minor units, quantities in thousandths."""

    type: str
    payload: Mapping[str, Any]
    shop_code: str = ""


def read_payload(declared: DeclaredType, given: Mapping[str, Any], *, decimals: int) -> dict[str, Any]:
    """
    A payload as it was sent (money and quantities as decimal strings) in plain values, in the order of the type.

    What is not there stays away: defaults are read, not written.

    :raises EventInvalid: with a pointer, what is wrong and what was expected
    """
    for key in given:
        if declared.get(key) is None:
            known = [attribute.key for attribute in declared.attributes if not attribute.retired]
            raise EventInvalid(
                pointer=f"/payload/{_escaped(key)}", problem="no such attribute", expected=_one_of(known)
            )
    found: dict[str, Any] = {}
    for attribute in declared.attributes:
        value = given.get(attribute.key)
        if value is not None:
            found[attribute.key] = _read(attribute, value, decimals)
        elif attribute.required and not attribute.retired:
            raise EventInvalid(pointer=f"/payload/{attribute.key}", problem="nothing", expected=_wanted(attribute.type))
    return found


def _read(attribute: Attribute, value: Any, decimals: int) -> Any:
    try:
        return read_plain(attribute.type, _in_smallest(attribute.type, value, decimals))
    except ValueError as error:
        problem = msgspec.json.encode(value).decode()[:100]
        raise EventInvalid(pointer=f"/payload/{attribute.key}", problem=problem, expected=str(error)) from error


def _in_smallest(kind: FieldType, value: Any, decimals: int) -> Any:
    """Money and quantities leave and enter the house as decimal strings; a quantity may be a number of pieces."""
    if kind is FieldType.MONEY and isinstance(value, str):
        return parse_minor(value, decimals=decimals)
    if kind is FieldType.QUANTITY and isinstance(value, str):
        return parse_minor(value, decimals=QUANTITY_DECIMALS)
    if kind is FieldType.QUANTITY and type(value) is int:
        return value * PIECE
    if kind is FieldType.MONEY:
        raise ValueError(_wanted(kind))
    return value


def read_plain(kind: FieldType, value: Any) -> Any:
    """
    A plain value of a payload.

    :raises ValueError: with what was expected
    """
    if kind is FieldType.TEXTS:
        if not isinstance(value, list | tuple) or len(value) > MOST_TEXTS:
            raise ValueError(_wanted(kind))
        return [_text(item) for item in value]
    if Op.EQ not in OPERATORS[kind]:
        raise ValueError(_wanted(kind))
    if kind is FieldType.TEXT:
        return _text(value)
    plain = read_value(value, kind, Op.EQ)
    if type(plain) is int and abs(plain) > LARGEST_NUMBER:
        raise ValueError(f"a number of at most {LARGEST_NUMBER}")
    return plain


def read_written(kind: FieldType, text: str, *, decimals: int) -> Any:
    """
    A plain value as people write it into a form.

    :raises ValueError: with what was expected
    """
    if kind in {FieldType.MONEY, FieldType.QUANTITY}:
        return read_plain(kind, _in_smallest(kind, text.replace(",", "."), decimals))
    if kind is FieldType.NUMBER:
        return read_plain(kind, parse_minor(text, decimals=0))
    if kind is FieldType.FLAG:
        said = {"yes": True, "true": True, "no": False, "false": False}.get(text.lower())
        return read_plain(kind, said)
    return read_plain(kind, text)


def outside(kind: FieldType, value: Any, *, decimals: int) -> Any:
    """A plain value as it leaves the house: money and quantities as decimal strings."""
    if value is None:
        return None
    if kind is FieldType.MONEY:
        return format_minor(value, decimals=decimals)
    return format_quantity(value) if kind is FieldType.QUANTITY else value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.isprintable() or not 0 < len(value) <= LONGEST_TEXT:
        raise ValueError(f"text in one line with 1 to {LONGEST_TEXT} characters")
    return value


def _wanted(kind: FieldType) -> str:
    return {
        FieldType.TEXT: "a text",
        FieldType.NUMBER: "a whole number",
        FieldType.MONEY: "money as a decimal string such as 12.34",
        FieldType.QUANTITY: "a quantity such as 2 or 0.75",
        FieldType.DATE: "a date such as 2026-12-24",
        FieldType.FLAG: "true or false",
        FieldType.TEXTS: f"a list of at most {MOST_TEXTS} texts",
    }[kind]


def _one_of(keys: list[str]) -> str:
    return f"one of {', '.join(keys)}" if keys else "no attribute: this type has none"


def _escaped(key: str) -> str:
    return key.replace("~", "~0").replace("/", "~1")
