"""What a ladder says, in sentences in the reader's language."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from babel.lists import format_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from kernel.periods import local_day
from kernel.wording import day_text, near_day_text
from ledger.policies import month_and_day
from members.tiers.definitions import (
    CalendarMonth,
    CalendarYear,
    Challenge,
    Definition,
    Drop,
    FiscalYear,
    ForEver,
    Grace,
    Lasting,
    MembershipYear,
    Milestone,
    Quota,
    Requirement,
    Reserve,
    RestOfPeriod,
    Rolling,
    Share,
    SinceEntry,
    Span,
    Tier,
    UntilDay,
    WhileMet,
)
from members.tiers.metrics import Metric

Metrics = Mapping[str, Metric]
A_LEAP_YEAR = 2024


def ladder_sentences(definition: Definition, metrics: Metrics) -> list[str]:
    """A sentence for each tier, then what is counted, how long a tier lasts, and what happens at its end."""
    said = [tier_sentence(definition, rank, metrics) for rank in range(len(definition.tiers))]
    said.append(_window(definition))
    said.append(_validity(definition))
    said += _ends(definition)
    said += [_milestone(mark, metrics) for mark in definition.milestones]
    if definition.challenge is not None:
        said.append(_challenge(definition, definition.challenge, metrics))
    return said


def tier_sentence(definition: Definition, rank: int, metrics: Metrics) -> str:
    """What it takes to reach and to keep a tier."""
    tier = definition.tiers[rank]
    if tier.entry is None:
        if rank == 0:
            return _("%(tier)s: everybody.") % {"tier": tier.name}
        said = _("%(tier)s: who is given it or pays for it.") % {"tier": tier.name}
    elif tier.keep is None:
        said = _("%(tier)s: from %(entry)s.") % {"tier": tier.name, "entry": requirement_text(tier.entry, metrics)}
    else:
        said = _("%(tier)s: from %(entry)s; %(keep)s to stay.") % {
            "tier": tier.name,
            "entry": requirement_text(tier.entry, metrics),
            "keep": requirement_text(tier.keep, metrics),
        }
    return said if tier.lifetime is None else f"{said} {_lifetime(tier, tier.lifetime, metrics)}"


def requirement_text(requirement: Requirement, metrics: Metrics) -> str:
    """The amounts: "500 points or 10 orders"."""
    all_of = _listed([quota_text(quota, metrics) for quota in requirement.all_of])
    any_of = _listed([quota_text(quota, metrics) for quota in requirement.any_of], style="or")
    if all_of and any_of:
        return _("%(all)s, and %(any)s") % {"all": all_of, "any": any_of}
    return all_of or any_of


def quota_text(quota: Quota, metrics: Metrics) -> str:
    """One amount: "500 points"."""
    return amount_text(quota.metric, quota.at_least, metrics)


def amount_text(metric: str, amount: int, metrics: Metrics) -> str:
    """An amount of a metric; of one that is not declared any more, its name."""
    known = metrics.get(metric)
    return known.text(amount) if known else f"{amount} {metric}"


def until_text(until: datetime, zone: ZoneInfo) -> str:
    """The last day of what ends at an instant: "31 December 2026"."""
    return day_text(local_day(until - timedelta(microseconds=1), zone), language=_language())


def _lifetime(tier: Tier, requirement: Requirement, metrics: Metrics) -> str:
    said = _("Who has collected %(amount)s in all keeps %(tier)s for life.")
    return said % {"amount": requirement_text(requirement, metrics), "tier": tier.name}


def _window(definition: Definition) -> str:
    match definition.window:
        case CalendarYear():
            said = _("What is collected within a calendar year counts.")
        case CalendarMonth():
            said = _("What is collected within a calendar month counts.")
        case FiscalYear(begins):
            said = _("What is collected within a year from %(day)s counts.") % {"day": _day_of_year(begins)}
        case MembershipYear():
            said = _("What is collected within a year of membership counts.")
        case Rolling(count, span):
            said = _("What is collected within the last %(time)s counts.") % {"time": _time(count, span)}
        case SinceEntry():
            said = _("What is collected since a tier was reached or renewed counts; then counting begins anew.")
        case _:
            said = _("Everything that was ever collected counts.")
    return said


def _validity(definition: Definition) -> str:
    match definition.validity:
        case WhileMet():
            said = _("A tier is held as long as enough of it counts.")
        case RestOfPeriod(0):
            said = _("A tier is held until the period ends in which it was reached.")
        case RestOfPeriod(further):
            said = ngettext(
                "A tier is held for the rest of the period in which it was reached, and the next one.",
                "A tier is held for the rest of the period in which it was reached, and the next %(count)d.",
                further,
            )
            said = said % {"count": further}
        case Lasting(count, span, to_month_end):
            said = (
                _("A tier is held for %(time)s, to the end of the month.")
                if to_month_end
                else _("A tier is held for %(time)s.")
            )
            said = said % {"time": _time(count, span)}
        case UntilDay(day, years):
            said = ngettext(
                "A tier is held up to %(day)s of the year after the one in which it was reached.",
                "A tier is held up to %(day)s, %(count)d years after the one in which it was reached.",
                years,
            )
            said = said % {"day": _day_of_year(day), "count": years}
        case _:
            said = _("Nobody loses a tier.")
    return said


def _ends(definition: Definition) -> list[str]:
    if isinstance(definition.validity, ForEver):
        return []
    drops = {
        Drop.EARNED: _("Who does not keep a tier falls to the one they earned."),
        Drop.ONE: _("Who does not keep a tier falls by one, and never below what they earned."),
        Drop.FORMER: _(
            "Who does not keep a tier falls to the one they had before it, and never below what they earned."
        ),
    }
    said = [drops[definition.drop]]
    if definition.grace is not None:
        said.insert(0, _grace(definition.grace))
    match definition.rollover:
        case Share(100):
            said.append(_("What was more than a tier takes counts in the next period."))
        case Share(percent):
            said.append(
                _("%(percent)d %% of what was more than a tier takes counts in the next period.") % {"percent": percent}
            )
        case Reserve():
            said.append(
                _("What was more than a tier takes is kept in reserve, and helps to stay in a period that lacks some.")
            )
    return said


def _grace(grace: Grace) -> str:
    said = (
        _("It stays %(time)s longer, to the end of the month, for those who need a little more.")
        if grace.to_month_end
        else _("It stays %(time)s longer for those who need a little more.")
    )
    return said % {"time": _time(grace.count, grace.span)}


def _milestone(mark: Milestone, metrics: Metrics) -> str:
    amount = amount_text(mark.metric, mark.at, metrics)
    said = (
        _("Milestone “%(name)s”: at every %(amount)s.") if mark.repeats else _("Milestone “%(name)s”: at %(amount)s.")
    )
    if mark.over_all_time:
        said = (
            _("Milestone “%(name)s”: at every %(amount)s over all time.")
            if mark.repeats
            else _("Milestone “%(name)s”: at %(amount)s over all time.")
        )
    return said % {"name": mark.name, "amount": amount}


def _challenge(definition: Definition, challenge: Challenge, metrics: Metrics) -> str:
    said = ngettext(
        "Challenge: %(tier)s on trial for %(days)d days, kept with %(target)s in them; once a year.",
        "Challenge: %(tier)s on trial for %(days)d days, kept with %(target)s in them; once in %(years)d years.",
        challenge.once_in_years,
    )
    rank = definition.rank(challenge.tier) or 0
    return said % {
        "tier": definition.tiers[rank].name,
        "days": challenge.days,
        "target": quota_text(challenge.target, metrics),
        "years": challenge.once_in_years,
    }


def _time(count: int, span: Span) -> str:
    if span is Span.DAYS:
        return ngettext("%(count)d day", "%(count)d days", count) % {"count": count}
    return ngettext("%(count)d month", "%(count)d months", count) % {"count": count}


def _day_of_year(text: str) -> str:
    month, day = month_and_day(text)
    return near_day_text(date(A_LEAP_YEAR, month, day), language=_language())


def _listed(texts: list[str], *, style: str = "standard") -> str:
    return (
        format_list(texts, style="or" if style == "or" else "standard", locale=_language().replace("-", "_"))
        if texts
        else ""
    )


def _language() -> str:
    return get_language() or "en"
