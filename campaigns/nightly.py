"""What campaigns ask of the night: birthdays, anniversaries, and that a day has begun."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from campaigns.inforce import Timetable, terms
from campaigns.occasions import happen, occasion, waiting
from conditions.clock import is_possible
from conditions.situation import ZONE, Situation
from kernel.periods import start_of_day
from ledger import nightly
from ledger.nightly import Batch, NightlyRun, Step
from members.celebrating import anniversaries, anniversary_of, birthday_of, birthdays
from members.models import Member
from orders.events.builtin import ANNIVERSARY, BIRTHDAY, SCHEDULE
from orders.events.facts import EventDraft
from orders.events.types import Happening
from shops.models import Programme

AT_ONCE = 500

Days = Sequence[date]
Finding = Callable[[Programme, Days], QuerySet[Member]]
Telling = Callable[[Programme, Days, Member], Iterator[EventDraft]]


def register() -> None:
    """Add the steps; called when the app starts."""
    first = nightly.OCCASIONS
    nightly.add(first, _step("birthdays", _("Celebrate birthdays"), BIRTHDAY, birthdays, _birthday))
    nightly.add(
        first + 1,
        _step("anniversaries", _("Celebrate anniversaries of memberships"), ANNIVERSARY, anniversaries, _anniversary),
    )
    nightly.add(first + 2, _step("schedule", _("Do what is due on a day"), SCHEDULE, _everybody, _new_day))


def _step(name: str, label: str | Promise, type_: str, find: Finding, tell: Telling) -> Step:
    """Members in the order of their ids, those for whom a rule of this night waits."""

    def count(run: NightlyRun) -> int:
        days = _days(run, type_)
        return find(run.programme, days).count() if days else 0

    def work(run: NightlyRun, cursor: int) -> Batch:
        programme, days = run.programme, _days(run, type_)
        found = list(find(programme, days).filter(pk__gt=cursor)[:AT_ONCE]) if days else []
        happen(programme, [draft for member in found for draft in tell(programme, days, member)])
        return Batch(len(found), found[-1].pk if len(found) == AT_ONCE else None)

    return Step(name, label, count, work)


def _days(run: NightlyRun, type_: str) -> list[date]:
    """The days of this run for which a rule waits that may hold then."""
    programme = run.programme
    rules = terms(programme.pk).rules
    return [day for day in nightly.days_of(run) if _is_due(rules, type_, programme, day)]


def _is_due(rules: Timetable, type_: str, programme: Programme, day: date) -> bool:
    at = _begin(day, programme)
    asked = Situation(Happening(type_, {}), at, {ZONE: programme.time_zone})
    return any(is_possible(rule.condition, asked) for rule in waiting(rules, type_, at))


def _begin(day: date, programme: Programme) -> datetime:
    return start_of_day(day, programme.zone)


def _birthday(programme: Programme, days: Days, member: Member) -> Iterator[EventDraft]:
    # Once in a calendar year, whatever day is told to be the birthday later in it.
    told = birthday_of(member, days)
    reference = f"birthday:{told.day.year}:{told.number}"
    yield occasion(BIRTHDAY, reference, member=told.number, at=_begin(told.day, programme))


def _anniversary(programme: Programme, days: Days, member: Member) -> Iterator[EventDraft]:
    told = anniversary_of(member, days, programme.zone)
    if told.years > 0:
        reference = f"anniversary:{told.years}:{told.number}"
        payload = {"years": told.years}
        yield occasion(ANNIVERSARY, reference, member=told.number, at=_begin(told.day, programme), payload=payload)


def _everybody(programme: Programme, _days: Days) -> QuerySet[Member]:
    return Member.objects.filter(programme=programme, status=Member.Status.ACTIVE).order_by("pk")


def _new_day(programme: Programme, days: Days, member: Member) -> Iterator[EventDraft]:
    for day in days:
        at = _begin(day, programme)
        if member.joined_at <= at:
            yield occasion(SCHEDULE, f"day:{day}:{member.number}", member=member.number, at=at)
