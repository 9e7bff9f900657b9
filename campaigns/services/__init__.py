"""
Campaigns: editing and publishing; accepting what sources report.

Lock order of accepting: references, orders or events, then wallets (in `ledger`), budgets and stock last.
"""

from campaigns.answers import Accepted, AcceptedEvent, Earned
from campaigns.services.accepting import accept_order, accept_orders, plan_order
from campaigns.services.delivering import AcceptedDelivery, accept_delivery
from campaigns.services.occurring import accept_event, accept_events, plan_event, plan_events
from campaigns.services.publishing import (
    create_campaign,
    discard_draft,
    publish_draft,
    restore_version,
    resume_campaign,
    save_draft,
    stop_campaign,
)
from campaigns.services.returning import AcceptedReturn, accept_return, accept_returns

__all__ = [
    "Accepted",
    "AcceptedDelivery",
    "AcceptedEvent",
    "AcceptedReturn",
    "Earned",
    "accept_delivery",
    "accept_event",
    "accept_events",
    "accept_order",
    "accept_orders",
    "accept_return",
    "accept_returns",
    "create_campaign",
    "discard_draft",
    "plan_event",
    "plan_events",
    "plan_order",
    "publish_draft",
    "restore_version",
    "resume_campaign",
    "save_draft",
    "stop_campaign",
]
