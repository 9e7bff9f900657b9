"""What makes points live: activities that keep them alive, reports that activate them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from ledger import policies
from ledger.policies import Activity
from ledger.queries import policies_at


@dataclass(frozen=True, slots=True)
class Activation:
    """The earning of this posting becomes active and lives until `expires_at` (None: for ever)."""

    posting_id: int
    expires_at: datetime | None


def keep_alive(*, wallet_id: int, activity: Activity, at: datetime) -> None:
    """
    The member did something: what they have of units whose policy listens to it lives on from `at`.

    Costs one short question where no unit does. What had lapsed by `at` stays lapsed.
    """
    kept = {}
    for unit_id, (policy, zone) in policies_at(wallet_id, at=at).items():
        until = policies.kept_alive(policy, activity, at=at, zone=zone)
        if until is not None:
            kept[unit_id] = until
    if not kept:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_keep_wallet_alive(%s, %s, %s::timestamptz[], %s)",
            [wallet_id, list(kept), list(kept.values()), at],
        )


def activate(*, activations: Sequence[Activation], at: datetime) -> list[int]:
    """
    Let earnings that wait be spent from `at` on; return the postings that did wait.

    Arrears are offset at once. Asking again, or for what is active, changes nothing.
    """
    if not activations:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_activate(%s, %s::timestamptz[], %s)",
            [[item.posting_id for item in activations], [item.expires_at for item in activations], at],
        )
        (woken,) = cursor.fetchone()
    return list(woken)
