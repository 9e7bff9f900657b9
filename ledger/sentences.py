"""A policy as people read it, in the active language."""

from datetime import date

from babel.dates import get_month_names
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.amounts import format_minor
from kernel.wording import day_text
from ledger.policies.terms import (
    Activity,
    AfterDays,
    BirthMonth,
    Dates,
    Decay,
    Expiry,
    Inactivity,
    OnDelivery,
    Policy,
    Rolling,
    RoundUp,
    Span,
    Sweep,
    month_and_day,
)


def policy_sentences(policy: Policy, *, name: str, decimals: int = 0) -> list[str]:
    """
    What the policy says, a sentence for each part that is not as usual; the one on expiry comes first. `name` is the
    unit's, such as "Points".
    """
    said = [expiry_sentence(policy.expiry, name)]
    match policy.activation:
        case AfterDays(days):
            said.append(
                ngettext(
                    "They can be spent from the day after the one on which they were earned.",
                    "They can be spent %(days)s days after they were earned.",
                    days,
                )
                % {"days": days}
            )
        case OnDelivery(days):
            said.append(
                _("They can be spent when the order is delivered, at the latest after %(days)s days.") % {"days": days}
            )
    if policy.last_day is not None:
        said.append(_("Nothing lives longer than %(day)s, the programme's last day.") % {"day": _day(policy.last_day)})
    if policy.decay is not None:
        said.append(_decay(policy.decay, decimals))
    return said


def expiry_sentence(expiry: Expiry, name: str) -> str:
    """When what is earned expires."""
    match expiry:
        case Rolling() | Inactivity():
            return _lasting(expiry, name)
        case Dates():
            return _next_dates(expiry, name)
        case Sweep(day):
            return _("%(name)s all expire at the end of %(day)s.") % {"name": name, "day": _day(day)}
        case BirthMonth(years):
            once = _("%(name)s expire at the end of the birth month in the following year.")
            later = _("%(name)s expire at the end of the birth month, %(years)s calendar years later.")
            return (once if years == 1 else later) % {"name": name, "years": years}
        case _:
            return _("%(name)s never expire.") % {"name": name}


def _lasting(expiry: Rolling | Inactivity, name: str) -> str:
    facts = {
        "name": name,
        "span": _span(expiry.count, expiry.span),
        "rounded": _rounded(expiry.round_up, expiry.round_to_month),
    }
    if isinstance(expiry, Inactivity):
        facts["activities"] = _activities(expiry.activities)
        return _("%(name)s expire %(span)s after the last activity (%(activities)s)%(rounded)s.") % facts
    if expiry.count == 0:
        in_which = "" if expiry.round_to_month else _(" in which they can be spent")
        return _("%(name)s expire%(rounded)s%(in_which)s.") % {
            "name": name,
            "rounded": facts["rounded"][1:],
            "in_which": in_which,
        }
    return _("%(name)s expire %(span)s after they can be spent%(rounded)s.") % facts


def _next_dates(expiry: Dates, name: str) -> str:
    facts = {"name": name, "days": _listed([_month_day(day) for day in expiry.days]), "least": expiry.at_least_days}
    if expiry.at_least_days:
        return _("%(name)s expire at the end of the next %(days)s that is at least %(least)s days away.") % facts
    return _("%(name)s expire at the end of the next %(days)s.") % facts


def _span(count: int, span: Span) -> str:
    if span is Span.DAYS:
        return ngettext("%(count)s day", "%(count)s days", count) % {"count": count}
    if span is Span.MONTHS:
        return ngettext("%(count)s month", "%(count)s months", count) % {"count": count}
    return ngettext("%(count)s year", "%(count)s years", count) % {"count": count}


def _rounded(round_up: RoundUp | None, round_to_month: int | None) -> str:
    if round_to_month is not None:
        return _(", at the end of the next %(month)s") % {"month": month_name(round_to_month)}
    return {
        None: "",
        RoundUp.MONTH: _(", at the end of that month"),
        RoundUp.QUARTER: _(", at the end of that quarter"),
        RoundUp.HALF_YEAR: _(", at the end of that half-year"),
        RoundUp.YEAR: _(", at the end of that year"),
    }[round_up]


def _activities(activities: tuple[Activity, ...]) -> str:
    names = {
        Activity.EARN: _("earning"),
        Activity.SPEND: _("spending"),
        Activity.VISIT: _("visiting a shop"),
        Activity.BUY: _("buying"),
    }
    return _listed([names[activity] for activity in Activity if activity in activities])


def _decay(decay: Decay, decimals: int) -> str:
    facts = {
        "after": decay.after_weeks,
        "share": format_minor(decay.share_permille, decimals=1).removesuffix(".0"),
        "fixed": format_minor(decay.fixed, decimals=decimals),
        "rest": decay.rest_after_weeks,
    }
    loss = _("After %(after)s weeks without earning, each further week takes %(share)s %% of them, at least %(fixed)s.")
    rest = _("After %(rest)s weeks the rest is gone.") if decay.rest_after_weeks else ""
    return f"{loss} {rest}".strip() % facts


def month_name(month: int) -> str:
    """The month with this number, written out."""
    return str(get_month_names("wide", context="stand-alone", locale=_locale())[month])


def _month_day(text: str) -> str:
    month, day = month_and_day(text)
    return f"{day} {month_name(month)}"


def _listed(names: list[str]) -> str:
    *first, last = names
    return _("%(first)s or %(last)s") % {"first": ", ".join(first), "last": last} if first else last


def _day(day: date) -> str:
    return day_text(day, language=get_language() or "en")


def _locale() -> str:
    return (get_language() or "en").replace("-", "_")
