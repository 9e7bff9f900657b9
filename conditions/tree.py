"""
The condition tree: JSON in, a Python predicate and the first failing test out.

A tree is `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}` or a test `{"field": "order.total", "op": "gte",
"value": 5000}`. An empty `all` is always true and stands alone. A field without a value fails every test but `ne`.
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
    """
    The first test to blame, with the value it met. `op` begins with `not_` when the test holds and should not have.
    """

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
    if set(tree) == {"field", "op", "value"}:
        return _parse_test(tree, vocabulary, pointer)
    for joint in ("all", "any", "none"):
        if set(tree) == {joint}:
            return _parse_group(joint, tree[joint], vocabulary, f"{pointer}/{joint}", depth)
    raise ConditionInvalid(pointer=pointer, problem=sorted(tree), expected="all, any, none, or field with op and value")


def _parse_group(joint: str, parts: Any, vocabulary: Vocabulary, pointer: str, depth: int) -> Group:
    if not isinstance(parts, list):
        raise ConditionInvalid(pointer=pointer, problem=type(parts).__name__, expected="a list")
    if not parts and (joint != "all" or depth):
        raise ConditionInvalid(pointer=pointer, problem="empty", expected="at least one part")
    read = [parse(part, vocabulary, pointer=f"{pointer}/{index}", depth=depth + 1) for index, part in enumerate(parts)]
    return Group(joint, tuple(read))


def _parse_test(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str) -> Test:
    field = vocabulary.get(tree["field"]) if isinstance(tree["field"], str) else None
    if field is None:
        raise ConditionInvalid(pointer=f"{pointer}/field", problem=tree["field"], expected=vocabulary.names())
    if tree["op"] not in list(Op):
        raise ConditionInvalid(pointer=f"{pointer}/op", problem=tree["op"], expected=[op.value for op in Op])
    op = Op(tree["op"])
    if op in _ORDERED and field.type is FieldType.TEXT:
        raise ConditionInvalid(pointer=f"{pointer}/op", problem=op.value, expected=["eq", "ne", "in"])
    return Test(field, op, _value(tree["value"], field, op, f"{pointer}/value"))


def _value(given: Any, field: Field, op: Op, pointer: str) -> Any:
    wanted: type = str if field.type is FieldType.TEXT else int
    name = "text" if wanted is str else "a whole number"
    if op is Op.IN:
        # JSON has true and 1; a set would take one for the other, so the exact type is asked for.
        if not isinstance(given, list) or not given or any(type(value) is not wanted for value in given):
            raise ConditionInvalid(pointer=pointer, problem=given, expected=f"a list, each {name}")
        return frozenset(given)
    if type(given) is not wanted:
        raise ConditionInvalid(pointer=pointer, problem=given, expected=name)
    return given


def first_failure(node: Node, facts: Any) -> Failure | None:
    """None when the condition holds for `facts`, else the first test to blame."""
    if isinstance(node, Test):
        observed = node.field.read(facts)
        return None if _holds(node, observed) else _blame(node, observed)
    if node.joint == "none":
        return next((met for part in node.parts if (met := _first_success(part, facts))), None)
    failures = [first_failure(part, facts) for part in node.parts]
    if node.joint == "all":
        return next((failure for failure in failures if failure), None)
    return None if None in failures else failures[0]


def _first_success(node: Node, facts: Any) -> Failure | None:
    """The first test to blame when the condition holds and should not; None when it does not hold."""
    if isinstance(node, Test):
        observed = node.field.read(facts)
        return _blame(node, observed, "not_") if _holds(node, observed) else None
    if node.joint == "none":
        failures = [first_failure(part, facts) for part in node.parts]
        return None if None in failures else failures[0]
    successes = [_first_success(part, facts) for part in node.parts]
    if node.joint == "all":
        return None if None in successes else next(iter(successes), None)
    return next((success for success in successes if success), None)


def _holds(test: Test, observed: Any) -> bool:
    if observed is None:
        return test.op is Op.NE
    return _OPS[test.op](observed, test.value)


def _blame(test: Test, observed: Any, sense: str = "") -> Failure:
    required = sorted(test.value) if isinstance(test.value, frozenset) else test.value
    return Failure(test.field.name, f"{sense}{test.op}", required, observed)
