"""One implementation for quote, commit, return and replay."""

from collections.abc import Sequence

import msgspec

from campaigns.definitions import Fixed, Mode, PerMoney
from campaigns.engine.base import earning_base
from campaigns.engine.facts import Decision, Grant, Rejection, RuleInForce
from conditions.deciding import first_failure
from conditions.situation import Situation
from orders.allocation import GOODS
from orders.events.types import Happening
from orders.facts import Purchase


def decide(asked: Situation, rules: Sequence[RuleInForce]) -> Decision:
    """
    What `rules` grant for a purchase or an event: rules add up, in the given order; every rule is answered by a grant
    or a rejection. The decision keeps what was known beside the subject.
    """
    if not rules:
        return Decision(rejections=(Rejection("no_campaign"),))
    subject: Purchase | Happening = asked.subject
    base = earning_base(subject) if isinstance(subject, Purchase) else {}
    answers = [_answer(asked, base, rule) for rule in rules]
    return Decision(
        known=asked.known,
        grants=tuple(answer for answer in answers if isinstance(answer, Grant)),
        rejections=tuple(answer for answer in answers if isinstance(answer, Rejection)),
        versions=tuple(dict.fromkeys(rule.version_id for rule in rules)),
    )


def _answer(asked: Situation, base: dict[int, int], entry: RuleInForce) -> Grant | Rejection:
    if entry.stopped:
        return _reject(entry, "stopped")
    failure = first_failure(entry.condition, asked)
    if failure:
        return Rejection(
            "condition_failed",
            entry.campaign,
            entry.version,
            entry.rule.key,
            failure.field,
            failure.op,
            failure.required,
            failure.observed,
            failure.test,
        )
    effect = entry.rule.effect
    if isinstance(effect, Fixed):
        return _grant(entry, effect.units) if _is_worth_it(asked.subject) else _reject(entry, "no_goods")
    spent = sum(base.values())
    units = _units_for(effect, spent)
    if units <= 0:
        return msgspec.structs.replace(_reject(entry, "below_block"), required=_least(effect), observed=spent)
    return _grant(entry, units, spent, tuple(no for no, amount in base.items() if amount))


def _is_worth_it(subject: Purchase | Happening) -> bool:
    """An event is worth something by having happened, a purchase by the goods in it."""
    if isinstance(subject, Happening):
        return True
    return any(line.kind in GOODS and line.returned < line.quantity for line in subject.lines)


def _units_for(effect: PerMoney, spent: int) -> int:
    if effect.mode is Mode.BLOCK:
        return spent // effect.per * effect.units
    return spent * effect.units // effect.per


def _least(effect: PerMoney) -> int:
    """The smallest amount that earns anything."""
    return effect.per if effect.mode is Mode.BLOCK else -(-effect.per // effect.units)


def _grant(entry: RuleInForce, units: int, base: int = 0, lines: tuple[int, ...] = ()) -> Grant:
    rule = entry.rule
    return Grant(
        campaign=entry.campaign,
        version_id=entry.version_id,
        version=entry.version,
        rule=rule.key,
        unit=rule.unit,
        effect=msgspec.to_builtins(rule.effect),
        desired=units,
        granted=units,
        base=base,
        lines=lines,
        expiry=rule.expiry,
    )


def _reject(entry: RuleInForce, code: str) -> Rejection:
    return Rejection(code, entry.campaign, entry.version, entry.rule.key)
