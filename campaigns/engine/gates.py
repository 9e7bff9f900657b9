"""
Which of many rules a purchase could meet at all: those whose condition asks for a channel, a shop, an article, a
category or a label are found by it, instead of being asked one by one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from campaigns.engine.facts import RuleInForce
from conditions.operators import Op
from conditions.situation import Situation
from conditions.tree import Among, Group, Node, Test, Which
from conditions.vocabulary import Field, FieldType
from orders.facts import Purchase

# So few are asked one by one, and all of them say why they give nothing.
FEW = 16


class Gate(msgspec.Struct, frozen=True):
    """A rule can hold only where the field of the purchase, or of one of its lines, has one of these values."""

    field: Field
    values: frozenset[str]
    is_of_line: bool


class InForce:
    """The rules that are asked together, and how those of them are found that could give something."""

    def __init__(self, rules: Sequence[RuleInForce]) -> None:
        self.rules = rules
        self._open: list[int] = []
        self._by_gate: dict[tuple[str, bool], tuple[Field, dict[str, list[int]]]] = {}
        for place, entry in enumerate(rules):
            gate = next(_gates_of(entry), None)
            if gate is None:
                self._open.append(place)
                continue
            _, by_value = self._by_gate.setdefault((gate.field.name, gate.is_of_line), (gate.field, {}))
            for value in gate.values:
                by_value.setdefault(value, []).append(place)

    @cached_property
    def places(self) -> Mapping[tuple[str, str], int]:
        """Where each rule stands. Of a campaign one version is asked."""
        return {(entry.campaign, entry.rule.key): place for place, entry in enumerate(self.rules)}

    @cached_property
    def versions(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(entry.version_id for entry in self.rules))

    def could_hold(self, asked: Situation) -> Sequence[RuleInForce]:
        """Those rules whose condition could hold, in their order; of few rules all."""
        if len(self.rules) <= FEW or not isinstance(asked.subject, Purchase):
            return self.rules
        found = set(self._open)
        for (_, is_of_line), (field, by_value) in self._by_gate.items():
            for value in _values(field, asked.subject.lines if is_of_line else (asked,)):
                found.update(by_value.get(value, ()))
        return [self.rules[place] for place in sorted(found)]


def _values(field: Field, things: Iterable[Any]) -> set[Any]:
    if field.type is FieldType.TEXTS:
        return {value for thing in things for value in field.read(thing)}
    return {field.read(thing) for thing in things}


def _gates_of(entry: RuleInForce) -> Iterator[Gate]:
    """What a rule needs: the sharpest first, because articles tell more than channels."""
    filters = [entry.filters["lines"]] if "lines" in entry.filters else []
    yield from (gate for node in filters for gate in _gates(node, is_of_line=True))
    yield from sorted(_gates(entry.condition, is_of_line=False), key=lambda gate: not gate.is_of_line)


def _gates(node: Node, *, is_of_line: bool) -> Iterator[Gate]:
    if isinstance(node, Group) and node.joint == "all":
        for part in node.parts:
            yield from _gates(part, is_of_line=is_of_line)
    elif isinstance(node, Among) and node.which is Which.ANY and node.collection.name == "order.lines":
        yield from _gates(node.where, is_of_line=True)
    elif isinstance(node, Test) and _is_a_gate(node):
        values = node.value if isinstance(node.value, frozenset) else frozenset({node.value})
        yield Gate(node.field, values, is_of_line)


def _is_a_gate(test: Test) -> bool:
    # What is known beside the purchase differs from order to order, and costs as much to look at as to ask.
    if test.field.asks:
        return False
    if test.field.type is FieldType.TEXT:
        return test.op in {Op.EQ, Op.IN}
    return test.field.type is FieldType.TEXTS and test.op is Op.HAS_ANY
