"""What conditions may ask about an event: the attributes of its type."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from conditions.situation import Situation
from conditions.vocabulary import EVENT, Field, Vocabulary
from orders.events.types import Attribute, DeclaredType

PREFIX = "event."


@lru_cache(maxsize=512)
def words_of(declared: DeclaredType) -> Vocabulary:
    """
    The words of one type. Retired attributes stay among them: published rules that ask for one still hold.
    """
    words = Vocabulary(f"event:{declared.key}", EVENT)
    for attribute in declared.attributes:
        label = attribute.label or attribute.key
        words.declare(Field(f"{PREFIX}{attribute.key}", attribute.type, label, _reading(attribute)))
    return words


def _reading(attribute: Attribute) -> Callable[[Situation], Any]:
    key, default = attribute.key, attribute.default

    def read(asked: Situation) -> Any:
        return asked.subject.payload.get(key, default)

    return read
