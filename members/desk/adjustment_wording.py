"""What the desk says about adjustments, in the active language."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from kernel.errors import DomainError
from kernel.wording import number_text
from ledger.adjustments import Adjustment
from ledger.errors import AdjustmentLineOverdue, InsufficientPoints
from ledger.queries import Unit

LAPSED = "LAPSED"
STATES: dict[str, Any] = {**dict(Adjustment.State.choices), LAPSED: gettext_lazy("lapsed")}
STATE_LABELS = {
    "OPEN": "warning",
    "APPROVED": "success",
    "REJECTED": "danger",
    "WITHDRAWN": "default",
    LAPSED: "default",
}
BADGES = {"OPEN": "is-warn", "APPROVED": "is-good", "REJECTED": "is-bad"}


def state_of(adjustment: Adjustment, at: datetime) -> str:
    """Its state at an instant: one of `STATES`."""
    return LAPSED if adjustment.has_lapsed(at) else adjustment.state


def amount_text(minor: int, unit: Unit) -> str:
    """An amount with its unit: "1,250 Points"."""
    return f"{number_text(minor, decimals=unit.decimals, language=get_language() or 'en')} {unit.name}"


def sums_text(plus: int, minus: int, unit: Unit) -> str:
    """Two sums with their signs, of which one may be nothing."""
    language = get_language() or "en"
    parts = [f"+{number_text(plus, decimals=unit.decimals, language=language)}"] if plus else []
    if minus:
        parts.append(f"−{number_text(minus, decimals=unit.decimals, language=language)}")  # noqa: RUF001  # a minus
    return f"{' '.join(parts) or '0'} {unit.name}"


def why_not_posted(code: str) -> str:
    """What kept a line from being posted."""
    return {
        InsufficientPoints.code: _("The points were spent meanwhile."),
        AdjustmentLineOverdue.code: _("The last day was over."),
    }.get(code, code)


def refusal_text(refusal: DomainError, unit: Unit) -> str:
    """Why something was refused, and what to do."""
    facts: dict[str, Any] = dict(refusal.facts)
    for name in ("required", "spendable", "limit", "used", "asked"):
        if name in facts:
            facts[name] = amount_text(facts[name], unit)
    if "state" in facts:
        facts["state"] = STATES[facts["state"]]
    if "expires_at" in facts:
        facts["day"] = f"{timezone.localtime(facts['expires_at']):%Y-%m-%d}"
    return _REFUSALS[refusal.code](facts) if refusal.code in _REFUSALS else str(refusal)


def _said(text: Any) -> Callable[[dict[str, Any]], str]:
    return lambda facts: str(text) % facts


_REFUSALS = {
    "insufficient_points": _said(
        gettext_lazy("Member %(member)s can spend %(spendable)s, and %(required)s would be taken. Take less.")
    ),
    "adjustment_limit_reached": _said(
        gettext_lazy(
            "One person may ask for %(limit)s within 24 hours. You asked for %(used)s already, and this is %(asked)s."
            " Ask a colleague, or wait."
        )
    ),
    "adjustment_line_overdue": _said(
        gettext_lazy("What member %(member)s would get expired on %(day)s. Ask again with a later last day.")
    ),
    "adjustment_not_open": _said(gettext_lazy("It is %(state)s: there is nothing to decide any more.")),
    "adjustment_payload_changed": _said(
        gettext_lazy("What you looked at is not what would be approved. Look at it again.")
    ),
    "adjustment_takes_two": _said(gettext_lazy("You asked for it, so somebody else has to decide.")),
    "adjustment_approver_is_new": _said(
        gettext_lazy("Who asked made you an approver less than 24 hours ago: somebody else has to decide.")
    ),
    "adjustment_not_yours": _said(gettext_lazy("Only who asked for it can withdraw it.")),
    "own_account": _said(gettext_lazy("Member %(member)s is you, and nobody adjusts their own points.")),
    "reference_reused": _said(gettext_lazy("This form was sent before, with other contents. Fill in a new one.")),
}
