"""The words of the condition language: fields, each declared once by the room that owns its data."""

from collections.abc import Callable, Iterable, Mapping
from copy import copy
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


class Expression(msgspec.Struct, frozen=True):
    """SQL with its parameters, each standing as `%s` in the text."""

    text: str
    parameters: tuple[Any, ...] = ()


class Field(msgspec.Struct, frozen=True):
    """
    A field of the facts a condition is asked about: `read` takes it out of them, `label` names it to people (text,
    translated when shown).

    `asks` names what has to be known beside the subject (`Situation.known`) before it can be read. `choices` are all
    values there are with their labels, where they are few.

    `sql` computes the same in the database: of a member over the rows `member` and `asked` (`at`, `zone`), of a thing
    in the past over the rows of its `Past`. Numbers are whole, DATE and TIME are text, TEXTS is an array, never NULL.
    `moves` says that time alone changes it.
    """

    name: str
    type: FieldType
    label: Any
    read: Callable[[Any], Any]
    asks: tuple[str, ...] = ()
    choices: tuple[tuple[str, Any], ...] = ()
    sql: Expression | None = None
    moves: bool = False


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


class Past(msgspec.Struct, frozen=True):
    """
    What happened to members before: conditions compare sums, numbers and days of it. `label` and `plural` name one and
    all of them to people, `items` has the words for one.

    In the database it is the join `rows`; `member`, `programme` and `at` are its columns that say whose and when, and
    what is not `counted` never was.
    """

    name: str
    label: Any
    plural: Any
    items: "Vocabulary"
    rows: str
    member: str
    programme: str
    at: str
    counted: str = "TRUE"


# All words that a programme declared for itself, by name; their names begin with a prefix of their own.
Declared = Callable[[int], Mapping[str, Field]]


class Vocabulary:
    """
    The fields, collections and pasts one kind of facts offers, those of `parts` among them.

    Words that programmes declare for themselves are known `within` a programme only.
    """

    def __init__(self, facts: str, *parts: "Vocabulary") -> None:
        self.facts = facts
        self.parts = parts
        self.programme_id: int | None = None
        self._fields: dict[str, Field] = {}
        self._collections: dict[str, Collection] = {}
        self._pasts: dict[str, Past] = {}
        self._declared: dict[str, Declared] = {}
        self.programme_words: dict[str, Mapping[str, Field]] = {}

    def declare(self, word: Field | Collection | Past) -> None:
        """Add a word; called while the app starts."""
        if isinstance(word, Field):
            self._fields[word.name] = word
        elif isinstance(word, Collection):
            self._collections[word.name] = word
        else:
            self._pasts[word.name] = word

    def declare_by_programme(self, prefix: str, words: Declared) -> None:
        """Add words that begin with `prefix` and differ from programme to programme; called while the app starts."""
        self._declared[prefix] = words

    def within(self, programme_id: int | None) -> "Vocabulary":
        """The same words, and those of a programme, each kind read once; None leaves it at the first."""
        view = copy(self)
        view.programme_id, view.programme_words = programme_id, {}
        view.parts = tuple(part.within(programme_id) for part in self.parts)
        return view

    def get(self, name: str) -> Field | None:
        own = self._fields.get(name) or self._declared_field(name)
        return own or next((field for part in self.parts if (field := part.get(name))), None)

    def collection(self, name: str) -> Collection | None:
        own = self._collections.get(name)
        return own or next((found for part in self.parts if (found := part.collection(name))), None)

    def past(self, name: str) -> Past | None:
        own = self._pasts.get(name)
        return own or next((found for part in self.parts if (found := part.past(name))), None)

    def names(self) -> list[str]:
        declared = [name for prefix in self._declared for name in self._words(prefix)]
        return sorted([*self._fields, *declared, *(name for part in self.parts for name in part.names())])

    def collections(self) -> list[str]:
        return sorted([*self._collections, *(name for part in self.parts for name in part.collections())])

    def pasts(self) -> list[str]:
        return sorted([*self._pasts, *(name for part in self.parts for name in part.pasts())])

    def _declared_field(self, name: str) -> Field | None:
        named = (self._words(prefix) for prefix in self._declared if name.startswith(prefix))
        return next((words[name] for words in named if name in words), None)

    def _words(self, prefix: str) -> Mapping[str, Field]:
        if self.programme_id is None:
            return {}
        if prefix not in self.programme_words:
            self.programme_words[prefix] = self._declared[prefix](self.programme_id)
        return self.programme_words[prefix]


def looked_up(
    name: str,
    kind: FieldType,
    label: Any,
    sql: str | Expression,
    choices: tuple[tuple[str, Any], ...] = (),
    *,
    moves: bool = False,
) -> Field:
    """A word outside the subject: the database says it, and what it said stands in what is known."""
    expression = Expression(sql) if isinstance(sql, str) else sql
    return Field(name, kind, label, lambda asked: asked.known.get(name), (name,), choices, expression, moves)


CLOCK = Vocabulary("clock")
MEMBER = Vocabulary("member")
CONTEXT = Vocabulary("context")
PURCHASE = Vocabulary("purchase", CLOCK, MEMBER, CONTEXT)
EVENT = Vocabulary("event", CLOCK, MEMBER)
PAST_ORDER = Vocabulary("past order")
LINE = Vocabulary("line")
PAST_LINE = Vocabulary("past line", LINE, PAST_ORDER)
TENDER = Vocabulary("tender")
