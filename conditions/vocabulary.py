"""The words of the condition language: fields, each declared once by the room that owns its data."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any

import msgspec


class FieldType(StrEnum):
    """
    What a field holds. Money is minor units, shown with the currency's decimals; quantities are thousandths of a piece;
    TEXTS is several texts at once, such as labels. A DATE is "2026-12-24", a TIME "16:00" (the minute that has begun),
    a FLAG true or false.
    """

    MONEY = "money"
    NUMBER = "number"
    QUANTITY = "quantity"
    TEXT = "text"
    TEXTS = "texts"
    DATE = "date"
    TIME = "time"
    FLAG = "flag"


class Field(msgspec.Struct, frozen=True):
    """
    A field of the facts a condition is asked about: `read` takes it out of them, `label` names it to people (text,
    translated when shown).

    `asks` names what has to be known beside the subject (`Situation.known`) before it can be read. `choices` are all
    values there are with their labels, where they are few.
    """

    name: str
    type: FieldType
    label: Any
    read: Callable[[Any], Any]
    asks: tuple[str, ...] = ()
    choices: tuple[tuple[str, Any], ...] = ()


class Collection(msgspec.Struct, frozen=True):
    """
    Many things of one kind among the facts, such as the lines of an order: `read` takes them out, in their order, and
    conditions about one of them use the words of `items`. `price` says which one is the cheapest and which the dearest;
    those without one are neither. `label` and `plural` name one and all of them to people.
    """

    name: str
    label: Any
    plural: Any
    items: "Vocabulary"
    read: Callable[[Any], Iterable[Any]]
    price: Callable[[Any], int | None]


class Vocabulary:
    """The fields and collections one kind of facts offers, those of `parts` among them."""

    def __init__(self, facts: str, *parts: "Vocabulary") -> None:
        self.facts = facts
        self.parts = parts
        self._fields: dict[str, Field] = {}
        self._collections: dict[str, Collection] = {}

    def declare(self, word: Field | Collection) -> None:
        """Add a word; called while the app starts."""
        if isinstance(word, Field):
            self._fields[word.name] = word
        else:
            self._collections[word.name] = word

    def get(self, name: str) -> Field | None:
        own = self._fields.get(name)
        return own or next((field for part in self.parts if (field := part.get(name))), None)

    def collection(self, name: str) -> Collection | None:
        own = self._collections.get(name)
        return own or next((found for part in self.parts if (found := part.collection(name))), None)

    def names(self) -> list[str]:
        return sorted([*self._fields, *(name for part in self.parts for name in part.names())])

    def collections(self) -> list[str]:
        return sorted([*self._collections, *(name for part in self.parts for name in part.collections())])


CLOCK = Vocabulary("clock")
MEMBER = Vocabulary("member")
PURCHASE = Vocabulary("purchase", CLOCK, MEMBER)
EVENT = Vocabulary("event", CLOCK, MEMBER)
LINE = Vocabulary("line")
TENDER = Vocabulary("tender")
