"""Limits leave less than was wanted, or nothing, and say so."""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from campaigns.definitions import Count, Limit, Per
from campaigns.engine.facts import MONEY, NUMBER, UNIT, Cut, Rejection, RuleInForce, Use, rejected

BALANCE = "balance:"


class Left(msgspec.Struct, frozen=True):
    """
    What limits leave of an amount, the one that cut it most, and what it takes of each counter; `uses` are those of
    them that are kept beyond the order.
    """

    amount: int
    cut: Cut | None
    taken: dict[str, int]
    uses: tuple[Use, ...]
    pauses: bool


class Tally:
    """
    How much of each counter is used: before (`known`) and by what was decided since. Amounts of `count` are compared
    with limits that count that; `value` is the order's.
    """

    def __init__(self, known: Mapping[str, Any], value: int) -> None:
        self._known = known
        self._value = value
        self._since: dict[str, int] = {}
        self._orders: set[str] = set()

    def leave(self, entry: RuleInForce, wanted: int, count: Count) -> Left:
        """What of `wanted` the limits of a rule and of its campaign leave; nothing is used up yet."""
        amount, cut, pauses = wanted, None, False
        for slot, limit in limits_of(entry):
            used = self._used(slot)
            room = self._room(slot, limit, used, amount, count)
            if room < amount:
                amount, cut = room, Cut(limit, used)
                pauses = pauses or limit.over == "pause"
        taken = {slot: (limit, used) for slot, limit, used in self._takes(entry, amount, count)} if amount > 0 else {}
        uses = tuple(
            self._use(entry, slot, *taking) for slot, taking in taken.items() if taking[0].per is not Per.ORDER
        )
        return Left(amount, cut, {slot: used for slot, (_, used) in taken.items()}, uses, pauses)

    def take(self, left: Left) -> None:
        """Count what was left as used."""
        for slot, used in left.taken.items():
            self._since[slot] = self._since.get(slot, 0) + used
            self._orders.add(slot)

    def _used(self, slot: str) -> int:
        before, _ = self._known.get(slot, (0, ""))
        return int(before) + self._since.get(slot, 0)

    def _room(self, slot: str, limit: Limit, used: int, amount: int, count: Count) -> int:
        """How much of `amount` a limit leaves."""
        left = limit.most - used
        if limit.count in {Count.EXECUTIONS, Count.ORDER_VALUE}:
            # An order is counted once, whatever number of rules it meets.
            if slot in self._orders:
                return amount
            wants_all = limit.count is Count.ORDER_VALUE and limit.over == "reject"
            return amount if left >= (self._value if wants_all else 1) else 0
        if limit.count is not count and not (limit.count is Count.BALANCE and count is Count.UNITS):
            return amount
        if left < amount and limit.over == "reject":
            return 0
        return max(0, min(left, amount))

    def _takes(self, entry: RuleInForce, amount: int, count: Count) -> Iterator[tuple[str, Limit, int]]:
        for slot, limit in limits_of(entry):
            used = 0
            if limit.count in {Count.EXECUTIONS, Count.ORDER_VALUE}:
                an_order = 1 if limit.count is Count.EXECUTIONS else self._value
                used = 0 if slot in self._orders else an_order
            elif limit.count is count or (limit.count is Count.BALANCE and count is Count.UNITS):
                used = amount
            if used:
                yield slot, limit, used

    def _use(self, entry: RuleInForce, slot: str, limit: Limit, used: int) -> Use:
        _, place = self._known.get(slot, (0, ""))
        lets_the_last_through = limit.count is Count.ORDER_VALUE and limit.over != "reject"
        room = limit.most - (1 if lets_the_last_through else used)
        return Use(entry.rule.key, slot, place, used, room, limit.most, limit.gives_back)


def over(entry: RuleInForce, cut: Cut) -> Rejection:
    """The answer of a rule that a limit left nothing."""
    return rejected(
        entry,
        "limit_reached",
        required=cut.limit.most,
        observed=cut.used,
        test=msgspec.to_builtins(cut.limit),
        measure=_MEASURES.get(cut.limit.count, f"{UNIT}{entry.rule.unit}"),
    )


_MEASURES = {Count.EXECUTIONS: NUMBER, Count.DISCOUNT: MONEY, Count.ORDER_VALUE: MONEY}


def limits_of(entry: RuleInForce) -> Iterator[tuple[str, Limit]]:
    """The limits of a rule and of its campaign, each with the name of its counter."""
    for limit in entry.rule.limits:
        yield slot_of(entry, limit, entry.rule.key), limit
    for limit in entry.limits:
        yield slot_of(entry, limit, ""), limit


def slot_of(entry: RuleInForce, limit: Limit, rule: str) -> str:
    """The counter of a limit: of a rule, or with an empty `rule` of the whole campaign."""
    if limit.count is Count.BALANCE:
        return f"{BALANCE}{entry.rule.unit}"
    # What an order may give is counted within the order.
    return f"{limit.slot(entry.campaign, rule)}" + ("here" if limit.per is Per.ORDER else "")
