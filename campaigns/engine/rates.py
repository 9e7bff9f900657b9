"""How amounts become units, and what is rounded."""

from collections.abc import Iterable, Mapping

import msgspec

from campaigns.definitions import Mode, Percent, PerMoney, Rounding, Scope
from campaigns.definitions.effects import FACTOR_ONE, WHOLE, Multiplied


class Rate(msgspec.Struct, frozen=True):
    """`units` for each `per` of an amount."""

    units: int
    per: int
    mode: Mode
    rounding: Rounding
    scope: Scope

    def of(self, amounts: Mapping[int, int]) -> int:
        """The units that amounts by line come to."""
        if self.scope is Scope.LINE:
            return sum(self._rounded(amount * self.units, self.per) for amount in self._counted(amounts.values()))
        (total,) = self._counted([sum(amounts.values())])
        return self._rounded(total * self.units, self.per)

    def more(self, amounts: Mapping[int, int], before: Mapping[int, int], factors: Mapping[int, int]) -> int:
        """
        The units that amounts come to beyond what they came to, when the factors (thousandths) by line rise from
        `before` to `factors`.

        Of parts, the whole sum is rounded; whole blocks are counted before they are multiplied.
        """
        if self.mode is Mode.BLOCK:
            return sum(self._blocks(amounts, before, factors))
        return self._weighted(amounts, factors) - self._weighted(amounts, before)

    @property
    def least(self) -> int:
        """The smallest amount that earns anything."""
        if self.mode is Mode.BLOCK:
            return self.per
        if self.rounding is Rounding.UP:
            return 1
        share = 1 if self.rounding is Rounding.DOWN else 2
        over = 1 if self.rounding is Rounding.HALF_EVEN else 0
        return -(-self.per // (self.units * share)) if not over else self.per // (self.units * share) + 1

    def _counted(self, amounts: Iterable[int]) -> list[int]:
        """Of blocks, only whole ones."""
        return [amount // self.per * self.per if self.mode is Mode.BLOCK else amount for amount in amounts]

    def _weighted(self, amounts: Mapping[int, int], factors: Mapping[int, int]) -> int:
        weighted = {no: amount * factors.get(no, FACTOR_ONE) for no, amount in amounts.items()}
        parts = weighted.values() if self.scope is Scope.LINE else [sum(weighted.values())]
        return sum(self._rounded(part * self.units, self.per * FACTOR_ONE) for part in parts)

    def _blocks(
        self, amounts: Mapping[int, int], before: Mapping[int, int], factors: Mapping[int, int]
    ) -> Iterable[int]:
        by_rise: dict[int, dict[int, int]] = {}
        for no, amount in amounts.items():
            rise = factors.get(no, FACTOR_ONE) - before.get(no, FACTOR_ONE)
            if rise:
                by_rise.setdefault(rise, {})[no] = amount
        for rise, part in by_rise.items():
            yield self._rounded(self.of(part) * rise, FACTOR_ONE)

    def _rounded(self, numerator: int, denominator: int) -> int:
        whole, rest = divmod(numerator, denominator)
        if self.rounding is Rounding.DOWN or not rest:
            return whole
        if self.rounding is Rounding.UP:
            return whole + 1
        if 2 * rest == denominator and self.rounding is Rounding.HALF_EVEN:
            return whole + whole % 2
        return whole + (2 * rest >= denominator)


def rate_of(effect: Multiplied) -> Rate:
    """The rate of an effect that can be multiplied."""
    if isinstance(effect, Percent):
        return Rate(effect.percent, WHOLE, Mode.CONTINUOUS, effect.rounding, effect.scope)
    scope = effect.scope if isinstance(effect, PerMoney) else Scope.ORDER
    return Rate(effect.units, effect.per, effect.mode, effect.rounding, scope)
