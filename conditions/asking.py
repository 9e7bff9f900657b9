"""What has to be known before a condition can be asked."""

from conditions.tree import Among, Group, Node, Sum, Test


def asks_of(node: Node) -> frozenset[str]:
    """The names of all that stands outside the subject and is asked for, as `Situation.known` has them."""
    if isinstance(node, Group):
        return frozenset().union(*(asks_of(part) for part in node.parts))
    if isinstance(node, Test):
        return frozenset(node.field.asks)
    return _asks_of_many(node)


def _asks_of_many(node: Among | Sum) -> frozenset[str]:
    summed = node.field.asks if isinstance(node, Sum) and node.field else ()
    return asks_of(node.where).union(summed)
