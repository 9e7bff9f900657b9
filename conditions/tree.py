"""
The condition tree, read from JSON and checked against a vocabulary.

A tree is one of
- `{"all": [...]}`, `{"any": [...]}`, `{"none": [...]}`; an empty `all` is always true and stands alone,
- a test: `{"field": "order.total", "op": "gte", "value": 5000}`,
- a test of some things among many: `{"of": "order.lines", "which": "any", "where": <tree in the words of a line>}`,
- a test of a sum or number of them: `{"of": "order.lines", "sum": "line.quantity", "where": <tree>, "op": "gte",
  "value": 3000}`; `"sum": null` counts them, and without `where` it is about all of them.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import msgspec

from conditions.errors import ConditionInvalid
from conditions.operators import OPERATORS, Op, plain, read_value
from conditions.past import MEASURED, Measure, Window, read_window
from conditions.vocabulary import Collection, Field, FieldType, Past, Vocabulary

MAX_DEPTH = 8
_SHAPES = "all, any, none, or field with op and value, or of with which or sum, or history with measure and within"
_OF_HISTORY = frozenset({"history", "measure", "within", "op", "value"})
SUMMED = frozenset({FieldType.MONEY, FieldType.NUMBER, FieldType.QUANTITY})


class Which(StrEnum):
    """
    Of which things a condition has to hold. `every` and the price's ends fail where there is nothing; of equal prices
    the first one counts.
    """

    ANY = "any"
    EVERY = "every"
    NONE = "none"
    CHEAPEST = "cheapest"
    DEAREST = "dearest"


class Test(msgspec.Struct, frozen=True):
    """One comparison of one field."""

    field: Field
    op: Op
    value: Any


class Group(msgspec.Struct, frozen=True):
    """`all`, `any` or `none` of its parts."""

    joint: str
    parts: tuple["Node", ...]


class Among(msgspec.Struct, frozen=True):
    """A condition about things of a collection; `written` is its JSON."""

    collection: Collection
    which: Which
    where: "Node"
    written: Any


class Sum(msgspec.Struct, frozen=True):
    """
    A comparison of the sum of a field, or of the number of things where `field` is None, over those of a collection
    for which `where` holds. `written` is its JSON without the comparison.
    """

    collection: Collection
    field: Field | None
    where: "Node"
    op: Op
    value: Any
    written: Any


class Aggregate(msgspec.Struct, frozen=True):
    """
    One number about what happened before: `measure` of `field` (None where things or days are counted) over those for
    which `where` holds, in `window`. `written` is its JSON, the same for the same question.
    """

    past: Past
    measure: Measure
    field: Field | None
    where: "Node"
    window: Window
    written: Any

    @property
    def name(self) -> str:
        """By which it is known beside the subject."""
        return msgspec.json.encode(self.written, order="deterministic").decode()

    @property
    def type(self) -> FieldType:
        return self.field.type if self.field else FieldType.NUMBER


class History(msgspec.Struct, frozen=True):
    """A comparison of a number about what happened before."""

    aggregate: Aggregate
    op: Op
    value: Any


Node = Test | Group | Among | Sum | History
EVERYTHING = Group("all", ())


def parse(tree: Any, vocabulary: Vocabulary, *, pointer: str = "", depth: int = 0) -> Node:
    """
    Read a JSON tree with the words of `vocabulary`.

    :raises ConditionInvalid: with a pointer to the part that is wrong and what was expected
    """
    if depth > MAX_DEPTH:
        raise ConditionInvalid(pointer=pointer, problem="too deep", expected=f"at most {MAX_DEPTH} levels")
    if not isinstance(tree, Mapping):
        raise ConditionInvalid(pointer=pointer, problem=type(tree).__name__, expected="an object")
    shape = set(tree)
    for is_such, read in _READERS:
        if is_such(shape):
            return read(tree, vocabulary, pointer, depth)
    raise ConditionInvalid(pointer=pointer, problem=sorted(map(str, tree)), expected=_SHAPES)


def _parse_group(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str, depth: int) -> Group:
    ((joint, parts),) = tree.items()
    pointer = f"{pointer}/{joint}"
    if not isinstance(parts, list):
        raise ConditionInvalid(pointer=pointer, problem=type(parts).__name__, expected="a list")
    if not parts and (joint != "all" or depth):
        raise ConditionInvalid(pointer=pointer, problem="empty", expected="at least one part")
    read = [parse(part, vocabulary, pointer=f"{pointer}/{index}", depth=depth + 1) for index, part in enumerate(parts)]
    return Group(joint, tuple(read))


def _parse_test(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str, _depth: int) -> Test:
    field = _known_field(tree["field"], vocabulary, f"{pointer}/field")
    op, value = _comparison(tree, field.type, pointer)
    _check_choice(field, value, pointer)
    return Test(field, op, value)


def _parse_among(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str, depth: int) -> Among:
    collection = _known_collection(tree["of"], vocabulary, f"{pointer}/of")
    if tree["which"] not in list(Which):
        expected = [which.value for which in Which]
        raise ConditionInvalid(pointer=f"{pointer}/which", problem=tree["which"], expected=expected)
    where = parse(tree["where"], collection.items, pointer=f"{pointer}/where", depth=depth + 1)
    return Among(collection, Which(tree["which"]), where, dict(tree))


def _parse_sum(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str, depth: int) -> Sum:
    collection = _known_collection(tree["of"], vocabulary, f"{pointer}/of")
    field = None
    if tree["sum"] is not None:
        field = _summed_field(tree["sum"], collection.items, f"{pointer}/sum")
    where: Node = EVERYTHING
    if "where" in tree:
        where = parse(tree["where"], collection.items, pointer=f"{pointer}/where", depth=depth + 1)
    op, value = _comparison(tree, field.type if field else FieldType.NUMBER, pointer)
    written = {name: tree[name] for name in ("of", "sum", "where") if name in tree}
    return Sum(collection, field, where, op, value, written)


def _parse_history(tree: Mapping[str, Any], vocabulary: Vocabulary, pointer: str, depth: int) -> History:
    asked = {name: tree[name] for name in tree if name not in {"op", "value"}}
    aggregate = parse_aggregate(asked, vocabulary, pointer=pointer, depth=depth)
    op, value = _comparison(tree, aggregate.type, pointer)
    return History(aggregate, op, value)


def parse_aggregate(tree: Mapping[str, Any], vocabulary: Vocabulary, *, pointer: str = "", depth: int = 0) -> Aggregate:
    """
    Read a number about what happened before, as `Aggregate.name` has it.

    :raises ConditionInvalid: with a pointer to the part that is wrong and what was expected
    """
    past = vocabulary.past(tree["history"]) if isinstance(tree["history"], str) else None
    if past is None:
        raise ConditionInvalid(pointer=f"{pointer}/history", problem=tree["history"], expected=vocabulary.pasts())
    if tree["measure"] not in list(Measure):
        expected = [measure.value for measure in Measure]
        raise ConditionInvalid(pointer=f"{pointer}/measure", problem=tree["measure"], expected=expected)
    measure = Measure(tree["measure"])
    field = _measured_field(tree.get("of"), measure, past.items, f"{pointer}/of")
    window = read_window(tree["within"], pointer=f"{pointer}/within")
    written = {"history": past.name, "measure": measure.value, "within": tree["within"]}
    if field:
        written["of"] = field.name
    where: Node = EVERYTHING
    if tree.get("where") not in (None, {"all": []}):
        where = parse(tree["where"], past.items, pointer=f"{pointer}/where", depth=depth + 1)
        written["where"] = tree["where"]
    return Aggregate(past, measure, field, where, window, written)


def _measured_field(name: Any, measure: Measure, items: Vocabulary, pointer: str) -> Field | None:
    if measure in MEASURED:
        return _summed_field(name, items, pointer)
    if name is not None:
        raise ConditionInvalid(pointer=pointer, problem=name, expected=f"nothing: {measure} is of no field")
    return None


def _summed_field(name: Any, items: Vocabulary, pointer: str) -> Field:
    field = _known_field(name, items, pointer)
    if field.type not in SUMMED:
        expected = [known for known in items.names() if _is_summed(items, known)]
        raise ConditionInvalid(pointer=pointer, problem=field.name, expected=expected)
    return field


def _is_summed(vocabulary: Vocabulary, name: str) -> bool:
    field = vocabulary.get(name)
    return field is not None and field.type in SUMMED


def _known_field(name: Any, vocabulary: Vocabulary, pointer: str) -> Field:
    field = vocabulary.get(name) if isinstance(name, str) else None
    if field is None:
        raise ConditionInvalid(pointer=pointer, problem=name, expected=vocabulary.names())
    return field


def _known_collection(name: Any, vocabulary: Vocabulary, pointer: str) -> Collection:
    collection = vocabulary.collection(name) if isinstance(name, str) else None
    if collection is None:
        raise ConditionInvalid(pointer=pointer, problem=name, expected=vocabulary.collections())
    return collection


def _check_choice(field: Field, value: Any, pointer: str) -> None:
    choices = [choice for choice, _ in field.choices]
    given = value if isinstance(value, frozenset) else {value}
    if choices and not given.issubset(choices):
        raise ConditionInvalid(pointer=f"{pointer}/value", problem=plain(value), expected=choices)


def _comparison(tree: Mapping[str, Any], kind: FieldType, pointer: str) -> tuple[Op, Any]:
    op = tree["op"]
    if op not in OPERATORS[kind]:
        raise ConditionInvalid(pointer=f"{pointer}/op", problem=op, expected=[known.value for known in OPERATORS[kind]])
    try:
        return Op(op), read_value(tree["value"], kind, Op(op))
    except ValueError as error:
        raise ConditionInvalid(pointer=f"{pointer}/value", problem=tree["value"], expected=str(error)) from error


_READERS: tuple[tuple[Callable[[set[str]], bool], Callable[[Mapping[str, Any], Vocabulary, str, int], Node]], ...] = (
    (lambda shape: shape == {"field", "op", "value"}, _parse_test),
    (lambda shape: shape in ({"all"}, {"any"}, {"none"}), _parse_group),
    (lambda shape: shape == {"of", "which", "where"}, _parse_among),
    (lambda shape: shape - {"where"} == {"of", "sum", "op", "value"}, _parse_sum),
    (lambda shape: shape - {"of", "where"} == _OF_HISTORY, _parse_history),
)
