"""How the desk speaks of purchases."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from ledger.purchases import Purchase

LAPSED = "LAPSED"
STATES: Mapping[str, Any] = {**dict(Purchase.State.choices), LAPSED: _("not paid in time")}
# Colours of the list, and of the page.
STATE_LABELS = {"REQUESTED": "warning", "AUTHORISED": "info", "CAPTURED": "success", "REFUNDED": "primary"}
BADGES = {"REQUESTED": "is-warn", "AUTHORISED": "is-warn", "CAPTURED": "is-good"}

_REFUSALS: Mapping[str, Any] = {
    "payment_mismatch": _("The money is not that of this purchase."),
    "payment_contradicted": _("Another payment pays this purchase, or this payment pays another one."),
    "purchase_not_open": _("It was cancelled, or nobody paid in time."),
    "purchase_captured": _("It is paid: it can be refunded, and not cancelled."),
    "purchase_not_captured": _("It is not paid, so nothing goes back."),
    "purchase_limit_reached": _("The member would buy more in the calendar year than they may."),
    "purchase_unknown": _("No purchase was known to be paid by it."),
    "refund_not_whole": _("Only stored value goes back in parts."),
    "notice_reused": _("Something else was said under this name before."),
    "withdrawal_refused": _("The time to withdraw is over, or something of it was used."),
}


def state_of(purchase: Purchase, at: datetime) -> str:
    """The state at an instant: nobody writes down that a request ended by itself."""
    return LAPSED if purchase.has_lapsed(at) else str(purchase.state)


def why_refused(code: str) -> Any:
    """Why a notice was refused."""
    return _REFUSALS.get(code, code)


def refusal_text(refusal: DomainError) -> Any:
    """Why what was done at the desk was refused; an error nobody worded goes on as it came."""
    if refusal.code not in _REFUSALS:
        raise refusal
    return _REFUSALS[refusal.code]
