"""What changes from one version to the next, in words and in what baskets earn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from campaigns.definitions import ORDER, Definition, Words
from campaigns.engine import decide
from campaigns.inforce import compiled
from campaigns.sentences import rule_sentence, settings_sentences
from campaigns.wording import Money
from conditions.situation import ZONE, Situation
from orders.events.builtin import BUILT_IN
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


def changes(before: Definition | None, after: Definition, money: Money, types: Types = BUILT_IN) -> list[Change]:
    """The rules that differ, told by their keys; all of them are new when there is nothing before."""
    return list(_changes(before, after, money, types))


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
    rules = [
        entry for entry in compiled(definition, words=Words(programme_id=programme.pk)) if entry.rule.trigger == ORDER
    ]
    found: dict[str, int] = {}
    for grant in decide(Situation(basket, at, {ZONE: programme.time_zone}), rules).grants:
        found[grant.unit] = found.get(grant.unit, 0) + grant.granted
    return found


def _changes(before: Definition | None, after: Definition, money: Money, types: Types) -> Iterator[Change]:
    earlier = {rule.key: rule for rule in before.rules} if before else {}
    for rule in after.rules:
        known = earlier.pop(rule.key, None)
        if known is None:
            yield Change(Kind.ADDED, "", rule_sentence(rule, money, types))
        elif known != rule:
            yield Change(Kind.CHANGED, rule_sentence(known, money, types), rule_sentence(rule, money, types))
    for gone in earlier.values():
        yield Change(Kind.REMOVED, rule_sentence(gone, money, types), "")
    was = "; ".join(settings_sentences(before, money)) if before else ""
    will_be = "; ".join(settings_sentences(after, money))
    if was != will_be:
        yield Change(Kind.CHANGED if was and will_be else Kind.ADDED if will_be else Kind.REMOVED, was, will_be)
