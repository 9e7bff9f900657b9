"""
Discounts run in lanes, one after another. Inside a lane the best offer for a line wins: ties by priority, then by the
amount of the whole offer, then the oldest. Rules of one group exclude each other across lanes.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import msgspec

from campaigns.definitions import Count
from campaigns.definitions.discounts import Discount
from campaigns.definitions.effects import WHOLE
from campaigns.engine.bidding import Amounts, bid, is_joint, shares
from campaigns.engine.choosing import strongest
from campaigns.engine.facts import MONEY, Cut, PriceCut, Rejection, RuleInForce, rejected
from campaigns.engine.limiting import Left, Tally, over
from kernel.amounts import allocate
from orders.allocation import with_discounts
from orders.facts import Line, Purchase

# With more ways to choose than this, groups are settled one after another.
MOST_WAYS = 64


class Discounted(msgspec.Struct, frozen=True):
    """A purchase at its new prices: what each rule took off, why the others took nothing, what limits left."""

    purchase: Purchase
    discounts: tuple[PriceCut, ...]
    rejections: list[Rejection]
    left: list[Left]


class _Won(msgspec.Struct, frozen=True):
    entry: RuleInForce
    desired: int
    off: Amounts
    left: Left


class _Run(msgspec.Struct):
    """
    One run through the lanes: what was won, what each rule would have taken off alone, what limits left nothing, and
    what is left to pay by line.
    """

    won: list[_Won]
    alone: dict[int, int]
    spent: dict[int, Cut]
    running: dict[int, int]

    @property
    def saved(self) -> int:
        return sum(sum(one.off.values()) for one in self.won)


def discount(purchase: Purchase, entries: Sequence[RuleInForce], tally: Tally) -> "Discounted":
    """The purchase at its new prices, and why. `tally` counts what was used."""
    listed = {line.no: line.amount - line.discount for line in purchase.lines}
    chosen, excluded = _without_conflicts(purchase.lines, listed, entries, tally)
    run = _through_lanes(purchase.lines, listed, chosen, tally, is_final=True)
    losers = [_answer(entry, run) for entry in chosen if not any(one.entry is entry for one in run.won)]
    off = {no: listed[no] - running for no, running in run.running.items()}
    discounts = tuple(_price_cut(one) for one in run.won)
    return Discounted(with_discounts(purchase, off), discounts, [*losers, *excluded], [one.left for one in run.won])


def _through_lanes(
    lines: Sequence[Line],
    listed: Mapping[int, int],
    entries: Sequence[RuleInForce],
    tally: Tally,
    *,
    is_final: bool = False,
) -> _Run:
    run = _Run([], {}, {}, dict(listed))
    for lane in sorted({_lane(entry) for entry in entries}):
        inside = [entry for entry in entries if _lane(entry) == lane]
        for entry, wanted in _best(lines, listed, inside, run, tally):
            desired = sum(wanted.values())
            left = tally.leave(entry, desired, Count.DISCOUNT)
            if is_final:
                tally.take(left)
            off = _reduced(wanted, left.amount)
            run.won.append(_Won(entry, desired, off, left))
            for no, amount in off.items():
                run.running[no] -= amount
    return run


def _reduced(off: Amounts, amount: int) -> Amounts:
    """A discount of which only `amount` is left, spread as it was."""
    return dict(zip(off, allocate(amount, list(off.values())), strict=True)) if amount < sum(off.values()) else off


def _best(
    lines: Sequence[Line], listed: Mapping[int, int], entries: Sequence[RuleInForce], run: _Run, tally: Tally
) -> list[tuple[RuleInForce, Amounts]]:
    """
    Who wins which lines of a lane. Offers that stand on several lines together win all of these or none: they come
    first, the largest first, where they save more than what would be won there line by line.
    """
    bids = [(entry, _limited(entry, bid(entry, lines, run.running, listed), run, tally)) for entry in entries]
    single = [(entry, shares(entry, lines, run.running, listed)) for entry, off in bids if off and not _is_joint(entry)]
    joint = sorted(
        ((entry, off) for entry, off in bids if off and _is_joint(entry)),
        key=lambda one: (-sum(one[1].values()), -one[0].rule.priority),
    )
    winners: list[tuple[RuleInForce, Amounts]] = []
    taken: set[int] = set()
    for entry, off in joint:
        by_line = sum(max((share.get(no, 0) for _, share in single), default=0) for no in off)
        # Half a set is none: what stands on a line that is gone is asked anew without it.
        again = off if taken.isdisjoint(off) else bid(entry, _free(lines, taken), run.running, listed)
        total = sum(again.values())
        if total and (total * WHOLE > by_line or (total * WHOLE == by_line and _beats(entry, single))):
            winners.append((entry, again))
            taken.update(again)
    winners += _line_by_line(single, taken, lines, listed, run)
    return winners


def _limited(entry: RuleInForce, off: Amounts, run: _Run, tally: Tally) -> Amounts:
    """What a limit leaves of a bid: an offer that is used up stands in nobody's way."""
    run.alone[id(entry)] = sum(off.values())
    left = tally.leave(entry, run.alone[id(entry)], Count.DISCOUNT)
    if off and not left.amount and left.cut:
        run.spent[id(entry)] = left.cut
    return _reduced(off, left.amount) if left.amount else {}


def _line_by_line(
    single: Sequence[tuple[RuleInForce, Amounts]],
    taken: set[int],
    lines: Sequence[Line],
    listed: Mapping[int, int],
    run: _Run,
) -> Iterator[tuple[RuleInForce, Amounts]]:
    won: dict[int, set[int]] = {}
    for no in {no for _, share in single for no in share} - taken:
        best = max(
            (place for place, (_, share) in enumerate(single) if no in share),
            key=lambda place: (
                single[place][1][no],
                single[place][0].rule.priority,
                sum(single[place][1].values()),
                -place,
            ),
        )
        won.setdefault(best, set()).add(no)
    for place, (entry, _) in enumerate(single):
        # The percentage of all its lines together is rounded once.
        off = bid(entry, [line for line in lines if line.no in won.get(place, ())], run.running, listed)
        if off:
            yield entry, off


def _free(lines: Sequence[Line], taken: set[int]) -> list[Line]:
    return [line for line in lines if line.no not in taken]


def _beats(entry: RuleInForce, others: Sequence[tuple[RuleInForce, Amounts]]) -> bool:
    return all(entry.rule.priority > other.rule.priority for other, _ in others)


def _without_conflicts(
    lines: Sequence[Line], listed: Mapping[int, int], entries: Sequence[RuleInForce], tally: Tally
) -> tuple[list[RuleInForce], list[Rejection]]:
    """Of each group one rule: the one that makes the basket cheapest, or that with the highest priority."""
    groups: dict[str, list[RuleInForce]] = {}
    for entry in entries:
        if entry.rule.group and bid(entry, lines, listed, listed):
            groups.setdefault(entry.rule.group, []).append(entry)
    contested = {group: members for group, members in groups.items() if len(members) > 1}
    out: set[int] = set()
    best_of: list[list[RuleInForce]] = []
    for members in contested.values():
        if strongest(members).rule.choose == "priority":
            out.update(id(member) for member in members if member is not strongest(members))
        else:
            best_of.append(members)
    for chosen in _cheapest(lines, listed, entries, out, best_of, tally):
        out.update(id(member) for members in best_of if chosen in members for member in members if member is not chosen)
    kept = [entry for entry in entries if id(entry) not in out]
    winners = {group: next(one for one in members if id(one) not in out) for group, members in contested.items()}
    excluded = [_excluded(entry, winners[entry.rule.group], lines, listed) for entry in entries if id(entry) in out]
    return kept, excluded


def _cheapest(
    lines: Sequence[Line],
    listed: Mapping[int, int],
    entries: Sequence[RuleInForce],
    out: set[int],
    groups: Sequence[Sequence[RuleInForce]],
    tally: Tally,
) -> tuple[RuleInForce, ...]:
    """One of each group, so that all of them together save most; of equal ways the one with the higher priorities."""

    def saved(chosen: tuple[RuleInForce, ...]) -> tuple[int, int]:
        grouped = {id(member) for members in groups for member in members} - {id(one) for one in chosen}
        asked = [entry for entry in entries if id(entry) not in out | grouped]
        return _through_lanes(lines, listed, asked, tally).saved, sum(one.rule.priority for one in chosen)

    ways = 1
    for members in groups:
        ways *= len(members)
    if ways <= MOST_WAYS:
        return max(product(*groups), key=saved)
    settled: tuple[RuleInForce, ...] = ()
    for members in groups:
        settled = max(((*settled, member) for member in members), key=saved)
    return settled


def _excluded(entry: RuleInForce, winner: RuleInForce, lines: Sequence[Line], listed: Mapping[int, int]) -> Rejection:
    return rejected(
        entry,
        "exclusive_conflict",
        field=f"{winner.campaign}/{winner.rule.key}",
        required=sum(bid(winner, lines, listed, listed).values()),
        observed=sum(bid(entry, lines, listed, listed).values()),
        measure=MONEY,
    )


def _answer(entry: RuleInForce, run: _Run) -> Rejection:
    """Why a rule that was asked in its lane took nothing off."""
    if id(entry) in run.spent:
        return over(entry, run.spent[id(entry)])
    rivals = [one for one in run.won if _lane(one.entry) == _lane(entry)]
    if not run.alone[id(entry)] or not rivals:
        return rejected(entry, "nothing_to_discount")
    best = max(rivals, key=lambda one: sum(one.off.values()))
    return rejected(
        entry,
        "beaten_by",
        field=f"{best.entry.campaign}/{best.entry.rule.key}",
        required=sum(best.off.values()),
        observed=run.alone[id(entry)],
        measure=MONEY,
    )


def _price_cut(one: _Won) -> PriceCut:
    entry = one.entry
    return PriceCut(
        campaign=entry.campaign,
        version_id=entry.version_id,
        version=entry.version,
        rule=entry.rule.key,
        effect=entry.effect,
        desired=one.desired,
        amount=sum(one.off.values()),
        lines={no: amount for no, amount in one.off.items() if amount},
        cut=one.left.cut,
    )


def _lane(entry: RuleInForce) -> int:
    return entry.rule.effect.lane if isinstance(entry.rule.effect, Discount) else 0


def _is_joint(entry: RuleInForce) -> bool:
    return isinstance(entry.rule.effect, Discount) and is_joint(entry.rule.effect)
