"""Stored numbers become sentences in the reader's language."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.definitions import (
    Combine,
    Definition,
    Discount,
    Effect,
    Fixed,
    Limit,
    Multiplier,
    Percent,
    PerMoney,
    PerQuantity,
    Rule,
)
from campaigns.effect_sentences import effect_sentence, limit_sentence
from campaigns.engine import Grant, Rejection
from campaigns.engine.facts import QUANTITY
from campaigns.wording import Money, plain_number, points
from conditions.sentences import PIECE_DECIMALS
from conditions.vocabulary import PURCHASE, Vocabulary
from kernel.periods import local_day
from kernel.wording import day_text
from orders.events.builtin import BUILT_IN
from orders.events.types import DeclaredType, Types
from orders.events.vocabulary import words_of


def last_day(expires_at: datetime, zone: ZoneInfo) -> str:
    """The last local day on which a lot can be spent."""
    last = local_day(expires_at - timedelta(microseconds=1), zone)
    return day_text(last, language=get_language() or "en")


Decimals = Mapping[str, int]


def definition_sentence(
    definition: Definition, money: Money, types: Types = BUILT_IN, decimals: Decimals = MappingProxyType({})
) -> str:
    """
    What a version says, rule by rule, and of all of them; `types` are the events that the programme knows, `decimals`
    those of its units by code.
    """
    said = [rule_sentence(rule, money, types, decimals=decimals.get(rule.unit, 0)) for rule in definition.rules]
    return "; ".join([*said, *settings_sentences(definition, money, decimals)])


def settings_sentences(definition: Definition, money: Money, decimals: Decimals) -> list[str]:
    """What a version says of all its rules together, where it says anything."""
    combined, most = definition.multipliers.combine, definition.multipliers.most
    said = [_("multipliers that meet are multiplied with each other")] if combined is Combine.PRODUCT else []
    if most is not None:
        said.append(_("together at most %(factor)s times the points") % {"factor": plain_number(most, 3)})
    places = decimals_of_all(definition, decimals)
    limits = (limit_sentence(limit, money, decimals=places) for limit in definition.limits)
    return [*said, *(_("all rules together: %(limit)s") % {"limit": limit} for limit in limits)]


def decimals_of_all(definition: Definition, decimals: Decimals) -> int:
    """With how many decimals is written what all rules give together; where their units differ, none."""
    found = {decimals.get(rule.unit, 0) for rule in definition.rules if not rule.is_discount}
    return found.pop() if len(found) == 1 else 0


def rule_sentence(rule: Rule, money: Money, types: Types = BUILT_IN, *, decimals: int = 0) -> str:
    """What a rule gives, when, up to which limits and beside which others; `decimals` are those of its unit."""
    about = types.get(rule.event, DeclaredType(rule.event, rule.event)) if rule.event else None
    text = (
        _event_sentence(rule.effect, about, money, decimals)
        if about
        else effect_sentence(rule.effect, money, decimals=decimals)
    )
    if rule.when and rule.when != {"all": []}:
        condition = condition_sentence(rule.when, money, words_about(about))
        text = _("%(effect)s, if %(condition)s") % {"effect": text, "condition": condition}
    limits = (limit_sentence(limit, money, decimals=decimals) for limit in rule.limits)
    return ", ".join([text, *limits, *_beside(rule)])


def _beside(rule: Rule) -> Iterator[str]:
    if rule.instead_of:
        yield _("only where the limit of “%(rule)s” is reached") % {"rule": rule.instead_of}
    if rule.group and rule.choose == "best":
        yield _("the best of the group “%(group)s”") % {"group": rule.group}
    elif rule.group:
        yield _("in the group “%(group)s” with priority %(priority)s") % {
            "group": rule.group,
            "priority": rule.priority,
        }


def words_about(about: DeclaredType | None) -> Vocabulary:
    """The words of events of a type, else those of a purchase."""
    return PURCHASE if about is None else words_of(about)


def _event_sentence(effect: Effect | Discount, about: DeclaredType, money: Money, decimals: int) -> str:
    if isinstance(effect, Fixed):
        given = points(effect.units, decimals)
    else:
        given = effect_sentence(effect, money, decimals=decimals)
    return _("%(points)s for %(event)s") % {"points": given, "event": str(about.name)}


def condition_sentence(tree: Mapping[str, Any], money: Money, words: Vocabulary = PURCHASE) -> str:
    """A condition in words, about a purchase if nothing else is said."""
    return money.reader(words).condition(tree)


def grant_sentence(grant: Grant, money: Money, *, decimals: int, about: DeclaredType | None = None) -> str:
    """
    Why a rule granted what it did, with the numbers of its formula; `decimals` are those of the grant's unit, `about`
    is the type of the event it was for, if it was one.
    """
    text = _granted(grant, money, decimals, about)
    if grant.cut is None:
        return text
    return _("%(text)s, instead of %(desired)s: %(limit)s") % {
        "text": text,
        "desired": points(grant.desired, decimals),
        "limit": limit_sentence(grant.cut.limit, money, decimals=decimals),
    }


def _granted(grant: Grant, money: Money, decimals: int, about: DeclaredType | None) -> str:
    effect = msgspec.convert(grant.effect, Effect)
    is_counted = isinstance(effect, PerQuantity)
    facts = {
        "points": points(grant.granted, decimals),
        "rule": effect_sentence(effect, money, decimals=decimals),
        "version": grant.version,
        "base": plain_number(grant.base, PIECE_DECIMALS) if is_counted else money.show(grant.base),
        "event": str(about.name) if about else "",
    }
    if about is not None:
        if is_counted:
            return _("Earned for %(event)s: %(points)s for %(base)s, %(rule)s (version %(version)s)") % facts
        return _("Earned for %(event)s: %(points)s (version %(version)s)") % facts
    if isinstance(effect, PerMoney | Percent | Multiplier):
        return _("%(points)s for goods of %(base)s: %(rule)s (version %(version)s)") % facts
    if is_counted:
        return _("%(points)s for %(base)s: %(rule)s (version %(version)s)") % facts
    return _("%(points)s: %(rule)s (version %(version)s)") % facts


def rejection_sentence(rejection: Rejection, money: Money, about: DeclaredType | None = None) -> str:
    """Why nothing was granted for an order, or for an event of the type `about`."""
    if rejection.code == "condition_failed":
        reader, failure = money.reader(words_about(about)), rejection.failure
        return _("Nothing from “%(rule)s”: it asks that %(required)s; here it was %(observed)s.") % {
            "rule": rejection.rule,
            "required": reader.required(failure),
            "observed": reader.observed(failure),
        }
    if rejection.code == "below_block":
        return _below_block(rejection, money)
    if rejection.code == "limit_reached":
        limit = limit_sentence(msgspec.convert(rejection.test, Limit), money)
        return _("Nothing more from “%(rule)s”: %(limit)s.") % {"rule": rejection.rule, "limit": limit}
    facts = {"rule": rejection.rule, "winner": rejection.field.rpartition("/")[2]}
    told = _PLAINLY if about is None else _PLAINLY | _PLAINLY_OF_EVENTS
    return told[rejection.code]() % facts


def _below_block(rejection: Rejection, money: Money) -> str:
    if rejection.measure == QUANTITY:
        return _("%(observed)s are less than %(required)s, so “%(rule)s” gives nothing.") % {
            "observed": plain_number(rejection.observed, PIECE_DECIMALS),
            "required": plain_number(rejection.required, PIECE_DECIMALS),
            "rule": rejection.rule,
        }
    return _("Goods of %(observed)s are less than %(required)s, so they earn nothing.") % {
        "observed": money.show(rejection.observed),
        "required": money.show(rejection.required),
    }


_PLAINLY: dict[str, Callable[[], str]] = {
    "no_goods": lambda: _("The order holds no goods, so it earned nothing."),
    "no_matching_lines": lambda: _("Nothing in the order is what “%(rule)s” is about."),
    "nothing_to_multiply": lambda: _("There is nothing that “%(rule)s” could multiply."),
    "nothing_to_discount": lambda: _("There is nothing that “%(rule)s” could take something off."),
    "beaten_by": lambda: _("“%(winner)s” gives more than “%(rule)s”."),
    "exclusive_conflict": lambda: _("“%(rule)s” can't be had together with “%(winner)s”, which gives more."),
    "not_needed": lambda: _("“%(rule)s” only stands in for another rule."),
    "stopped": lambda: _("The campaign is stopped, so the order earned nothing."),
    "no_member": lambda: _("The order belongs to no member, so nobody could earn."),
    "member_blocked": lambda: _("The member is blocked, so the order earned nothing."),
    "no_campaign": lambda: _("No campaign was in force when the order was placed."),
}
_PLAINLY_OF_EVENTS: dict[str, Callable[[], str]] = {
    "stopped": lambda: _("The campaign is stopped, so the event earned nothing."),
    "no_member": lambda: _("The event belongs to no member, so nobody could earn."),
    "member_blocked": lambda: _("The member is blocked, so the event earned nothing."),
    "no_campaign": lambda: _("No campaign that waits for such events was in force when it happened."),
}
