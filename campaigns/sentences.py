"""Stored numbers become sentences in the reader's language."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.utils.formats import number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from campaigns.definitions import Definition, Effect, Fixed, Mode, PerMoney, Rule
from campaigns.engine import Grant, Rejection
from conditions.sentences import Reader
from conditions.vocabulary import PURCHASE
from kernel.periods import local_day
from kernel.wording import day_text, money_text


class Money(msgspec.Struct, frozen=True):
    """How amounts of a currency are shown."""

    currency: str
    decimals: int = 2
    programme_id: int | None = None

    @property
    def reader(self) -> Reader:
        """Conditions in the words of a purchase, and of the programme."""
        return Reader(PURCHASE.within(self.programme_id), self.show)

    def show(self, minor: int) -> str:
        return money_text(minor, currency=self.currency, decimals=self.decimals, language=get_language() or "en")


def shown(minor: int, decimals: int) -> str:
    """Minor units as a local number: 123456 with 2 decimals is "1,234.56" in English."""
    return number_format(Decimal(minor).scaleb(-decimals), decimals, use_l10n=True, force_grouping=True)


def points(minor: int, decimals: int = 0) -> str:
    """An amount of points with its word."""
    return _points(get_language() or "en", minor, decimals)


@lru_cache(maxsize=16_384)
def _points(_language: str, minor: int, decimals: int) -> str:
    return ngettext("%(amount)s point", "%(amount)s points", abs(minor) if decimals == 0 else 2) % {
        "amount": shown(minor, decimals)
    }


def last_day(expires_at: datetime, zone: ZoneInfo) -> str:
    """The last local day on which a lot can be spent."""
    last = local_day(expires_at - timedelta(microseconds=1), zone)
    return day_text(last, language=get_language() or "en")


def effect_sentence(effect: Effect, money: Money, *, decimals: int = 0) -> str:
    """What an effect gives, in a unit with `decimals` places: "1 point per whole €1.00"."""
    return _effect_sentence(get_language() or "en", effect, money, decimals)


# The same few effects are said with every order, and to find their words takes longer than to decide it.
@lru_cache(maxsize=1024)
def _effect_sentence(_language: str, effect: Effect, money: Money, decimals: int) -> str:
    given = points(effect.units, decimals)
    if isinstance(effect, Fixed):
        return _("%(points)s per order") % {"points": given}
    if effect.mode is Mode.BLOCK:
        return _("%(points)s per whole %(money)s") % {"points": given, "money": money.show(effect.per)}
    return _("%(points)s per %(money)s, parts included") % {"points": given, "money": money.show(effect.per)}


def definition_sentence(definition: Definition, money: Money) -> str:
    """What a version says, rule by rule."""
    return "; ".join(rule_sentence(rule, money) for rule in definition.rules)


def rule_sentence(rule: Rule, money: Money) -> str:
    """What a rule gives and when."""
    effect = effect_sentence(rule.effect, money)
    if not rule.when or rule.when == {"all": []}:
        return effect
    return _("%(effect)s, if %(condition)s") % {"effect": effect, "condition": condition_sentence(rule.when, money)}


def condition_sentence(tree: Mapping[str, Any], money: Money) -> str:
    """A condition about a purchase in words."""
    return money.reader.condition(tree)


def grant_sentence(grant: Grant, money: Money, *, decimals: int) -> str:
    """Why a rule granted what it did, with the numbers of its formula; `decimals` are those of the grant's unit."""
    effect = msgspec.convert(grant.effect, Effect)
    facts = {
        "points": points(grant.granted, decimals),
        "rule": effect_sentence(effect, money, decimals=decimals),
        "version": grant.version,
        "base": money.show(grant.base),
    }
    if isinstance(effect, PerMoney):
        return _("%(points)s for goods of %(base)s: %(rule)s (version %(version)s)") % facts
    return _("%(points)s: %(rule)s (version %(version)s)") % facts


def rejection_sentence(rejection: Rejection, money: Money) -> str:
    """Why nothing was granted."""
    if rejection.code == "condition_failed":
        reader, failure = money.reader, rejection.failure
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
    return {
        "no_goods": _("The order holds no goods, so it earned nothing."),
        "stopped": _("The campaign is stopped, so the order earned nothing."),
        "no_member": _("The order belongs to no member, so nobody could earn."),
        "member_blocked": _("The member is blocked, so the order earned nothing."),
        "no_campaign": _("No campaign was in force when the order was placed."),
    }[rejection.code]
