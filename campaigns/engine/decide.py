"""One implementation for quote, commit, return and replay."""

from collections.abc import Iterable, Sequence
from itertools import chain

import msgspec

from campaigns.definitions import Count, Multiplier
from campaigns.engine.choosing import choose
from campaigns.engine.discounting import discount
from campaigns.engine.earning import Bases, Wanted, wanted
from campaigns.engine.facts import Decision, Grant, PriceCut, Rejection, RuleInForce, Use, rejected
from campaigns.engine.gates import InForce
from campaigns.engine.limiting import Left, Tally, over
from campaigns.engine.multiplying import multiply
from conditions.deciding import first_failure
from conditions.situation import Situation
from orders.facts import Purchase


def decide(asked: Situation, rules: Sequence[RuleInForce] | InForce) -> Decision:
    """
    What `rules` give for what happened; every rule is answered by what it gives or by a rejection. Of more than a few,
    those are not asked, and say nothing, that wait for another channel, shop, article, category or label. The decision
    keeps what was known beside the subject.

    Discounts come first, where the purchase asks for them. Of what is to be paid then, base rules and bonuses add,
    multipliers act on the base of the lines they match, and limits leave what they leave, in the given order.
    """
    in_force = rules if isinstance(rules, InForce) else InForce(rules)
    if not in_force.rules:
        return Decision(rejections=(Rejection("no_campaign"),))
    return _Deciding(asked, in_force).decision()


class _Deciding:
    def __init__(self, asked: Situation, in_force: InForce) -> None:
        self._asked = asked
        self._rules = in_force.could_hold(asked)
        self._places = in_force.places
        self._versions = in_force.versions
        self._rejections: dict[int, Rejection] = {}
        self._uses: list[Use] = []
        self._pauses: list[str] = []
        value = asked.subject.total if isinstance(asked.subject, Purchase) else 0
        self._tally = Tally(asked.known, value)

    def decision(self) -> Decision:
        discounts = self._discounts()
        grants = self._grants()
        return Decision(
            grants=grants,
            rejections=tuple(self._rejections[place] for place in sorted(self._rejections)),
            versions=self._versions,
            known=self._asked.known,
            discounts=discounts,
            uses=tuple(self._uses),
            pauses=tuple(dict.fromkeys(self._pauses)),
        )

    def _discounts(self) -> tuple[PriceCut, ...]:
        purchase = self._asked.subject
        entries = [entry for entry in self._rules if entry.rule.is_discount]
        if not entries or not isinstance(purchase, Purchase) or not purchase.wants_offers:
            return ()
        found = discount(purchase, self._holding(entries), self._tally)
        for rejection in found.rejections:
            self._reject(rejection)
        for left, one in zip(found.left, found.discounts, strict=True):
            self._note(left, one.campaign)
        self._asked = msgspec.structs.replace(self._asked, subject=found.purchase)
        return found.discounts

    def _grants(self) -> tuple[Grant, ...]:
        holding = self._holding([entry for entry in self._rules if not entry.rule.is_discount])
        regular = [entry for entry in holding if not entry.rule.instead_of]
        grants = self._granted(regular)
        stand_ins = [entry for entry in holding if entry.rule.instead_of]
        for entry in stand_ins:
            if not self._is_out(entry):
                self._reject(rejected(entry, "not_needed"))
        grants += self._granted([entry for entry in stand_ins if self._is_out(entry)])
        return tuple(sorted(grants, key=lambda grant: self._places[grant.campaign, grant.rule]))

    def _granted(self, entries: Sequence[RuleInForce]) -> list[Grant]:
        multipliers = [entry for entry in entries if isinstance(entry.rule.effect, Multiplier)]
        alone = [entry for entry in entries if not isinstance(entry.rule.effect, Multiplier)]
        bases = Bases(self._asked.subject)
        plain, losers = choose(self._kept(wanted(self._asked, entry, bases) for entry in alone))
        for loser in losers:
            self._reject(loser)
        lines = self._asked.subject.lines if isinstance(self._asked.subject, Purchase) else ()
        multiplied = self._kept(multiply(multipliers, plain, lines))
        return [grant for one in chain(plain, multiplied) if (grant := self._limited(one))]

    def _limited(self, one: Wanted) -> Grant | None:
        left = self._tally.leave(one.entry, one.units, Count.UNITS)
        self._note(left, one.entry.campaign)
        if left.cut and left.amount <= 0:
            self._reject(over(one.entry, left.cut))
            return None
        self._tally.take(left)
        return _grant(one, left)

    def _holding(self, entries: Sequence[RuleInForce]) -> list[RuleInForce]:
        """Those whose condition holds; the others are told which test failed first."""
        found = []
        for entry in entries:
            if entry.stopped:
                self._reject(rejected(entry, "stopped"))
                continue
            failure = first_failure(entry.condition, self._asked)
            if failure is None:
                found.append(entry)
                continue
            self._reject(
                rejected(
                    entry,
                    "condition_failed",
                    field=failure.field,
                    op=failure.op,
                    required=failure.required,
                    observed=failure.observed,
                    test=failure.test,
                )
            )
        return found

    def _kept(self, answers: Iterable[Wanted | Rejection]) -> list[Wanted]:
        found = []
        for answer in answers:
            if isinstance(answer, Rejection):
                self._reject(answer)
            else:
                found.append(answer)
        return found

    def _reject(self, rejection: Rejection) -> None:
        self._rejections[self._places[rejection.campaign, rejection.rule]] = rejection

    def _is_out(self, entry: RuleInForce) -> bool:
        """Whether a limit left nothing to the rule that this one stands in for."""
        return any(
            rejection.code == "limit_reached"
            and (rejection.campaign, rejection.rule) == (entry.campaign, entry.rule.instead_of)
            for rejection in self._rejections.values()
        )

    def _note(self, left: Left, campaign: str) -> None:
        self._uses += left.uses
        if left.pauses:
            self._pauses.append(campaign)


def _grant(one: Wanted, left: Left) -> Grant:
    entry, rule = one.entry, one.entry.rule
    return Grant(
        campaign=entry.campaign,
        version_id=entry.version_id,
        version=entry.version,
        rule=rule.key,
        unit=rule.unit,
        effect=entry.effect,
        desired=one.units,
        granted=left.amount,
        base=one.base,
        lines=one.lines,
        expiry=rule.expiry,
        cut=left.cut,
    )
