"""What a campaign version says: typed, and read from and written to the JSON of `CampaignVersion.definition`."""

from enum import StrEnum
from typing import Any, Literal

import msgspec

from campaigns.errors import DefinitionInvalid
from conditions.errors import ConditionInvalid
from conditions.tree import Node, parse
from conditions.vocabulary import PURCHASE


class Mode(StrEnum):
    """`BLOCK`: only whole blocks of money count. `CONTINUOUS`: every part counts, the result is rounded down."""

    BLOCK = "block"
    CONTINUOUS = "continuous"


class PerMoney(msgspec.Struct, frozen=True, tag_field="kind", tag="per_money", omit_defaults=True):
    """`units` minor units of the account unit for each `per` minor units of money spent on goods."""

    units: int
    per: int
    mode: Mode = Mode.BLOCK


class Fixed(msgspec.Struct, frozen=True, tag_field="kind", tag="fixed", omit_defaults=True):
    """`units` minor units of the account unit for an order with goods, whatever they cost."""

    units: int


Effect = PerMoney | Fixed


class Rule(msgspec.Struct, frozen=True, omit_defaults=True):
    """When `trigger` happens and `when` holds, grant `effect` in the unit with code `unit`."""

    key: str
    effect: Effect
    unit: str = "points"
    trigger: Literal["order"] = "order"
    when: dict[str, Any] | None = None


class Definition(msgspec.Struct, frozen=True, omit_defaults=True):
    """All rules of a version."""

    rules: tuple[Rule, ...]


def read(stored: Any) -> Definition:
    """
    Read a stored or imported definition.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    try:
        definition = msgspec.convert(stored, Definition)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise DefinitionInvalid(pointer=pointer, problem=problem, expected="a campaign definition") from error
    _check(definition)
    return definition


def write(definition: Definition) -> Any:
    """The JSON form of a definition."""
    return msgspec.to_builtins(definition)


def condition_of(rule: Rule, *, pointer: str = "") -> Node:
    """The rule's condition; a rule without one always applies."""
    return parse(rule.when or {"all": []}, PURCHASE, pointer=pointer)


def _check(definition: Definition) -> None:
    if not definition.rules:
        raise DefinitionInvalid(pointer="/rules", problem="empty", expected="at least one rule")
    keys: set[str] = set()
    for index, rule in enumerate(definition.rules):
        pointer = f"/rules/{index}"
        if not rule.key or rule.key in keys:
            raise DefinitionInvalid(pointer=f"{pointer}/key", problem=rule.key, expected="a key of its own")
        keys.add(rule.key)
        if not 0 < rule.effect.units <= 10**9:
            raise DefinitionInvalid(
                pointer=f"{pointer}/effect/units", problem=rule.effect.units, expected="more than 0"
            )
        if isinstance(rule.effect, PerMoney) and not 0 < rule.effect.per <= 10**12:
            raise DefinitionInvalid(pointer=f"{pointer}/effect/per", problem=rule.effect.per, expected="more than 0")
        try:
            condition_of(rule, pointer=f"{pointer}/when")
        except ConditionInvalid as error:
            raise DefinitionInvalid(**error.facts) from error
