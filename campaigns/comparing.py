"""What changes from one version to the next, in words and in what baskets earn."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec

from campaigns.definitions import ORDER, Definition, Rule, Words
from campaigns.engine import decide
from campaigns.inforce import compiled
from campaigns.sentences import Decimals, rule_sentence, settings_sentences
from campaigns.wording import Money
from conditions.situation import ZONE, Situation
from orders.events.types import Types
from orders.facts import PIECE, Line, Purchase
from shops.models import Programme


class Kind(StrEnum):
    """What became of a rule."""

    ADDED = "added"
    CHANGED = "changed"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Change:
    """One rule before and after; the side it is missing from is empty."""

    kind: Kind
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Example:
    """What a basket of `amount` earns by unit code, in minor units, before and after."""

    amount: int
    before: dict[str, int]
    after: dict[str, int]


def changes(
    before: Definition | None, after: Definition, money: Money, types: Types, decimals: Decimals
) -> list[Change]:
    """
    The rules that differ, told by their keys; all of them are new when there is nothing before. `decimals` are those of
    the units by code.
    """
    return list(_changes(before, after, lambda rule: _says(rule, money, types, decimals))) + list(
        _settings(before, after, lambda definition: "; ".join(settings_sentences(definition, money, decimals)))
    )


def examples(
    before: Definition | None, after: Definition, *, amounts: Sequence[int], programme: Programme, at: datetime
) -> list[Example]:
    """What baskets of one article earn, asked from the engine itself."""
    return [
        Example(
            amount,
            earned(before, amount=amount, programme=programme, at=at),
            earned(after, amount=amount, programme=programme, at=at),
        )
        for amount in amounts
    ]


def earned(definition: Definition | None, *, amount: int, programme: Programme, at: datetime) -> dict[str, int]:
    """What a basket of one untaxed article for `amount` earns at `at`, by unit code."""
    if definition is None:
        return {}
    basket = Purchase(
        placed_at=at, currency=programme.currency, lines=(Line(no=1, sku="", quantity=PIECE, amount=amount),)
    )
    of_orders = tuple(rule for rule in definition.rules if rule.trigger == ORDER)
    bought = msgspec.structs.replace(definition, rules=of_orders)
    rules = list(compiled(bought, words=Words(programme_id=programme.pk)))
    found: dict[str, int] = {}
    for grant in decide(Situation(basket, at, {ZONE: programme.time_zone}), rules).grants:
        found[grant.unit] = found.get(grant.unit, 0) + grant.granted
    return found


def _says(rule: Rule, money: Money, types: Types, decimals: Decimals) -> str:
    return rule_sentence(rule, money, types, decimals=decimals.get(rule.unit, 0))


def _changes(before: Definition | None, after: Definition, says: Callable[[Rule], str]) -> Iterator[Change]:
    earlier = {rule.key: rule for rule in before.rules} if before else {}
    for rule in after.rules:
        known = earlier.pop(rule.key, None)
        if known is None:
            yield Change(Kind.ADDED, "", says(rule))
        elif known != rule:
            yield Change(Kind.CHANGED, says(known), says(rule))
    for gone in earlier.values():
        yield Change(Kind.REMOVED, says(gone), "")


def _settings(before: Definition | None, after: Definition, says: Callable[[Definition], str]) -> Iterator[Change]:
    was, will_be = says(before) if before else "", says(after)
    if was != will_be:
        yield Change(Kind.CHANGED if was and will_be else Kind.ADDED if will_be else Kind.REMOVED, was, will_be)
