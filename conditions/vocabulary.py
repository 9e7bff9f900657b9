"""The words of the condition language: fields, each declared once by the room that owns its data."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import msgspec


class FieldType(StrEnum):
    """What a field holds. Money is minor units; it is shown with the currency's decimals."""

    MONEY = "money"
    NUMBER = "number"
    TEXT = "text"


class Field(msgspec.Struct, frozen=True):
    """
    A field of the facts a condition is asked about: `read` takes it out of them, `label` names it to people (text,
    translated when shown).
    """

    name: str
    type: FieldType
    label: Any
    read: Callable[[Any], Any]


class Vocabulary:
    """The fields one kind of facts offers."""

    def __init__(self, facts: str) -> None:
        self.facts = facts
        self._fields: dict[str, Field] = {}

    def declare(self, field: Field) -> None:
        """Add a field; called while the app starts."""
        self._fields[field.name] = field

    def get(self, name: str) -> Field | None:
        return self._fields.get(name)

    def names(self) -> list[str]:
        return sorted(self._fields)


PURCHASE = Vocabulary("purchase")
