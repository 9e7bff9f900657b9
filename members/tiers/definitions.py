"""What a version of a ladder says: typed, and read from and written to the JSON of `LadderVersion.definition`."""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import Any

import msgspec

from ledger.errors import PolicyInvalid
from ledger.policies import month_and_day
from members.tiers.errors import LadderInvalid

MOST_TIERS = 12
MOST_QUOTAS = 4
MOST_MILESTONES = 12
LARGEST = 10**12
KEY_LENGTH = 40


class Span(StrEnum):
    DAYS = "days"
    MONTHS = "months"


class Drop(StrEnum):
    """Where to, when a tier is not kept. Nobody falls below what they earned."""

    EARNED = "earned"
    ONE = "one"
    FORMER = "former"


class _Term(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    pass


class _Kind(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    pass


class Quota(_Term, frozen=True):
    """`at_least` so much, in minor units, of a metric such as `points:status`, `spent` or `orders`."""

    metric: str
    at_least: int


class Requirement(_Term, frozen=True):
    """All of `all_of`, and one of `any_of` if there are some. A quota of a part beside the whole is a sub-quota."""

    any_of: tuple[Quota, ...] = ()
    all_of: tuple[Quota, ...] = ()

    @property
    def quotas(self) -> tuple[Quota, ...]:
        return self.all_of + self.any_of


class Tier(_Term, frozen=True):
    """
    One level. The first without `entry` is where everybody begins; a higher one without it is only ever granted, as a
    paid tier is. `keep` is what it takes to stay (none: as much as `entry`), `lifetime` what makes it for ever,
    counted over all time.
    """

    key: str
    name: str
    entry: Requirement | None = None
    keep: Requirement | None = None
    lifetime: Requirement | None = None


class CalendarYear(_Kind, frozen=True, tag="calendar_year"):
    """From 1 January."""


class CalendarMonth(_Kind, frozen=True, tag="calendar_month"):
    """From the first of the month."""


class FiscalYear(_Kind, frozen=True, tag="fiscal_year"):
    """A year from the day `begins` (`MM-DD`)."""

    begins: str


class MembershipYear(_Kind, frozen=True, tag="membership_year"):
    """A year from the day the member joined."""


class Rolling(_Kind, frozen=True, tag="rolling"):
    """The last so many months or days, today included."""

    count: int
    span: Span = Span.MONTHS


class SinceEntry(_Kind, frozen=True, tag="since_entry"):
    """From when the tier was reached or renewed: counting begins anew with each step."""


class AllTime(_Kind, frozen=True, tag="all_time"):
    """Everything since the beginning."""


Window = CalendarYear | CalendarMonth | FiscalYear | MembershipYear | Rolling | SinceEntry | AllTime
PERIODS = (CalendarYear, CalendarMonth, FiscalYear, MembershipYear)


class WhileMet(_Kind, frozen=True, tag="while_met"):
    """As long as what it takes to stay is met in the window."""


class RestOfPeriod(_Kind, frozen=True, tag="rest_of_period"):
    """The rest of the window's period in which it was reached, and so many more periods."""

    further: int = 1


class Lasting(_Kind, frozen=True, tag="lasting"):
    """So many months, or days, from the day it was reached; the last day may move to the end of its month."""

    count: int
    span: Span = Span.MONTHS
    to_month_end: bool = False


class UntilDay(_Kind, frozen=True, tag="until_day"):
    """Up to and with a day (`MM-DD`), so many calendar years after the year in which it was reached."""

    day: str
    years: int = 1


class ForEver(_Kind, frozen=True, tag="for_ever"):
    """Once reached, nobody falls."""


Validity = WhileMet | RestOfPeriod | Lasting | UntilDay | ForEver


class Grace(_Term, frozen=True):
    """A tier that was not kept stays for so long."""

    count: int
    span: Span = Span.MONTHS
    to_month_end: bool = False


class Share(_Kind, frozen=True, tag="share"):
    """So much of the surplus over what the reached tier takes counts in the next window."""

    percent: int = 100


class Reserve(_Kind, frozen=True, tag="reserve"):
    """The surplus is kept apart, and used only when a window did not keep the tier by itself."""


Rollover = Share | Reserve


class Milestone(_Term, frozen=True):
    """A mark beside the tiers: at `at`, or at every `at`, of a metric in a window, or over all time."""

    key: str
    name: str
    metric: str
    at: int
    repeats: bool = False
    over_all_time: bool = False


class Challenge(_Term, frozen=True):
    """A tier on trial for `days`, kept by who meets `target` in them; at most once in so many years."""

    tier: str
    days: int
    target: Quota
    once_in_years: int = 1


class Definition(_Term, frozen=True):
    """A ladder: its tiers, lowest first, and how members move on it."""

    tiers: tuple[Tier, ...]
    window: Window = msgspec.field(default_factory=CalendarYear)
    validity: Validity = msgspec.field(default_factory=RestOfPeriod)
    grace: Grace | None = None
    drop: Drop = Drop.EARNED
    rollover: Rollover | None = None
    milestones: tuple[Milestone, ...] = ()
    challenge: Challenge | None = None

    @property
    def base(self) -> int:
        """The rank of the tier that everybody is in; -1 if there is none."""
        return 0 if self.tiers[0].entry is None else -1

    def rank(self, key: str) -> int | None:
        """The place of a tier, 0 for the lowest; None for one that the ladder does not have."""
        return next((rank for rank, tier in enumerate(self.tiers) if tier.key == key), None)


def metrics_of(definition: Definition) -> list[str]:
    """Every metric that the ladder asks for, in the order in which it does."""
    return list(dict.fromkeys(metric for metric, _ in _metrics(definition)))


def read(stored: Any) -> Definition:
    """
    Read a stored or imported definition.

    :raises LadderInvalid: with a pointer, what is wrong and what was expected
    """
    try:
        definition = msgspec.convert(stored, Definition)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise LadderInvalid(pointer=pointer, problem=problem, expected="a ladder of tiers") from error
    check(definition)
    return definition


def write(definition: Definition) -> Any:
    """The JSON form of a definition."""
    return msgspec.to_builtins(definition)


def check(definition: Definition, *, metrics: Collection[str] | None = None) -> None:
    """
    Refuse a ladder that nobody could stand on; `metrics` are those of the programme, if known.

    :raises LadderInvalid: with a pointer, what is wrong and what was expected
    """
    _within(len(definition.tiers), 1, MOST_TIERS, "/tiers")
    _own_keys([tier.key for tier in definition.tiers], "/tiers")
    for index, tier in enumerate(definition.tiers):
        _check_tier(tier, f"/tiers/{index}")
    _check_time(definition)
    _check_fall(definition)
    _within(len(definition.milestones), 0, MOST_MILESTONES, "/milestones")
    _own_keys([milestone.key for milestone in definition.milestones], "/milestones")
    for index, milestone in enumerate(definition.milestones):
        _named(milestone.name, f"/milestones/{index}/name")
        _within(milestone.at, 1, LARGEST, f"/milestones/{index}/at")
        if not milestone.over_all_time and not isinstance(definition.window, (*PERIODS, AllTime)):
            expected = "all time: the ladder's window has no beginning of its own"
            raise LadderInvalid(pointer=f"/milestones/{index}/over_all_time", problem=False, expected=expected)
    if definition.challenge is not None:
        _check_challenge(definition, definition.challenge)
    if metrics is not None:
        for metric, pointer in _metrics(definition):
            if metric not in metrics:
                raise LadderInvalid(pointer=pointer, problem=metric, expected=sorted(metrics))


def _check_tier(tier: Tier, pointer: str) -> None:
    _named(tier.name, f"{pointer}/name")
    for name, requirement in (("entry", tier.entry), ("keep", tier.keep), ("lifetime", tier.lifetime)):
        if requirement is not None:
            _check_requirement(requirement, f"{pointer}/{name}")
    if tier.entry is None and tier.keep is not None:
        raise LadderInvalid(pointer=f"{pointer}/keep", problem="given", expected="something to enter by")


def _check_requirement(requirement: Requirement, pointer: str) -> None:
    _within(len(requirement.quotas), 1, MOST_QUOTAS, pointer)
    for name, quotas in (("all_of", requirement.all_of), ("any_of", requirement.any_of)):
        for index, quota in enumerate(quotas):
            _within(quota.at_least, 1, LARGEST, f"{pointer}/{name}/{index}/at_least")


def _check_time(definition: Definition) -> None:
    window, validity = definition.window, definition.validity
    match window:
        case FiscalYear(begins):
            _day_of_year(begins, "/window/begins")
        case Rolling(count, span):
            _within(count, 1, _most(span), "/window/count")
    match validity:
        case RestOfPeriod(further):
            _within(further, 0, 24, "/validity/further")
            if not isinstance(window, PERIODS):
                expected = "another validity: the window has no periods"
                raise LadderInvalid(pointer="/validity/kind", problem="rest_of_period", expected=expected)
        case Lasting(count, span):
            _within(count, 1, _most(span), "/validity/count")
        case UntilDay(day, years):
            _day_of_year(day, "/validity/day")
            _within(years, 1, 20, "/validity/years")


def _check_fall(definition: Definition) -> None:
    if isinstance(definition.validity, WhileMet) and isinstance(definition.window, SinceEntry):
        expected = "a window that does not begin anew with each step, or tiers that last"
        raise LadderInvalid(pointer="/validity/kind", problem="while_met", expected=expected)
    if definition.grace is not None:
        _within(definition.grace.count, 1, _most(definition.grace.span), "/grace/count")
    elif isinstance(definition.validity, WhileMet) and definition.drop is not Drop.EARNED:
        expected = "a grace period: without one every review would be a step down"
        raise LadderInvalid(pointer="/drop", problem=definition.drop.value, expected=expected)
    if definition.rollover is not None:
        if isinstance(definition.rollover, Share):
            _within(definition.rollover.percent, 1, 100, "/rollover/percent")
        if not isinstance(definition.window, (*PERIODS, SinceEntry)):
            raise LadderInvalid(pointer="/rollover", problem="given", expected="a window that ends")
        if isinstance(definition.rollover, Reserve) and not isinstance(definition.window, PERIODS):
            raise LadderInvalid(pointer="/rollover/kind", problem="reserve", expected="a window of periods")


def _check_challenge(definition: Definition, challenge: Challenge) -> None:
    _within(challenge.days, 1, 366, "/challenge/days")
    _within(challenge.once_in_years, 1, 50, "/challenge/once_in_years")
    _within(challenge.target.at_least, 1, LARGEST, "/challenge/target/at_least")
    if (definition.rank(challenge.tier) or 0) == 0:
        raise LadderInvalid(pointer="/challenge/tier", problem=challenge.tier, expected="a tier above the first")
    if isinstance(definition.validity, WhileMet):
        expected = "a ladder whose tiers last: who met the target would fall at once"
        raise LadderInvalid(pointer="/challenge", problem="given", expected=expected)


def _metrics(definition: Definition) -> Iterator[tuple[str, str]]:
    for index, tier in enumerate(definition.tiers):
        for name, requirement in (("entry", tier.entry), ("keep", tier.keep), ("lifetime", tier.lifetime)):
            for quota in requirement.quotas if requirement else ():
                yield quota.metric, f"/tiers/{index}/{name}"
    for index, milestone in enumerate(definition.milestones):
        yield milestone.metric, f"/milestones/{index}/metric"
    if definition.challenge is not None:
        yield definition.challenge.target.metric, "/challenge/target/metric"


def _own_keys(keys: list[str], pointer: str) -> None:
    for index, key in enumerate(keys):
        if not 0 < len(key) <= KEY_LENGTH or key in keys[:index]:
            expected = f"a key of its own with 1 to {KEY_LENGTH} characters"
            raise LadderInvalid(pointer=f"{pointer}/{index}/key", problem=key, expected=expected)


def _named(name: str, pointer: str) -> None:
    if not 0 < len(name.strip()) <= KEY_LENGTH:
        raise LadderInvalid(pointer=pointer, problem=name, expected=f"a name with 1 to {KEY_LENGTH} characters")


def _most(span: Span) -> int:
    return 120 if span is Span.MONTHS else 3660


def _day_of_year(text: str, pointer: str) -> None:
    try:
        month_and_day(text)
    except PolicyInvalid as error:
        raise LadderInvalid(pointer=pointer, problem=text, expected="a day of the year such as 12-31") from error


def _within(value: int, least: int, most: int, pointer: str) -> None:
    if not least <= value <= most:
        raise LadderInvalid(pointer=pointer, problem=value, expected=f"between {least} and {most}")
