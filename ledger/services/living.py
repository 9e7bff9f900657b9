"""What makes points live: activities that keep them alive, reports that activate them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection

from ledger import policies
from ledger.policies import Activity, Policy
from ledger.queries import policies_at
from ledger.services.decaying import decay_wallet
from roundtrips import Change, carry_out


@dataclass(frozen=True, slots=True)
class Activation:
    """The earning of this posting becomes active and lives until `expires_at` (None: for ever)."""

    posting_id: int
    expires_at: datetime | None


def keep_alive(
    *, wallet_id: int, activity: Activity, at: datetime, by: Mapping[int, tuple[Policy, ZoneInfo]] | None = None
) -> None:
    """
    The member did something: what they have of units whose policy listens to it lives on from `at`.

    Costs one short question where no unit does, none if the caller knows the policies already. What had lapsed by `at`
    stays lapsed.
    """
    carry_out(keeping_alive(wallet_id=wallet_id, activity=activity, at=at, by=by))


def keeping_alive(
    *, wallet_id: int, activity: Activity, at: datetime, by: Mapping[int, tuple[Policy, ZoneInfo]] | None = None
) -> list[Change]:
    """What `keep_alive` writes, if anything, for those who write more at once."""
    kept = {}
    for unit_id, (policy, zone) in (policies_at(wallet_id, at=at) if by is None else by).items():
        until = policies.kept_alive(policy, activity, at=at, zone=zone)
        if until is not None:
            kept[unit_id] = until
    if not kept:
        return []
    call = "ledger_keep_wallet_alive(%s, %s, %s::timestamptz[], %s)"
    return [Change(call, (wallet_id, list(kept), list(kept.values()), at))]


def before_spending(*, wallet_id: int, unit_id: int, at: datetime) -> Mapping[int, tuple[Policy, ZoneInfo]]:
    """Post what a silent wallet lost by `at`, where the unit's policy says so; return all policies of the wallet."""
    found = policies_at(wallet_id, at=at)
    policy, _zone = found.get(unit_id, (None, None))
    if policy is not None and policy.decay is not None:
        decay_wallet(wallet_id=wallet_id, unit_id=unit_id, decay=policy.decay, at=at)
    return found


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
