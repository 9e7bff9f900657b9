"""What a campaign version says: typed, and read from and written to the JSON of `CampaignVersion.definition`."""

from collections.abc import Collection
from enum import StrEnum
from typing import Any

import msgspec

from campaigns.errors import DefinitionInvalid
from conditions.errors import ConditionInvalid
from conditions.tree import Node, parse
from conditions.vocabulary import PURCHASE, Vocabulary
from ledger.errors import PolicyInvalid
from ledger.policies import Expiry, Inactivity, check_expiry
from orders.events.builtin import BALANCE_REACHED, BUILT_IN
from orders.events.marks import MARK, marks_of
from orders.events.types import Types, in_use
from orders.events.vocabulary import words_of

KEY_LENGTH = 40
MOST_UNITS = 10**9
# With the largest order (`orders.checks.LARGEST_TOTAL`) this stays within what the books can count.
MOST_UNITS_PER_MINOR = 10**4
ORDER = "order"
EVENT = "event:"


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
    the unit lets it live. The trigger is `order`, or `event:` and the key of a type of events.
    """

    key: str
    effect: Effect
    unit: str = "points"
    trigger: str = ORDER
    when: dict[str, Any] | None = None
    expiry: Expiry | None = None

    @property
    def event(self) -> str:
        """The key of the type of events that it waits for; empty if it waits for orders."""
        return self.trigger.removeprefix(EVENT) if self.trigger.startswith(EVENT) else ""


class Definition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
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
    check(definition)
    return definition


def write(definition: Definition) -> Any:
    """The JSON form of a definition."""
    return msgspec.to_builtins(definition)


def condition_of(rule: Rule, *, types: Types = BUILT_IN, pointer: str = "") -> Node:
    """The rule's condition in the words of its trigger; a rule without one always applies."""
    return parse({"all": []} if rule.when is None else rule.when, words_for(rule, types), pointer=pointer)


def words_for(rule: Rule, types: Types) -> Vocabulary:
    """What the rule's condition may ask about."""
    return words_of(types[rule.event]) if rule.event else PURCHASE


def check(definition: Definition, *, units: Collection[str] | None = None, types: Types | None = None) -> None:
    """
    Refuse a definition by which nothing could be decided; `units` are the codes of the programme's units and `types`
    its types of events, if known.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    if not definition.rules:
        raise DefinitionInvalid(pointer="/rules", problem="empty", expected="at least one rule")
    open_types = None if types is None else in_use(types)
    keys: set[str] = set()
    for index, rule in enumerate(definition.rules):
        pointer = f"/rules/{index}"
        if not 0 < len(rule.key) <= KEY_LENGTH or rule.key in keys:
            expected = f"a key of its own with 1 to {KEY_LENGTH} characters"
            raise DefinitionInvalid(pointer=f"{pointer}/key", problem=rule.key, expected=expected)
        keys.add(rule.key)
        if units is not None and rule.unit not in units:
            raise DefinitionInvalid(pointer=f"{pointer}/unit", problem=rule.unit, expected=sorted(units))
        _check_trigger(rule, open_types, pointer)
        _check_effect(rule.effect, f"{pointer}/effect")
        if rule.expiry is not None:
            _check_expiry(rule.expiry, f"{pointer}/expiry")
        _check_condition(rule, BUILT_IN if open_types is None else open_types, f"{pointer}/when")


def _check_trigger(rule: Rule, types: Types | None, pointer: str) -> None:
    is_known = rule.trigger == ORDER or (rule.event != "" and (types is None or rule.event in types))
    if not is_known:
        expected = [ORDER, *(f"{EVENT}{key}" for key in sorted(types or BUILT_IN))]
        raise DefinitionInvalid(pointer=f"{pointer}/trigger", problem=rule.trigger, expected=expected)
    if rule.event and isinstance(rule.effect, PerMoney):
        raise DefinitionInvalid(
            pointer=f"{pointer}/effect/kind", problem="per_money", expected="fixed: an event has no goods"
        )


def _check_condition(rule: Rule, types: Types, pointer: str) -> None:
    if rule.event and rule.event not in types:
        return  # a type of the programme's own, and nobody said which it has
    try:
        condition = condition_of(rule, types=types, pointer=pointer)
    except ConditionInvalid as error:
        raise DefinitionInvalid(**error.facts) from error
    if rule.event == BALANCE_REACHED and not marks_of(condition):
        # Every earning moves a balance; which of them count as reaching something, only the rule can say.
        raise DefinitionInvalid(
            pointer=pointer, problem="no mark", expected=f"a test that {MARK} is one, or one of several"
        )


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
