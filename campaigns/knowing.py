"""What the rules in force have to know beside what was bought: looked up once, for all orders at once."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec

from campaigns.engine import RuleInForce
from conditions.asking import expression_of
from conditions.situation import ZONE
from conditions.vocabulary import PURCHASE, Expression
from members.knowing import Asked, known_of
from roundtrips import Question


class Asking(msgspec.Struct, frozen=True):
    """Who bought, when and by which clock, what the caller told, and what the rules then in force ask for."""

    member: Asked
    told: Mapping[str, Any]
    asks: frozenset[str]


def asked_by(rules: Sequence[RuleInForce]) -> frozenset[str]:
    """All that rules ask for, also where the campaign is stopped: a return decides as if it was not."""
    return frozenset[str]().union(*(rule.asks for rule in rules))


def of_members(asks: frozenset[str], *, programme_id: int) -> frozenset[str]:
    """What of it only the database knows: what one order changes, the next one of the same member has to see."""
    return frozenset(name for name in asks if _expression(programme_id, name))


def looking_up(programme_id: int, asking: Sequence[Asking]) -> Question[list[dict[str, Any]]]:
    """
    What is known beside each by name, of what its rules ask for. A question without columns if nothing but the clock
    and what callers tell is asked for.
    """
    names = sorted(of_members(frozenset[str]().union(*(row.asks for row in asking)), programme_id=programme_id))
    if not names:
        return Question((), (), lambda _: [_of_one(row, {}) for row in asking])
    expressions = [expression for name in names if (expression := _expression(programme_id, name))]
    question = known_of([row.member for row in asking], expressions)

    def read(row: Sequence[Any]) -> list[dict[str, Any]]:
        rows = zip(asking, question.read(row), strict=True)
        return [_of_one(one, dict(zip(names, values, strict=True))) for one, values in rows]

    return Question(question.columns, question.parameters, read)


def _of_one(row: Asking, looked_up: Mapping[str, Any]) -> dict[str, Any]:
    everything = {ZONE: row.member.zone, **row.told, **looked_up}
    return {name: everything[name] for name in sorted(row.asks) if name in everything}


@lru_cache(maxsize=4096)
def _expression(programme_id: int, name: str) -> Expression | None:
    # What a word means never changes, whoever declared it: it is kept for as long as the process lives.
    return expression_of(name, PURCHASE.within(programme_id))
