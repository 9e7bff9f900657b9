"""What each rule alone would give: by money, by quantity, or once."""

from collections.abc import Mapping

import msgspec

from campaigns.definitions import Base, Fixed
from campaigns.definitions.effects import ByMoney, Multiplied
from campaigns.engine.base import earning_base
from campaigns.engine.facts import MONEY, QUANTITY, Rejection, RuleInForce, rejected
from campaigns.engine.rates import rate_of
from conditions.deciding import first_failure
from conditions.situation import Situation
from conditions.tree import Node
from conditions.vocabulary import Field, FieldType
from orders.allocation import GOODS
from orders.facts import PIECE, Line, Purchase

# Where an event stands among line numbers, which begin with 1.
WHOLE_EVENT = 0


class Wanted(msgspec.Struct, frozen=True):
    """What a rule would give before it is chosen and limited; `amounts` are what counted, by line."""

    entry: RuleInForce
    units: int
    amounts: Mapping[int, int] = {}

    @property
    def base(self) -> int:
        return sum(self.amounts.values())

    @property
    def lines(self) -> tuple[int, ...]:
        return tuple(no for no, amount in self.amounts.items() if amount and no != WHOLE_EVENT)


class Bases:
    """The earning bases of a purchase, each computed once."""

    def __init__(self, purchase: Purchase) -> None:
        self._purchase = purchase
        self._known: dict[Base, dict[int, int]] = {}

    def of(self, counted: Base) -> dict[int, int]:
        if counted not in self._known:
            self._known[counted] = earning_base(self._purchase, counted)
        return self._known[counted]


def wanted(asked: Situation, entry: RuleInForce, bases: Bases) -> Wanted | Rejection:
    """What a rule whose condition holds would give."""
    effect = entry.rule.effect
    if isinstance(effect, Fixed):
        # An event is worth something by having happened, a purchase by the goods in it.
        if isinstance(asked.subject, Purchase) and not any(_is_kept(line) for line in asked.subject.lines):
            return rejected(entry, "no_goods")
        return Wanted(entry, effect.units)
    if not isinstance(effect, Multiplied):
        raise TypeError(f"{type(effect).__name__} does not earn by itself")
    amounts = _amounts(asked, entry, effect, bases)
    if not amounts:
        return rejected(entry, "no_matching_lines")
    rate = rate_of(effect)
    units = rate.of(amounts)
    if units <= 0:
        measure = MONEY if isinstance(effect, ByMoney) else QUANTITY
        return rejected(entry, "below_block", required=rate.least, observed=sum(amounts.values()), measure=measure)
    return Wanted(entry, units, amounts)


def matching(lines: tuple[Line, ...], where: Node | None) -> list[Line]:
    """Those lines that a filter lets through; without a filter all."""
    return [line for line in lines if where is None or first_failure(where, line) is None]


def _amounts(asked: Situation, entry: RuleInForce, effect: Multiplied, bases: Bases) -> dict[int, int]:
    if entry.measure is not None:
        return {WHOLE_EVENT: _measured(entry.measure, asked)}
    lines: tuple[Line, ...] = asked.subject.lines
    counted = matching(lines, entry.filters.get("lines"))
    if isinstance(effect, ByMoney):
        base = bases.of(effect.base)
        return {line.no: base[line.no] for line in counted if line.no in base}
    return {line.no: line.quantity - line.returned for line in counted if _is_kept(line)}


def _measured(measure: Field, asked: Situation) -> int:
    """What an event carries, as lines are counted: money in minor units, all else in thousandths."""
    value: int = measure.read(asked) or 0
    return value * PIECE if measure.type is FieldType.NUMBER else value


def _is_kept(line: Line) -> bool:
    return line.kind in GOODS and line.returned < line.quantity
