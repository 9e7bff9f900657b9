"""What a campaign version says: typed, and read from and written to the JSON of `CampaignVersion.definition`."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any, Literal

import msgspec

from campaigns.errors import DefinitionInvalid
from conditions.errors import ConditionInvalid
from conditions.tree import Node, parse
from conditions.vocabulary import PURCHASE
from ledger.errors import PolicyInvalid
from ledger.policies import Expiry, Inactivity, check_expiry

KEY_LENGTH = 40
MOST_UNITS = 10**9
# With the largest order (`orders.checks.LARGEST_TOTAL`) this stays within what the books can count.
MOST_UNITS_PER_MINOR = 10**4


class Mode(StrEnum):
    """`BLOCK`: only whole blocks of money count. `CONTINUOUS`: every part counts, the result is rounded down."""

    BLOCK = "block"
    CONTINUOUS = "continuous"


class PerMoney(
    msgspec.Struct, frozen=True, tag_field="kind", tag="per_money", omit_defaults=True, forbid_unknown_fields=True
):
    """`units` minor units of the account unit for each `per` minor units of money spent on goods."""

    units: int
    per: int
    mode: Mode = Mode.BLOCK


class Fixed(msgspec.Struct, frozen=True, tag_field="kind", tag="fixed", omit_defaults=True, forbid_unknown_fields=True):
    """`units` minor units of the account unit for an order with goods, whatever they cost."""

    units: int


Effect = PerMoney | Fixed


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    When `trigger` happens and `when` holds, grant `effect` in the unit with code `unit`; `expiry` overrides how long
    the unit lets it live.
    """

    key: str
    effect: Effect
    unit: str = "points"
    trigger: Literal["order"] = "order"
    when: dict[str, Any] | None = None
    expiry: Expiry | None = None


class Definition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All rules of a version."""

    rules: tuple[Rule, ...]


def read(stored: Any, programme_id: int | None = None) -> Definition:
    """
    Read a stored or imported definition, with the words that its programme declared.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    try:
        definition = msgspec.convert(stored, Definition)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise DefinitionInvalid(pointer=pointer, problem=problem, expected="a campaign definition") from error
    check(definition, programme_id=programme_id)
    return definition


def write(definition: Definition) -> Any:
    """The JSON form of a definition."""
    return msgspec.to_builtins(definition)


def condition_of(rule: Rule, *, pointer: str = "", programme_id: int | None = None) -> Node:
    """The rule's condition, in the words of its programme; a rule without one always applies."""
    return parse({"all": []} if rule.when is None else rule.when, PURCHASE.within(programme_id), pointer=pointer)


def check(definition: Definition, *, units: Collection[str] | None = None, programme_id: int | None = None) -> None:
    """
    Refuse a definition that no order could be decided by; `units` are the codes of the programme's units, if known.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    if not definition.rules:
        raise DefinitionInvalid(pointer="/rules", problem="empty", expected="at least one rule")
    keys: set[str] = set()
    for index, rule in enumerate(definition.rules):
        pointer = f"/rules/{index}"
        if not 0 < len(rule.key) <= KEY_LENGTH or rule.key in keys:
            expected = f"a key of its own with 1 to {KEY_LENGTH} characters"
            raise DefinitionInvalid(pointer=f"{pointer}/key", problem=rule.key, expected=expected)
        keys.add(rule.key)
        if units is not None and rule.unit not in units:
            raise DefinitionInvalid(pointer=f"{pointer}/unit", problem=rule.unit, expected=sorted(units))
        _check_effect(rule.effect, f"{pointer}/effect")
        if rule.expiry is not None:
            _check_expiry(rule.expiry, f"{pointer}/expiry")
        try:
            condition_of(rule, pointer=f"{pointer}/when", programme_id=programme_id)
        except ConditionInvalid as error:
            raise DefinitionInvalid(**error.facts) from error


def _check_expiry(expiry: Expiry, pointer: str) -> None:
    if isinstance(expiry, Inactivity):
        # Activities move all of an account; a rule speaks for what it grants.
        raise DefinitionInvalid(
            pointer=f"{pointer}/kind", problem="inactivity", expected="an expiry of its own; inactivity is for the unit"
        )
    try:
        check_expiry(expiry, pointer)
    except PolicyInvalid as error:
        raise DefinitionInvalid(**error.facts) from error


def _check_effect(effect: Effect, pointer: str) -> None:
    if isinstance(effect, PerMoney) and not 0 < effect.per <= 10**12:
        raise DefinitionInvalid(pointer=f"{pointer}/per", problem=effect.per, expected="more than 0")
    most = min(MOST_UNITS, MOST_UNITS_PER_MINOR * effect.per) if isinstance(effect, PerMoney) else MOST_UNITS
    if not 0 < effect.units <= most:
        raise DefinitionInvalid(pointer=f"{pointer}/units", problem=effect.units, expected=f"between 1 and {most}")
