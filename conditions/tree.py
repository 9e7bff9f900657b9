"""
The condition tree: JSON in, a Python predicate and the first failing test out.

A tree is `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}` or a test `{"field": "order.total", "op": "gte",
"value": 5000}`. An empty `all` is always true. A field without a value fails every test but `ne`.
"""

import operator
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from conditions.errors import ConditionInvalid
from conditions.vocabulary import Field, FieldType, Vocabulary

MAX_DEPTH = 8


class Op(StrEnum):
    """How a field is compared."""

    EQ = "eq"
    NE = "ne"
    GTE = "gte"
    LT = "lt"
    IN = "in"


_OPS: dict[Op, Callable[[Any, Any], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.GTE: operator.ge,
    Op.LT: operator.lt,
    Op.IN: lambda value, choices: value in choices,
}
_ORDERED = frozenset({Op.GTE, Op.LT})


class Test(msgspec.Struct, frozen=True):
    """One comparison of one field."""

    field: Field
    op: Op
    value: Any


class Group(msgspec.Struct, frozen=True):
    """`all`, `any` or `none` of its parts."""

    joint: str
    parts: tuple["Node", ...]


Node = Test | Group


class Failure(msgspec.Struct, frozen=True):
    """The first test that failed, with the value it met."""

    field: str
    op: str
    required: Any
    observed: Any


def parse(tree: Any, vocabulary: Vocabulary, *, pointer: str = "", depth: int = 0) -> Node:
    """
    Read a JSON tree with the fields of `vocabulary`.

    :raises ConditionInvalid: with a pointer to the part that is wrong and what was expected
    """
    if depth > MAX_DEPTH:
        raise ConditionInvalid(pointer=pointer, problem="too deep", expected=f"at most {MAX_DEPTH} levels")
    if not isinstance(tree, Mapping):
        raise ConditionInvalid(pointer=pointer, problem=type(tree).__name__, expected="an object")
    for joint in ("all", "any", "none"):
        if set(tree) == {joint}:
            parts = tree[joint]
            if not isinstance(parts, list):
                raise ConditionInvalid(pointer=f"{pointer}/{joint}", problem=type(parts).__name__, expected="a list")
            if joint != "all" and not parts:
                raise ConditionInvalid(pointer=f"{pointer}/{joint}", problem="empty", expected="at least one part")
            return Group(
                joint,
                tuple(
                    parse(part, vocabulary, pointer=f"{pointer}/{joint}/{index}", depth=depth + 1)
                    for index, part in enumerate(parts)
                ),
            )
    if set(tree) == {"field", "op", "value"}:
        return _parse_test(tree, vocabulary, pointer)
    raise ConditionInvalid(pointer=pointer, problem=sorted(tree), expected="all, any, none, or field with op and value")


def _parse_test(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str) -> Test:
    field = vocabulary.get(tree["field"])
    if field is None:
        raise ConditionInvalid(pointer=f"{pointer}/field", problem=tree["field"], expected=vocabulary.names())
    if tree["op"] not in list(Op):
        raise ConditionInvalid(pointer=f"{pointer}/op", problem=tree["op"], expected=[op.value for op in Op])
    op = Op(tree["op"])
    if op in _ORDERED and field.type is FieldType.TEXT:
        raise ConditionInvalid(pointer=f"{pointer}/op", problem=op.value, expected=["eq", "ne", "in"])
    values = tree["value"] if op is Op.IN else [tree["value"]]
    wanted: type = str if field.type is FieldType.TEXT else int
    if not isinstance(values, list) or any(type(value) is not wanted for value in values):
        raise ConditionInvalid(pointer=f"{pointer}/value", problem=tree["value"], expected=wanted.__name__)
    return Test(field, op, frozenset(values) if op is Op.IN else values[0])


def first_failure(node: Node, facts: Any) -> Failure | None:
    """None when the condition holds for `facts`, else the first test to blame."""
    if isinstance(node, Test):
        observed = node.field.read(facts)
        holds = _OPS[node.op](observed, node.value) if observed is not None else node.op is Op.NE
        required = sorted(node.value) if isinstance(node.value, frozenset) else node.value
        return None if holds else Failure(node.field.name, node.op.value, required, observed)
    failures = [first_failure(part, facts) for part in node.parts]
    if node.joint == "all":
        return next((failure for failure in failures if failure), None)
    if node.joint == "any":
        return None if None in failures else failures[0]
    met = next((part for part, failure in zip(node.parts, failures, strict=True) if failure is None), None)
    return None if met is None else _unwanted(met, facts)


def _unwanted(node: Node, facts: Any) -> Failure:
    while isinstance(node, Group) and node.parts:
        node = node.parts[0]
    if isinstance(node, Group):
        return Failure("", "not_all", None, None)
    required = sorted(node.value) if isinstance(node.value, frozenset) else node.value
    return Failure(node.field.name, f"not_{node.op.value}", required, node.field.read(facts))
