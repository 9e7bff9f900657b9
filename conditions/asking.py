"""What has to be known before a condition can be asked."""

import msgspec

from conditions.sql import value_of
from conditions.tree import Among, Group, History, Node, Sum, Test, parse_aggregate
from conditions.vocabulary import Expression, Vocabulary


def asks_of(node: Node) -> frozenset[str]:
    """The names of all that stands outside the subject and is asked for, as `Situation.known` has them."""
    if isinstance(node, Group):
        return frozenset().union(*(asks_of(part) for part in node.parts))
    if isinstance(node, Test):
        return frozenset(node.field.asks)
    if isinstance(node, History):
        return frozenset({node.aggregate.name})
    return _asks_of_many(node)


def _asks_of_many(node: Among | Sum) -> frozenset[str]:
    summed = node.field.asks if isinstance(node, Sum) and node.field else ()
    return asks_of(node.where).union(summed)


def expression_of(asked: str, words: Vocabulary) -> Expression | None:
    """How the database says what `asks_of` named, over the rows `member` and `asked`; None where it can't."""
    if asked.startswith("{"):
        return value_of(parse_aggregate(msgspec.json.decode(asked), words))
    field = words.get(asked)
    return field.sql if field else None


def moves_with_time(node: Node) -> bool:
    """Whether time alone can change for whom it holds. What happened before is over sooner or later, or ages."""
    if isinstance(node, Group):
        return any(moves_with_time(part) for part in node.parts)
    if isinstance(node, Test):
        return node.field.moves
    return isinstance(node, History)
