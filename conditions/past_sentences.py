"""Numbers about what happened before, in the reader's language."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from conditions.past import Reach, Window, read_window


def measured_text(tree: Mapping[str, Any], *, item: str, items: str, field: str, where: str) -> str:
    """What was measured, of which, and when: "the number of orders in the last 90 days"."""
    words = {
        "sum": _("%(field)s of all %(items)s together"),
        "average": _("%(field)s of %(items)s on average"),
        "count": _("the number of %(items)s"),
        "last": _("the days since the last %(item)s"),
        "distinct_days": _("the number of days with %(items)s"),
    }
    text = words[tree["measure"]] % {"item": item, "items": items, "field": field}
    when = window_text(read_window(tree["within"]))
    if when:
        text = _("%(what)s %(when)s") % {"what": text, "when": when}
    return _("%(what)s (only where %(where)s)") % {"what": text, "where": where} if where else text


def window_text(window: Window) -> str:
    """A stretch of time before a moment; empty for all of it."""
    if window.reach is Reach.EVER:
        return ""
    if window.reach is Reach.LAST:
        return _last(window.unit, window.count)
    return {
        (Reach.CURRENT, "day"): _("on the same day"),
        (Reach.CURRENT, "week"): _("in the same week"),
        (Reach.CURRENT, "month"): _("in the same month"),
        (Reach.CURRENT, "quarter"): _("in the same quarter"),
        (Reach.CURRENT, "year"): _("in the same year"),
        (Reach.PREVIOUS, "day"): _("on the day before"),
        (Reach.PREVIOUS, "week"): _("in the week before"),
        (Reach.PREVIOUS, "month"): _("in the month before"),
        (Reach.PREVIOUS, "quarter"): _("in the quarter before"),
        (Reach.PREVIOUS, "year"): _("in the year before"),
    }[window.reach, window.unit]


def _last(unit: str, count: int) -> str:
    words = {
        "day": ngettext("in the last day", "in the last %(count)s days", count),
        "week": ngettext("in the last week", "in the last %(count)s weeks", count),
        "month": ngettext("in the last month", "in the last %(count)s months", count),
        "year": ngettext("in the last year", "in the last %(count)s years", count),
    }
    return words[unit] % {"count": count}
