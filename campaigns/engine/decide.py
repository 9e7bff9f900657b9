"""One implementation for quote, commit, return and replay."""

from collections.abc import Sequence

import msgspec

from campaigns.definitions import Fixed, Mode, PerMoney
from campaigns.engine.base import earning_base
from campaigns.engine.facts import Decision, Grant, Rejection, RuleInForce
from conditions.deciding import first_failure
from orders.allocation import GOODS
from orders.facts import Purchase


def decide(purchase: Purchase, rules: Sequence[RuleInForce]) -> Decision:
    """
    What `rules` grant for `purchase`: rules add up, in the given order; every rule is answered by a grant or a
    rejection.
    """
    if not rules:
        return Decision(rejections=(Rejection("no_campaign"),))
    base = earning_base(purchase)
    answers = [_answer(purchase, base, rule) for rule in rules]
    return Decision(
        grants=tuple(answer for answer in answers if isinstance(answer, Grant)),
        rejections=tuple(answer for answer in answers if isinstance(answer, Rejection)),
        versions=tuple(dict.fromkeys(rule.version_id for rule in rules)),
    )


def _answer(purchase: Purchase, base: dict[int, int], asked: RuleInForce) -> Grant | Rejection:
    if asked.stopped:
        return _reject(asked, "stopped")
    failure = first_failure(asked.condition, purchase)
    if failure:
        return Rejection(
            "condition_failed",
            asked.campaign,
            asked.version,
            asked.rule.key,
            failure.field,
            failure.op,
            failure.required,
            failure.observed,
            failure.test,
        )
    effect = asked.rule.effect
    if isinstance(effect, Fixed):
        return _grant(asked, effect.units) if _has_goods(purchase) else _reject(asked, "no_goods")
    spent = sum(base.values())
    units = _units_for(effect, spent)
    if units <= 0:
        return msgspec.structs.replace(_reject(asked, "below_block"), required=_least(effect), observed=spent)
    return _grant(asked, units, spent, tuple(no for no, amount in base.items() if amount))


def _has_goods(purchase: Purchase) -> bool:
    return any(line.kind in GOODS and line.returned < line.quantity for line in purchase.lines)


def _units_for(effect: PerMoney, spent: int) -> int:
    if effect.mode is Mode.BLOCK:
        return spent // effect.per * effect.units
    return spent * effect.units // effect.per


def _least(effect: PerMoney) -> int:
    """The smallest amount that earns anything."""
    return effect.per if effect.mode is Mode.BLOCK else -(-effect.per // effect.units)


def _grant(asked: RuleInForce, units: int, base: int = 0, lines: tuple[int, ...] = ()) -> Grant:
    rule = asked.rule
    return Grant(
        campaign=asked.campaign,
        version_id=asked.version_id,
        version=asked.version,
        rule=rule.key,
        unit=rule.unit,
        effect=msgspec.to_builtins(rule.effect),
        desired=units,
        granted=units,
        base=base,
        lines=lines,
        expiry=rule.expiry,
    )


def _reject(asked: RuleInForce, code: str) -> Rejection:
    return Rejection(code, asked.campaign, asked.version, asked.rule.key)
