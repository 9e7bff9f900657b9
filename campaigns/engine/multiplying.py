"""
Multipliers act on what rules by money and quantity give for the lines they match; fixed bonuses are never multiplied.

Of one campaign the largest factor counts on a line, or their product where the campaign says so, up to its cap; of
several campaigns the largest.
"""

from collections.abc import Iterator, Mapping, Sequence

import msgspec

from campaigns.definitions import Combine, Multiplier
from campaigns.definitions.effects import FACTOR_ONE, Multiplied
from campaigns.engine.earning import Wanted, matching
from campaigns.engine.facts import QUANTITY, Rejection, RuleInForce, rejected
from campaigns.engine.rates import rate_of
from orders.facts import Line

Factors = dict[int, int]  # thousandths by line


def multiply(
    entries: Sequence[RuleInForce], plain: Sequence[Wanted], lines: Sequence[Line]
) -> Iterator[Wanted | Rejection]:
    """What each multiplier adds to what was wanted without it, or why it adds nothing."""
    largest_first = sorted(entries, key=lambda entry: -_factor(entry))
    added: dict[int, list[_Added]] = {id(entry): [] for entry in entries}
    for one in plain:
        for entry, more in _added(largest_first, one, lines):
            added[id(entry)].append(more)
    units = {id(entry): sum(more.units for more in added[id(entry)]) for entry in entries}
    acting = [entry for entry in largest_first if units[id(entry)] > 0]
    for entry in entries:
        if units[id(entry)] > 0:
            yield Wanted(entry, units[id(entry)], _together_by_line(added[id(entry)]))
        elif added[id(entry)] and acting:
            yield _outdone(entry, acting[0])
        else:
            yield rejected(entry, "nothing_to_multiply")


class _Added(msgspec.Struct, frozen=True):
    """What a multiplier adds to what one rule gives, and the amounts that it multiplies, by line."""

    units: int
    amounts: Mapping[int, int]


def _added(entries: Sequence[RuleInForce], one: Wanted, lines: Sequence[Line]) -> Iterator[tuple[RuleInForce, _Added]]:
    effect = one.entry.rule.effect
    if not isinstance(effect, Multiplied):
        return
    rate, before = rate_of(effect), Factors()
    for entry, factors in _steps(entries, one, lines):
        raised = [no for no, factor in factors.items() if factor > before.get(no, FACTOR_ONE)]
        yield entry, _Added(rate.more(one.amounts, before, factors), {no: one.amounts[no] for no in raised})
        before = factors


def _together_by_line(added: Sequence[_Added]) -> dict[int, int]:
    found: dict[int, int] = {}
    for more in added:
        for no, amount in more.amounts.items():
            found[no] = found.get(no, 0) + amount
    return found


def _factor(entry: RuleInForce) -> int:
    return entry.rule.effect.factor if isinstance(entry.rule.effect, Multiplier) else FACTOR_ONE


def _outdone(entry: RuleInForce, largest: RuleInForce) -> Rejection:
    return rejected(
        entry,
        "beaten_by",
        field=f"{largest.campaign}/{largest.rule.key}",
        required=_factor(largest),
        observed=_factor(entry),
        measure=QUANTITY,
    )


def _steps(entries: Sequence[RuleInForce], one: Wanted, lines: Sequence[Line]) -> Iterator[tuple[RuleInForce, Factors]]:
    """The multipliers of what one rule gives, each with the factors that stand once it has acted."""
    by_campaign: dict[str, list[tuple[RuleInForce, Factors]]] = {}
    for entry in entries:
        own = _own_factors(entry, one, lines)
        if own:
            by_campaign.setdefault(entry.campaign, []).append((entry, own))
    reached = Factors()
    for members in by_campaign.values():
        within = Factors()
        for entry, own in members:
            within = _together(entry, within, own)
            # A weaker campaign changes nothing where a stronger one has acted.
            reached = {no: max(reached.get(no, FACTOR_ONE), within.get(no, FACTOR_ONE)) for no in {**reached, **within}}
            yield entry, reached


def _own_factors(entry: RuleInForce, one: Wanted, lines: Sequence[Line]) -> Factors:
    effect = entry.rule.effect
    if not isinstance(effect, Multiplier) or entry.rule.unit != one.entry.rule.unit:
        return {}
    if effect.of and (entry.campaign != one.entry.campaign or one.entry.rule.key not in effect.of):
        return {}
    where = entry.filters.get("lines")
    counted = {line.no for line in matching(tuple(lines), where)} if where is not None else set(one.amounts)
    return {no: effect.factor for no in one.amounts if no in counted}


def _together(entry: RuleInForce, before: Mapping[int, int], own: Factors) -> Factors:
    rules = entry.multipliers
    found = dict(before)
    for no, factor in own.items():
        earlier = before.get(no, FACTOR_ONE)
        reached = earlier * factor // FACTOR_ONE if rules.combine is Combine.PRODUCT else max(earlier, factor)
        found[no] = reached if rules.most is None else min(reached, max(rules.most, FACTOR_ONE))
    return found
