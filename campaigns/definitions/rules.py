"""What a campaign version says."""

from collections.abc import Iterator
from typing import Literal

import msgspec

from campaigns.definitions.discounts import Discount
from campaigns.definitions.effects import Effect, Limit, Multipliers, Tree
from conditions.tree import EVERYTHING, Node, parse
from conditions.vocabulary import LINE, PURCHASE, Field, Vocabulary
from ledger.policies import Expiry
from orders.events.builtin import BUILT_IN
from orders.events.types import Types
from orders.events.vocabulary import PREFIX, words_of

ORDER = "order"
EVENT = "event:"


class Rule(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    When `trigger` happens (`order`, or `event:` and the key of a type of events) and `when` holds, grant `effect`:
    units with code `unit` (`expiry` overrides how long the unit lets them live), or money off.

    Of rules with the same `group`, in all campaigns of a programme, one gives something: the one that gives most, or
    where the strongest of them says so that with the highest `priority`. `limits` reduce what it gives; a rule
    `instead_of` another is asked when a limit left that one nothing.
    """

    key: str
    effect: Effect | Discount
    unit: str = "points"
    trigger: str = ORDER
    when: Tree | None = None
    expiry: Expiry | None = None
    group: str = ""
    choose: Literal["best", "priority"] = "best"
    priority: int = 0
    limits: tuple[Limit, ...] = ()
    instead_of: str = ""

    @property
    def event(self) -> str:
        """The key of the type of events that it waits for; empty if it waits for orders."""
        return self.trigger.removeprefix(EVENT) if self.trigger.startswith(EVENT) else ""

    @property
    def is_discount(self) -> bool:
        return isinstance(self.effect, Discount)


class Definition(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """All rules of a version, how its multipliers come together, and the `limits` on all it gives."""

    rules: tuple[Rule, ...]
    multipliers: Multipliers = Multipliers()
    limits: tuple[Limit, ...] = ()


class Words(msgspec.Struct, frozen=True):
    """What a programme's rules may speak of: its types of events, and what it declares itself (None: nothing)."""

    types: Types = BUILT_IN
    programme_id: int | None = None

    def of(self, rule: Rule) -> Vocabulary:
        """What the rule's condition may ask about."""
        words = words_of(self.types[rule.event]) if rule.event else PURCHASE
        return words.within(self.programme_id)


PLAIN_WORDS = Words()


def condition_of(rule: Rule, *, words: Words = PLAIN_WORDS, pointer: str = "") -> Node:
    """The rule's condition in the words of its trigger; a rule without one always applies."""
    return EVERYTHING if rule.when is None else parse(rule.when, words.of(rule), pointer=pointer)


def measure_of(rule: Rule, words: Words) -> Field | None:
    """The attribute of the event that the rule's effect counts, if it counts one."""
    of = getattr(rule.effect, "of", "")
    return words.of(rule).get(f"{PREFIX}{of}") if rule.event and isinstance(of, str) and of else None


def filters_of(rule: Rule, *, pointer: str = "") -> dict[str, Node]:
    """Which lines count for a part of a rule's effect, by the name of the part; without a filter all do."""
    trees = {name: tree for name, tree in _trees(rule.effect) if tree is not None}
    return {name: parse(tree, LINE, pointer=f"{pointer}/{name}") for name, tree in trees.items()}


def _trees(effect: Effect | Discount) -> Iterator[tuple[str, Tree | None]]:
    yield "lines", getattr(effect, "lines", None)
    yield "get_lines", getattr(effect, "get_lines", None)
