"""Stored numbers become sentences in the reader's language."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from campaigns.definitions import Definition, Effect, Limit, Multiplier, Percent, PerMoney, PerQuantity, Rule
from campaigns.effect_sentences import effect_sentence, limit_sentence
from campaigns.engine import Grant, Rejection
from campaigns.wording import Money, plain_number, points
from conditions.sentences import PIECE_DECIMALS, Reader
from conditions.vocabulary import PURCHASE
from kernel.periods import local_day
from kernel.wording import day_text


def last_day(expires_at: datetime, zone: ZoneInfo) -> str:
    """The last local day on which a lot can be spent."""
    last = local_day(expires_at - timedelta(microseconds=1), zone)
    return day_text(last, language=get_language() or "en")


def definition_sentence(definition: Definition, money: Money) -> str:
    """What a version says, rule by rule."""
    return "; ".join(rule_sentence(rule, money) for rule in definition.rules)


def rule_sentence(rule: Rule, money: Money) -> str:
    """What a rule gives, when, and up to which limits."""
    text = effect_sentence(rule.effect, money)
    if rule.when and rule.when != {"all": []}:
        text = _("%(effect)s, if %(condition)s") % {"effect": text, "condition": condition_sentence(rule.when, money)}
    return ", ".join([text, *(limit_sentence(limit, money) for limit in rule.limits)])


def condition_sentence(tree: Mapping[str, Any], money: Money) -> str:
    """A condition about a purchase in words."""
    return Reader(PURCHASE, money.show).condition(tree)


def grant_sentence(grant: Grant, money: Money, *, decimals: int) -> str:
    """Why a rule granted what it did, with the numbers of its formula; `decimals` are those of the grant's unit."""
    effect = msgspec.convert(grant.effect, Effect)
    is_counted = isinstance(effect, PerQuantity)
    facts = {
        "points": points(grant.granted, decimals),
        "rule": effect_sentence(effect, money, decimals=decimals),
        "version": grant.version,
        "base": plain_number(grant.base, PIECE_DECIMALS) if is_counted else money.show(grant.base),
    }
    if isinstance(effect, PerMoney | Percent | Multiplier):
        text = _("%(points)s for goods of %(base)s: %(rule)s (version %(version)s)") % facts
    elif is_counted:
        text = _("%(points)s for %(base)s: %(rule)s (version %(version)s)") % facts
    else:
        text = _("%(points)s: %(rule)s (version %(version)s)") % facts
    if grant.cut is None:
        return text
    return _("%(text)s, instead of %(desired)s: %(limit)s") % {
        "text": text,
        "desired": points(grant.desired, decimals),
        "limit": limit_sentence(grant.cut.limit, money, decimals=decimals),
    }


def rejection_sentence(rejection: Rejection, money: Money) -> str:
    """Why nothing was granted."""
    if rejection.code == "condition_failed":
        reader, failure = Reader(PURCHASE, money.show), rejection.failure
        return _("Nothing from “%(rule)s”: it asks that %(required)s; here it was %(observed)s.") % {
            "rule": rejection.rule,
            "required": reader.required(failure),
            "observed": reader.observed(failure),
        }
    if rejection.code == "below_block":
        return _("Goods of %(observed)s are less than %(required)s, so they earn nothing.") % {
            "observed": money.show(rejection.observed),
            "required": money.show(rejection.required),
        }
    if rejection.code == "limit_reached":
        limit = msgspec.convert(rejection.test, Limit)
        return _("Nothing more from “%(rule)s”: %(limit)s.") % {
            "rule": rejection.rule,
            "limit": limit_sentence(limit, money),
        }
    facts = {"rule": rejection.rule, "winner": rejection.field.rpartition("/")[2]}
    return _REJECTED[rejection.code]() % facts


_REJECTED: dict[str, Callable[[], str]] = {
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
