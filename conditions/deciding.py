"""Whether a condition holds for some facts, and the first test to blame when it does not."""

from collections.abc import Callable
from typing import Any

import msgspec

from conditions.operators import holds, plain
from conditions.past import MEASURED
from conditions.tree import Among, Group, History, Node, Sum, Test, Which
from conditions.vocabulary import FieldType, Vocabulary


class Failure(msgspec.Struct, frozen=True):
    """
    The first test to blame, with the value it met. `op` begins with `not_` when the test holds and should not have.

    Of what happened before, `field` names the past and `test` is the JSON of what was asked about it.
    Of things among many, `field` names the collection and `test` is the JSON of what was asked about them: of some,
    `op` says which and `observed` how many met it; of a sum, `op` and `required` are what it is compared with.
    """

    field: str
    op: str
    required: Any
    observed: Any
    test: Any = None


def first_failure(node: Node, facts: Any) -> Failure | None:
    """None when the condition holds for `facts`, else the first test to blame."""
    if not isinstance(node, Group):
        is_met, failure = _ask(node, facts)
        return None if is_met else failure("")
    if node.joint == "none":
        return next((met for part in node.parts if (met := _first_success(part, facts))), None)
    failures = [first_failure(part, facts) for part in node.parts]
    if node.joint == "all":
        return next((failure for failure in failures if failure), None)
    return None if None in failures else failures[0]


def _first_success(node: Node, facts: Any) -> Failure | None:
    """The first test to blame when the condition holds and should not; None when it does not hold."""
    if not isinstance(node, Group):
        is_met, failure = _ask(node, facts)
        return failure("not_") if is_met else None
    if node.joint == "none":
        failures = [first_failure(part, facts) for part in node.parts]
        return None if None in failures else failures[0]
    successes = [_first_success(part, facts) for part in node.parts]
    if node.joint == "all":
        return None if None in successes else next(iter(successes), None)
    return next((success for success in successes if success), None)


def _ask(node: Test | Among | Sum | History, facts: Any) -> tuple[bool, Callable[[str], Failure]]:
    """Whether a test holds, and how it is blamed."""
    if isinstance(node, Among):
        is_met, count = _among(node, facts)
        return is_met, lambda sense: Failure(node.collection.name, f"{sense}{node.which}", None, count, node.written)
    if isinstance(node, Sum):
        name, written, observed = node.collection.name, node.written, _sum(node, facts)
    elif isinstance(node, History):
        asked = node.aggregate
        name, written, observed = asked.past.name, asked.written, facts.known.get(asked.name)
    else:
        name, written, observed = node.field.name, None, node.field.read(facts)
    return holds(node.op, observed, node.value), lambda sense: Failure(
        name, f"{sense}{node.op}", plain(node.value), plain(observed), written
    )


def _among(node: Among, facts: Any) -> tuple[bool, int]:
    """Whether it holds, and for how many of those it is about."""
    items = list(node.collection.read(facts))
    if node.which in {Which.CHEAPEST, Which.DEAREST}:
        items = _end_of(node, items)
    met = sum(first_failure(node.where, item) is None for item in items)
    if node.which is Which.NONE:
        return met == 0, met
    if node.which is Which.ANY:
        return met > 0, met
    return 0 < met == len(items), met


def _end_of(node: Among, items: list[Any]) -> list[Any]:
    prices = [(price, item) for item in items if (price := node.collection.price(item)) is not None]
    if not prices:
        return []
    choose = min if node.which is Which.CHEAPEST else max
    end = choose(price for price, _ in prices)
    return [next(item for price, item in prices if price == end)]


def _sum(node: Sum, facts: Any) -> int:
    items = [item for item in node.collection.read(facts) if first_failure(node.where, item) is None]
    if node.field is None:
        return len(items)
    return sum(node.field.read(item) or 0 for item in items)


def type_of(failure: Failure, words: Vocabulary) -> FieldType | None:
    """What kind of value a failure required and observed; None for a word that is gone."""
    if failure.test is None:
        field = words.get(failure.field)
    elif "history" in failure.test:
        return _type_of_past(failure, words)
    elif not failure.test.get("sum"):
        return FieldType.NUMBER
    else:
        collection = words.collection(failure.field)
        field = collection.items.get(failure.test["sum"]) if collection else None
    return field.type if field else None


def _type_of_past(failure: Failure, words: Vocabulary) -> FieldType | None:
    if failure.test["measure"] not in MEASURED:
        return FieldType.NUMBER
    past = words.past(failure.field)
    field = past.items.get(failure.test["of"]) if past else None
    return field.type if field else None
