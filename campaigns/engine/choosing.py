"""Of rules that exclude each other, one gives something."""

from collections.abc import Iterable, Sequence

from campaigns.engine.earning import Wanted
from campaigns.engine.facts import UNIT, Rejection, RuleInForce, rejected


def strongest(entries: Iterable[RuleInForce]) -> RuleInForce:
    """The rule that says how its group chooses: of the highest priority the first."""
    return max(entries, key=lambda entry: entry.rule.priority)


def choose(candidates: Sequence[Wanted]) -> tuple[list[Wanted], list[Rejection]]:
    """Those that give, in the given order, and what the others of their groups are told."""
    groups: dict[str, list[Wanted]] = {}
    for candidate in candidates:
        if candidate.entry.rule.group:
            groups.setdefault(candidate.entry.rule.group, []).append(candidate)
    winners = {group: _winner(members) for group, members in groups.items()}
    losers = [
        beaten(candidate, winners[group])
        for candidate in candidates
        if (group := candidate.entry.rule.group) and winners[group] is not candidate
    ]
    return [one for one in candidates if winners.get(one.entry.rule.group, one) is one], losers


def _winner(members: Sequence[Wanted]) -> Wanted:
    by_priority = strongest(one.entry for one in members).rule.choose == "priority"
    if by_priority or len({one.entry.rule.unit for one in members}) > 1:
        # Points of different units can't be compared.
        return max(members, key=lambda one: (one.entry.rule.priority, one.units))
    return max(members, key=lambda one: (one.units, one.entry.rule.priority))


def beaten(loser: Wanted, winner: Wanted) -> Rejection:
    return rejected(
        loser.entry,
        "beaten_by",
        field=f"{winner.entry.campaign}/{winner.entry.rule.key}",
        required=winner.units,
        observed=loser.units,
        measure=f"{UNIT}{loser.entry.rule.unit}",
    )
