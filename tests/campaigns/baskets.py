"""Words for tests of pure decisions: baskets, rules in force, and what they say."""

from typing import Any

import msgspec

from campaigns.definitions import Definition, Discount, Effect, Limit, Multipliers, Rule, Words, check
from campaigns.engine import Decision, RuleInForce, decide
from campaigns.inforce import compiled
from conditions.situation import Situation
from orders.facts import PIECE, Line, LineKind, Purchase, Tender, TenderKind
from tests.campaigns.trade import NOON


def article(sku: str, amount: int, pieces: float = 1, **fields: Any) -> Line:
    """A line that is numbered when it is put into a basket."""
    return Line(no=0, sku=sku, quantity=int(pieces * PIECE), amount=amount, **fields)


def shipping(amount: int, **fields: Any) -> Line:
    return article("", amount, kind=LineKind.SHIPPING, **fields)


def basket(*lines: Line | int, paid_by: dict[TenderKind, int] | None = None, **fields: Any) -> Purchase:
    """A purchase; a plain number is an article for that amount."""
    articles = [article(f"A{no}", line) if isinstance(line, int) else line for no, line in enumerate(lines, 1)]
    return Purchase(
        placed_at=NOON,
        currency="EUR",
        lines=tuple(msgspec.structs.replace(line, no=no) for no, line in enumerate(articles, 1)),
        tenders=tuple(Tender(kind, amount) for kind, amount in (paid_by or {}).items()),
        **fields,
    )


def rule(key: str, effect: Effect | Discount, **fields: Any) -> Rule:
    return Rule(key=key, effect=effect, **fields)


def in_force(
    *rules: Rule, campaign: str = "standing", multipliers: Multipliers | None = None, limits: tuple[Limit, ...] = ()
) -> list[RuleInForce]:
    """The rules of a definition that would be let through."""
    definition = Definition(rules=rules, multipliers=multipliers or Multipliers(), limits=limits)
    check(definition)
    return list(compiled(definition, words=Words(), campaign=campaign, version_id=sum(map(ord, campaign))))


def decided(bought: Purchase, *rules: Rule | list[RuleInForce], known: dict[str, Any] | None = None) -> Decision:
    """What rules say of a purchase: those of one campaign as they are, those of several as lists in force."""
    own = [one for one in rules if isinstance(one, Rule)]
    others = [entry for some in rules if isinstance(some, list) for entry in some]
    return decide(Situation(bought, bought.placed_at, known or {}), [*(in_force(*own) if own else []), *others])


def points(bought: Purchase, *rules: Rule | list[RuleInForce], known: dict[str, Any] | None = None) -> dict[str, int]:
    """What each rule grants, by its key."""
    return {grant.rule: grant.granted for grant in decided(bought, *rules, known=known).grants}


def total(bought: Purchase, *rules: Rule | list[RuleInForce], known: dict[str, Any] | None = None) -> int:
    return sum(points(bought, *rules, known=known).values())


def why(decision: Decision) -> dict[str, str]:
    """The code of every rejection, by rule."""
    return {rejection.rule: rejection.code for rejection in decision.rejections}


def on(field: str, op: str, value: Any) -> dict[str, Any]:
    return {"field": field, "op": op, "value": value}


def sku(*names: str) -> dict[str, Any]:
    return on("line.sku", "in", list(names))


def label(*names: str) -> dict[str, Any]:
    return on("line.labels", "has_any", list(names))
