"""
Every write about tiers.

All verbs are keyword-only, take the clock as `at` and run in the caller's transaction. Lock order: a ladder or its
version, then members' rows by id; nothing of the ledger is locked here, nor may it be locked before.
"""

from members.tiers.services.granting import Floor, Paid, end_grant, grant_paid, override, start_challenge
from members.tiers.services.publishing import create_ladder, discard_draft, publish_draft, save_draft
from members.tiers.services.reviewing import review, review_due, review_next_of_new_versions

__all__ = [
    "Floor",
    "Paid",
    "create_ladder",
    "discard_draft",
    "end_grant",
    "grant_paid",
    "override",
    "publish_draft",
    "review",
    "review_due",
    "review_next_of_new_versions",
    "save_draft",
    "start_challenge",
]
