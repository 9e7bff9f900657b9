"""What a unit's policy says: typed, and read from and written to the JSON of `UnitPolicy.definition`."""

from datetime import date
from enum import StrEnum
from typing import Any

import msgspec

from ledger.errors import PolicyInvalid

MOST_DATES = 20
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


class Span(StrEnum):
    DAYS = "days"
    MONTHS = "months"
    YEARS = "years"


MOST = {Span.DAYS: 36_500, Span.MONTHS: 1_200, Span.YEARS: 100}


class RoundUp(StrEnum):
    """To the end of what the last day is moved."""

    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"


class Activity(StrEnum):
    """What a member does that keeps points alive."""

    EARN = "earn"
    SPEND = "spend"
    VISIT = "visit"
    BUY = "buy"


class _Term(msgspec.Struct, frozen=True, tag_field="kind", omit_defaults=True, forbid_unknown_fields=True):
    pass


class Never(_Term, frozen=True, tag="never"):
    """They never expire."""


class Rolling(_Term, frozen=True, tag="rolling"):
    """
    So long after they became active; the last day may move to the end of a period, or of the month `round_to_month`
    (1 to 12), whichever is set.
    """

    count: int
    span: Span = Span.MONTHS
    round_up: RoundUp | None = None
    round_to_month: int | None = None


class Dates(_Term, frozen=True, tag="dates"):
    """
    At the end of the next of these days of the year (`MM-DD`) that is at least `at_least_days` away, so that nobody
    earns in the evening what is gone in the morning.
    """

    days: tuple[str, ...]
    at_least_days: int = 0


class Sweep(_Term, frozen=True, tag="sweep"):
    """All together at the end of one day, whenever they were earned; what is earned later does not expire."""

    day: date


class Inactivity(_Term, frozen=True, tag="inactivity"):
    """So long after the member's last activity of the listed kinds: each of them moves the end of all that is left."""

    count: int
    span: Span = Span.MONTHS
    round_up: RoundUp | None = None
    round_to_month: int | None = None
    activities: tuple[Activity, ...] = (Activity.EARN, Activity.SPEND, Activity.VISIT)


class BirthMonth(_Term, frozen=True, tag="birth_month"):
    """
    At the end of the member's month of birth, `years` calendar years after the year in which they became active. The
    month in which they did stands in for a month of birth that isn't known.
    """

    years: int = 3


Expiry = Never | Rolling | Dates | Sweep | Inactivity | BirthMonth


class AtOnce(_Term, frozen=True, tag="at_once"):
    """Earned points can be spent at once."""


class AfterDays(_Term, frozen=True, tag="after_days"):
    """Earned points can be spent from the start of the day so many days later, when goods can't come back any more."""

    days: int


class OnDelivery(_Term, frozen=True, tag="on_delivery"):
    """Earned points can be spent when the order is reported as delivered, at the latest after `at_most_days`."""

    at_most_days: int = 60


Activation = AtOnce | AfterDays | OnDelivery


class Decay(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    What a silent account loses: after `after_weeks` without an earning, in each further week the larger of
    `share_permille` of its balance and `fixed` minor units, and all of it after `rest_after_weeks`.
    """

    after_weeks: int
    share_permille: int
    fixed: int
    rest_after_weeks: int | None = None


class Policy(msgspec.Struct, frozen=True, omit_defaults=True, forbid_unknown_fields=True):
    """
    How amounts of a unit come to life and end. `last_day` is the programme's end: nothing lives longer, whatever
    `expiry` says.
    """

    expiry: Expiry = Never()
    activation: Activation = AtOnce()
    last_day: date | None = None
    decay: Decay | None = None


def after(count: int, span: Span = Span.DAYS) -> Policy:
    """The plain policy: points live for so long."""
    return Policy(expiry=Rolling(count, span))


def read(stored: Any) -> Policy:
    """
    Read a stored or imported policy.

    :raises PolicyInvalid: with a pointer, what is wrong and what was expected
    """
    try:
        policy = msgspec.convert(stored, Policy)
    except msgspec.ValidationError as error:
        problem, _, path = str(error).partition(" - at `$")
        pointer = path.rstrip("`").replace("[", "/").replace("]", "").replace(".", "/")
        raise PolicyInvalid(pointer=pointer, problem=problem, expected="a policy of a unit") from error
    check(policy)
    return policy


def write(policy: Policy) -> Any:
    """The JSON form of a policy."""
    return msgspec.to_builtins(policy)


def check(policy: Policy) -> None:
    """
    Refuse a policy that no earning could follow.

    :raises PolicyInvalid: with a pointer, what is wrong and what was expected
    """
    check_expiry(policy.expiry, "/expiry")
    match policy.activation:
        case AfterDays(days) | OnDelivery(days):
            _within(days, 1, 365, "/activation/days")
    if policy.decay is not None:
        _check_decay(policy.decay)


def check_expiry(expiry: Expiry, pointer: str) -> None:
    """
    Refuse an expiry that no earning could follow; rules may have one of their own.

    :raises PolicyInvalid: with a pointer, what is wrong and what was expected
    """
    match expiry:
        case Rolling(count, span, round_up, round_to_month) | Inactivity(count, span, round_up, round_to_month):
            least = 1 if isinstance(expiry, Inactivity) or (round_up is None and round_to_month is None) else 0
            _within(count, least, MOST[span], f"{pointer}/count")
            if round_to_month is not None:
                _within(round_to_month, 1, 12, f"{pointer}/round_to_month")
            if round_up is not None and round_to_month is not None:
                raise PolicyInvalid(
                    pointer=f"{pointer}/round_up", problem=round_up.value, expected="one way of rounding, not two"
                )
            if isinstance(expiry, Inactivity) and not expiry.activities:
                raise PolicyInvalid(pointer=f"{pointer}/activities", problem="empty", expected="at least one activity")
        case Dates(days, at_least_days):
            _within(len(days), 1, MOST_DATES, f"{pointer}/days")
            _within(at_least_days, 0, 3650, f"{pointer}/at_least_days")
            for day in days:
                month_and_day(day, pointer=f"{pointer}/days")
        case BirthMonth(years):
            _within(years, 1, 50, f"{pointer}/years")


def month_and_day(text: str, *, pointer: str = "") -> tuple[int, int]:
    """
    Read `MM-DD`; 29 February is a day of the year.

    :raises PolicyInvalid: if it is no day of the year
    """
    month, _, day = text.partition("-")
    if len(month) == len(day) == 2 and month.isdecimal() and day.isdecimal():  # MM-DD
        number = int(month), int(day)
        if 1 <= number[0] <= len(DAYS_OF_MONTH) and 1 <= number[1] <= DAYS_OF_MONTH[number[0] - 1]:
            return number
    raise PolicyInvalid(pointer=pointer, problem=text, expected="a day of the year such as 12-31")


def _check_decay(decay: Decay) -> None:
    _within(decay.after_weeks, 1, 520, "/decay/after_weeks")
    _within(decay.share_permille, 0, 1000, "/decay/share_permille")
    _within(decay.fixed, 0, 10**9, "/decay/fixed")
    if not decay.share_permille and not decay.fixed:
        raise PolicyInvalid(pointer="/decay/fixed", problem=0, expected="a share or an amount to lose")
    if decay.rest_after_weeks is not None:
        _within(decay.rest_after_weeks, decay.after_weeks + 1, 1040, "/decay/rest_after_weeks")


def _within(value: int, least: int, most: int, pointer: str) -> None:
    if not least <= value <= most:
        raise PolicyInvalid(pointer=pointer, problem=value, expected=f"between {least} and {most}")
