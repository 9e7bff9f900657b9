"""
Numbers about what happened before: which there are, and over which stretch of time.

Every stretch ends at the moment that is asked about: what happens in that very moment is not before it. It begins, by
the calendar and the clock of the shop,
- `"ever"`: at the first of all,
- `{"last": 90, "unit": "day"}`: so much earlier on the same clock (a month before 31 March is 28 February),
- `{"period": "current", "unit": "month"}`: with the day, week (from Monday), month, quarter or year that it is,
- `{"period": "previous", ...}`: with the one before, and ends with it.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

import msgspec

from conditions.errors import ConditionInvalid

# A hundred years: before that no calendar reaches.
MOST = {"day": 36_500, "week": 5_200, "month": 1_200, "year": 100}
PERIODS = ("day", "week", "month", "quarter", "year")
_WINDOWS = "ever, or last with unit, or period with unit"


class Measure(StrEnum):
    """
    `average` is rounded down; `last` is the days since the last one, by the calendar; `distinct_days` counts days with
    at least one. Where nothing happened there is neither an average nor a last one, and all else is 0.
    """

    SUM = "sum"
    COUNT = "count"
    AVERAGE = "average"
    LAST = "last"
    DISTINCT_DAYS = "distinct_days"


MEASURED = frozenset({Measure.SUM, Measure.AVERAGE})


class Reach(StrEnum):
    """How a window begins and ends."""

    EVER = "ever"
    LAST = "last"
    CURRENT = "current"
    PREVIOUS = "previous"


class Window(msgspec.Struct, frozen=True):
    """A stretch of time before a moment; `count` units for `last`."""

    reach: Reach
    unit: str = ""
    count: int = 0


def read_window(written: Any, *, pointer: str = "") -> Window:
    """
    Read a stretch of time from JSON.

    :raises ConditionInvalid: with a pointer to the part that is wrong and what was expected
    """
    if written == Reach.EVER:
        return Window(Reach.EVER)
    shape = set(written) if isinstance(written, Mapping) else set()
    if shape == {"last", "unit"}:
        return _last(written, pointer)
    if shape == {"period", "unit"}:
        _check_one_of(written["period"], ("current", "previous"), f"{pointer}/period")
        _check_one_of(written["unit"], PERIODS, f"{pointer}/unit")
        return Window(Reach(written["period"]), written["unit"])
    raise ConditionInvalid(pointer=pointer, problem=written, expected=_WINDOWS)


def _last(written: Mapping[str, Any], pointer: str) -> Window:
    _check_one_of(written["unit"], tuple(MOST), f"{pointer}/unit")
    most = MOST[written["unit"]]
    if type(written["last"]) is not int or not 0 < written["last"] <= most:
        raise ConditionInvalid(
            pointer=f"{pointer}/last", problem=written["last"], expected=f"a whole number from 1 to {most}"
        )
    return Window(Reach.LAST, written["unit"], written["last"])


def _check_one_of(given: Any, expected: tuple[str, ...], pointer: str) -> None:
    if not isinstance(given, str) or given not in expected:
        raise ConditionInvalid(pointer=pointer, problem=given, expected=list(expected))
