"""What callers tell beside an order, such as the weather: declared by each programme, asked for by conditions."""

from collections.abc import Mapping, Sequence
from typing import Any

from conditions.vocabulary import CONTEXT, Field, FieldType
from orders.errors import OrderInvalid
from orders.models import ContextAttribute
from roundtrips import Question
from shops import attributes

PREFIX = "context."


def context_types(programme_id: int, *, is_asked: bool) -> Question[dict[str, str]]:
    """The types of a programme's attributes by key; nothing is asked unless something was told."""
    if not is_asked:
        return Question((), (), lambda _: {})
    column = "(SELECT json_object_agg(key, type) FROM orders_contextattribute WHERE programme_id = %s)"
    return Question((column,), (programme_id,), _read_types)


def check_context(told: Mapping[str, Any], types: Mapping[str, str]) -> OrderInvalid | None:
    """Say what is wrong with what a caller told; None when all of it was declared."""
    for key, value in told.items():
        if key not in types:
            return OrderInvalid(pointer=f"/context/{key}", problem="not declared", expected=sorted(types))
        try:
            attributes.read(types[key], value)
        except ValueError as error:
            return OrderInvalid(pointer=f"/context/{key}", problem=value, expected=str(error))
    return None


def declare() -> None:
    """Give the condition language what callers tell; called while the app starts."""
    CONTEXT.declare_by_programme(PREFIX, _words)


def _words(programme_id: int) -> dict[str, Field]:
    words = map(_word, ContextAttribute.objects.filter(programme=programme_id))
    return {word.name: word for word in words}


def _word(attribute: ContextAttribute) -> Field:
    name, default = f"{PREFIX}{attribute.key}", attribute.default
    return Field(
        name, FieldType(attribute.type), attribute.label, lambda asked: asked.known.get(name, default), (name,)
    )


def _read_types(row: Sequence[Any]) -> dict[str, str]:
    return row[0] or {}
