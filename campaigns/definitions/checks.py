"""Which definitions no order could be decided by."""

from collections.abc import Collection, Iterator, Mapping

import msgspec

from campaigns.definitions.discounts import AmountOff, BuyGet, Discount, PercentOff, SetPrice, ShippingOff, Tiered
from campaigns.definitions.effects import (
    FACTOR_ONE,
    WHOLE,
    ByMoney,
    Count,
    Fixed,
    Limit,
    Multiplied,
    Multiplier,
    Per,
    Percent,
    PerMoney,
    PerQuantity,
)
from campaigns.definitions.rules import (
    EVENT,
    ORDER,
    PLAIN_WORDS,
    Definition,
    Rule,
    Words,
    condition_of,
    filters_of,
    measure_of,
)
from campaigns.errors import DefinitionInvalid
from conditions.errors import ConditionInvalid
from conditions.vocabulary import FieldType
from ledger.errors import PolicyInvalid
from ledger.policies import Expiry, Inactivity, check_expiry
from orders.events.builtin import BALANCE_REACHED, BUILT_IN
from orders.events.marks import MARK, marks_of
from orders.events.types import Types, in_use

KEY_LENGTH = 40
MOST_UNITS = 10**9
# With the largest order (`orders.checks.LARGEST_TOTAL`) this stays within what the books can count.
MOST_UNITS_PER_MINOR = 10**4
MOST_MONEY = 10**12
MOST_FACTOR = 100 * FACTOR_ONE
MOST_PIECES = 1000
MOST_COUNTED = 10**15
LANES = 9


def check(definition: Definition, *, units: Collection[str] | None = None, words: Words | None = None) -> None:
    """
    Refuse a definition by which nothing could be decided; `units` are the codes of the programme's units and `words`
    what its rules may speak of, if known.

    :raises DefinitionInvalid: with a pointer, what is wrong and what was expected
    """
    if not definition.rules:
        raise DefinitionInvalid(pointer="/rules", problem="empty", expected="at least one rule")
    open_types = None if words is None else in_use(words.types)
    open_words = PLAIN_WORDS if words is None else Words(in_use(words.types), words.programme_id)
    keys: set[str] = set()
    for index, rule in enumerate(definition.rules):
        pointer = f"/rules/{index}"
        if not 0 < len(rule.key) <= KEY_LENGTH or rule.key in keys:
            expected = f"a key of its own with 1 to {KEY_LENGTH} characters"
            raise DefinitionInvalid(pointer=f"{pointer}/key", problem=rule.key, expected=expected)
        keys.add(rule.key)
        if units is not None and rule.unit not in units and not rule.is_discount:
            raise DefinitionInvalid(pointer=f"{pointer}/unit", problem=rule.unit, expected=sorted(units))
        _check_trigger(rule, open_types, pointer)
        _check_rule(rule, pointer)
        _check_condition(rule, open_words, pointer)
    _check_references(definition)
    _check_limits(definition.limits, "/limits")
    most = definition.multipliers.most
    if most is not None:
        _within("/multipliers/most", most, FACTOR_ONE, MOST_FACTOR)


def _check_rule(rule: Rule, pointer: str) -> None:
    _check_steps(rule, f"{pointer}/effect/steps")
    for place, value, least, most in _bounds(rule.effect):
        _within(f"{pointer}/effect/{place}", value, least, most)
    _check_limits(rule.limits, f"{pointer}/limits")
    _within(f"{pointer}/priority", rule.priority, 0, MOST_PIECES)
    if len(rule.group) > KEY_LENGTH:
        raise DefinitionInvalid(
            pointer=f"{pointer}/group", problem=rule.group, expected=f"at most {KEY_LENGTH} characters"
        )
    if rule.expiry is not None:
        _check_expiry(rule.expiry, f"{pointer}/expiry")


def _check_trigger(rule: Rule, types: Types | None, pointer: str) -> None:
    is_known = rule.trigger == ORDER or (rule.event != "" and (types is None or rule.event in types))
    if not is_known:
        expected = [ORDER, *(f"{EVENT}{key}" for key in sorted(types or BUILT_IN))]
        raise DefinitionInvalid(pointer=f"{pointer}/trigger", problem=rule.trigger, expected=expected)
    kind = str(msgspec.to_builtins(rule.effect)["kind"])
    of = getattr(rule.effect, "of", "")
    if rule.event and not isinstance(rule.effect, Fixed | Multiplier) and not of:
        raise DefinitionInvalid(
            pointer=f"{pointer}/effect/kind",
            problem=kind,
            expected="fixed, or an effect of a number that the event carries: an event has no goods",
        )
    if rule.trigger == ORDER and isinstance(of, str) and of:
        raise DefinitionInvalid(pointer=f"{pointer}/effect/of", problem=of, expected="nothing: an order has lines")


def _check_condition(rule: Rule, words: Words, pointer: str) -> None:
    if rule.event and rule.event not in words.types:
        return  # a type of the programme's own, and nobody said which it has
    try:
        condition = condition_of(rule, words=words, pointer=f"{pointer}/when")
        filters_of(rule, pointer=f"{pointer}/effect")
    except ConditionInvalid as error:
        raise DefinitionInvalid(**error.facts) from error
    if rule.event == BALANCE_REACHED and not marks_of(condition):
        # Every earning moves a balance; which of them count as reaching something, only the rule can say.
        expected = f"a test that {MARK} is one, or one of several"
        raise DefinitionInvalid(pointer=f"{pointer}/when", problem="no mark", expected=expected)
    _check_measure(rule, words, pointer)


def _check_measure(rule: Rule, words: Words, pointer: str) -> None:
    of = getattr(rule.effect, "of", "")
    if not rule.event or not isinstance(rule.effect, Multiplied) or not of:
        return
    kinds = {FieldType.MONEY} if isinstance(rule.effect, ByMoney) else {FieldType.NUMBER, FieldType.QUANTITY}
    measure = measure_of(rule, words)
    if measure is None or measure.type not in kinds:
        known = [attribute.key for attribute in words.types[rule.event].attributes if attribute.type in kinds]
        raise DefinitionInvalid(pointer=f"{pointer}/effect/of", problem=of, expected=known)


def _check_steps(rule: Rule, pointer: str) -> None:
    steps = rule.effect.steps if isinstance(rule.effect, Tiered) else ()
    for index, step in enumerate(steps):
        if step.amount and step.percent:
            raise DefinitionInvalid(
                pointer=f"{pointer}/{index}", problem="a percentage and an amount", expected="one of them"
            )


_Bound = tuple[str, int | None, int, int]


def _bounds(effect: object) -> Iterator[_Bound]:
    """Every number of an effect, with the least and the most that it may be."""
    if isinstance(effect, Discount):
        yield from _bounds_of_discount(effect)
    elif isinstance(effect, PerMoney):
        yield "per", effect.per, 1, MOST_MONEY
        yield "units", effect.units, 1, min(MOST_UNITS, MOST_UNITS_PER_MINOR * effect.per)
    elif isinstance(effect, Percent):
        yield "percent", effect.percent, 1, 100 * WHOLE
    elif isinstance(effect, PerQuantity):
        yield "per", effect.per, 1, MOST_MONEY
        yield "units", effect.units, 1, min(MOST_UNITS, MOST_UNITS_PER_MINOR * effect.per)
    elif isinstance(effect, Multiplier):
        yield "factor", effect.factor, FACTOR_ONE + 1, MOST_FACTOR
    elif isinstance(effect, Fixed):
        yield "units", effect.units, 1, MOST_UNITS


def _bounds_of_discount(effect: Discount) -> Iterator[_Bound]:
    yield "lane", effect.lane, 1, LANES
    if isinstance(effect, PercentOff | ShippingOff):
        yield "percent", effect.percent, 1, WHOLE
        yield "most", effect.most, 1, MOST_MONEY
    elif isinstance(effect, AmountOff):
        yield "amount", effect.amount, 1, MOST_MONEY
    elif isinstance(effect, SetPrice):
        yield "price", effect.price, 0, MOST_MONEY
        yield "count", effect.count, 1, MOST_PIECES
        yield "times", effect.times, 1, MOST_PIECES
    elif isinstance(effect, BuyGet):
        yield "buy", effect.buy, 0, MOST_PIECES
        yield "get", effect.get, 1, MOST_PIECES
        yield "percent", effect.percent, 1, WHOLE
        yield "times", effect.times, 1, MOST_PIECES
    elif isinstance(effect, Tiered):
        yield from _bounds_of_steps(effect)


def _bounds_of_steps(effect: Tiered) -> Iterator[_Bound]:
    yield "steps", len(effect.steps), 1, MOST_PIECES
    before = 0
    for index, step in enumerate(effect.steps):
        yield f"steps/{index}/least", step.least, before, MOST_MONEY
        before = step.least + 1
        if step.amount:
            yield f"steps/{index}/amount", step.amount, 1, MOST_MONEY
        else:
            yield f"steps/{index}/percent", step.percent, 1, WHOLE


def _within(pointer: str, value: int | None, least: int, most: int) -> None:
    if value is not None and not least <= value <= most:
        raise DefinitionInvalid(pointer=pointer, problem=value, expected=f"between {least} and {most}")


def _check_references(definition: Definition) -> None:
    """Rules name rules of their own version: a multiplier what it multiplies, a substitute whom it stands in for."""
    rules = {rule.key: rule for rule in definition.rules}
    for index, rule in enumerate(definition.rules):
        if isinstance(rule.effect, Multiplier):
            _check_multiplied(rule, rules, f"/rules/{index}/effect/of")
        named = rules.get(rule.instead_of)
        if rule.instead_of and (named is None or not named.limits or named.instead_of):
            expected = [key for key, known in rules.items() if known.limits and not known.instead_of]
            raise DefinitionInvalid(
                pointer=f"/rules/{index}/instead_of", problem=rule.instead_of, expected=expected or "a rule with limits"
            )


def _check_multiplied(rule: Rule, rules: Mapping[str, Rule], pointer: str) -> None:
    if not isinstance(rule.effect, Multiplier):
        return
    multiplied = [
        key for key, known in rules.items() if isinstance(known.effect, Multiplied) and known.unit == rule.unit
    ]
    for place, key in enumerate(rule.effect.of):
        if key not in multiplied:
            raise DefinitionInvalid(pointer=f"{pointer}/{place}", problem=key, expected=multiplied)


def _check_limits(limits: Collection[Limit], pointer: str) -> None:
    seen: set[str] = set()
    for index, limit in enumerate(limits):
        place = f"{pointer}/{index}"
        _within(f"{place}/most", limit.most, 1, MOST_COUNTED)
        if limit.period and limit.per is Per.ORDER:
            raise DefinitionInvalid(
                pointer=f"{place}/period", problem=limit.period, expected="none: an order is no period"
            )
        if limit.count is Count.BALANCE and (limit.per is not Per.MEMBER or limit.period):
            raise DefinitionInvalid(pointer=f"{place}/per", problem=limit.per, expected="member, without a period")
        if limit.count is Count.EXECUTIONS and limit.per is Per.ORDER:
            raise DefinitionInvalid(pointer=f"{place}/count", problem=limit.count, expected="units, discount")
        slot = limit.slot("", "")
        if slot in seen:
            raise DefinitionInvalid(pointer=place, problem="counted twice", expected="one limit of a kind")
        seen.add(slot)


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
