"""What one discount alone would take off the prices it finds, by line."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from campaigns.definitions.discounts import (
    AmountOff,
    BuyGet,
    Discount,
    PercentOff,
    SetPrice,
    ShippingOff,
    Tiered,
)
from campaigns.definitions.effects import WHOLE
from campaigns.engine.earning import matching
from campaigns.engine.facts import RuleInForce
from campaigns.engine.pieces import got, pieces_of, set_off
from kernel.amounts import allocate
from orders.allocation import GOODS
from orders.facts import PIECE, Line, LineKind

Amounts = dict[int, int]


class _Asked(msgspec.Struct, frozen=True):
    """A discount's rule, the lines that still cost something, those of them it is about, and their prices."""

    entry: RuleInForce
    open: Sequence[Line]
    counted: Sequence[Line]
    running: Mapping[int, int]
    listed: Mapping[int, int]

    @property
    def prices(self) -> dict[int, int]:
        return {line.no: self.running[line.no] for line in self.counted}


def bid(entry: RuleInForce, lines: Sequence[Line], running: Mapping[int, int], listed: Mapping[int, int]) -> Amounts:
    """
    What is taken off by line number, never more than a line's running price. Lines of which nothing is taken are left
    out.
    """
    asked = _asked(entry, lines, running, listed)
    off = _OFF[type(entry.rule.effect)](entry.rule.effect, asked) if asked.counted else {}
    return {no: min(amount, running[no]) for no, amount in off.items() if amount > 0}


def shares(entry: RuleInForce, lines: Sequence[Line], running: Mapping[int, int], listed: Mapping[int, int]) -> Amounts:
    """What a percentage is of each line before anything is rounded, in minor units / `WHOLE`."""
    asked, effect = _asked(entry, lines, running, listed), entry.rule.effect
    if not isinstance(effect, PercentOff):
        raise TypeError(f"{type(effect).__name__} is no share of each line")
    return {no: price * effect.percent for no, price in _base(effect, asked).items()}


def _asked(entry: RuleInForce, lines: Sequence[Line], running: Mapping[int, int], listed: Mapping[int, int]) -> _Asked:
    kinds = {LineKind.SHIPPING} if isinstance(entry.rule.effect, ShippingOff) else GOODS
    still = [line for line in lines if line.kind in kinds and running.get(line.no, 0) > 0]
    return _Asked(entry, still, matching(tuple(still), entry.filters.get("lines")), running, listed)


def is_joint(effect: Discount) -> bool:
    """Whether what it takes off one line depends on what it takes off others."""
    return not isinstance(effect, PercentOff) or effect.most is not None


def _percent(effect: PercentOff, asked: _Asked) -> Amounts:
    return _share(_base(effect, asked), effect.percent, effect.most)


def _base(effect: PercentOff, asked: _Asked) -> dict[int, int]:
    return {line.no: asked.listed[line.no] for line in asked.counted} if effect.base == "list" else asked.prices


def _shipping(effect: ShippingOff, asked: _Asked) -> Amounts:
    return _share(asked.prices, effect.percent, effect.most)


def _amount(effect: AmountOff, asked: _Asked) -> Amounts:
    return _spread(asked.prices, effect.amount)


def _set(effect: SetPrice, asked: _Asked) -> Amounts:
    return set_off(effect, pieces_of(asked.counted, asked.running))


def _got(effect: BuyGet, asked: _Asked) -> Amounts:
    where = asked.entry.filters.get("get_lines")
    if where is None:
        pool = pieces_of(asked.counted, asked.running)
        return got(effect, pool, pool, is_one_pool=True)
    offered = matching(tuple(asked.open), where)
    offered_nos = {line.no for line in offered}
    bought = [line for line in asked.counted if line.no not in offered_nos]
    return got(effect, pieces_of(bought, asked.running), pieces_of(offered, asked.running), is_one_pool=False)


def _step(effect: Tiered, asked: _Asked) -> Amounts:
    pieces = sum(line.quantity // PIECE for line in asked.counted)
    reached = sum(asked.prices.values()) if effect.by == "amount" else pieces
    steps = [step for step in effect.steps if step.least <= reached]
    if not steps:
        return {}
    last = steps[-1]
    return _spread(asked.prices, last.amount) if last.amount else _share(asked.prices, last.percent, None)


_OFF: dict[type, Callable[[Any, _Asked], Amounts]] = {
    PercentOff: _percent,
    ShippingOff: _shipping,
    AmountOff: _amount,
    SetPrice: _set,
    BuyGet: _got,
    Tiered: _step,
}


def _share(prices: Mapping[int, int], percent: int, most: int | None) -> Amounts:
    """A percentage of all of them together, half a minor unit rounded up, spread so that the sum is exact."""
    total = (2 * sum(prices.values()) * percent + WHOLE) // (2 * WHOLE)
    return _spread(prices, total if most is None else min(total, most))


def _spread(prices: Mapping[int, int], amount: int) -> Amounts:
    weights = list(prices.values())
    shares = allocate(min(amount, sum(weights)), weights)
    return dict(zip(prices, shares, strict=True))
