"""Reads about manual adjustments, for those who ask and those who approve. Amounts are minor units of the unit."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.models import Count, Q, QuerySet

from ledger import policies
from ledger.models import Adjustment as Adjustment  # noqa: PLC0414  # rooms above may name it
from ledger.models import AdjustmentLine as AdjustmentLine  # noqa: PLC0414  # rooms above may name it
from ledger.models import Unit
from ledger.queries import policies_in_force

NEEDS_WORK = Q(state=Adjustment.State.APPROVED, stopped_at__isnull=True) & Q(
    pk__in=AdjustmentLine.objects.filter(posting__isnull=True, refusal="").values("adjustment_id")
)


@dataclass(frozen=True, slots=True)
class AskedFor:
    """Requests added up: how many, and their sums, both positive."""

    requests: int = 0
    plus: int = 0
    minus: int = 0


@dataclass(frozen=True, slots=True)
class AskedNearby:
    """
    What else was asked for in the same unit within 24 hours before and after a request, itself included; rejected and
    withdrawn requests are left out.

    `for_members` is what anybody asked for its members, `by_same_for_members` what its requester did, `by_same` what
    its requester asked for whomever.
    """

    by_same: AskedFor
    by_same_for_members: AskedFor
    for_members: AskedFor


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an approved request is posted, in lines."""

    lines: int
    posted: int
    refused: int

    @property
    def waiting(self) -> int:
        return self.lines - self.posted - self.refused


def normal_expiry(unit: Unit, *, at: datetime, zone: ZoneInfo, birth_month: int | None = None) -> datetime | None:
    """When points of `unit` that are added at `at` expire if nothing else is said; None: never."""
    policy = policies_in_force([unit], at=at).get(unit.pk)
    return policies.expires_at(policy, active=at, zone=zone, birth_month=birth_month) if policy else None


def open_adjustments(programme_ids: Sequence[int], *, at: datetime) -> QuerySet[Adjustment]:
    """Requests that wait for a decision at `at`."""
    return Adjustment.objects.filter(
        programme_id__in=programme_ids, state=Adjustment.State.OPEN, lapses_at__gt=at
    ).order_by("-pk")


def adjustments_to_post() -> list[int]:
    """The ids of approved requests with lines that wait to be posted, oldest first."""
    return list(Adjustment.objects.filter(NEEDS_WORK).order_by("pk").values_list("pk", flat=True))


def lines_of(adjustment: Adjustment) -> QuerySet[AdjustmentLine]:
    """The lines of a request in their order."""
    return AdjustmentLine.objects.filter(adjustment=adjustment).order_by("no")


def largest_of(adjustment: Adjustment) -> int:
    """The largest amount of a request's lines, whatever its sign."""
    return max(AdjustmentLine.objects.filter(adjustment=adjustment).values_list("amount", flat=True), key=abs)


def progress_of(adjustment: Adjustment) -> Progress:
    """How far the request is posted."""
    counts = AdjustmentLine.objects.filter(adjustment=adjustment).aggregate(
        posted=Count("pk", filter=Q(posting__isnull=False)), refused=Count("pk", filter=~Q(refusal=""))
    )
    return Progress(adjustment.line_count, counts["posted"], counts["refused"])


_NEARBY = """
SELECT mine, shared, count(DISTINCT id), coalesce(sum(amount) FILTER (WHERE amount > 0), 0)::bigint,
       coalesce(-sum(amount) FILTER (WHERE amount < 0), 0)::bigint
  FROM (
       SELECT near.id, line.amount,
              CASE WHEN own.requested_by_id IS NULL
                   THEN near.requested_by_id IS NULL AND near.requested_via = own.requested_via
                   ELSE near.requested_by_id IS NOT DISTINCT FROM own.requested_by_id END AS mine,
              EXISTS (SELECT FROM ledger_adjustmentline same
                       WHERE same.adjustment_id = own.id AND same.wallet_id = line.wallet_id) AS shared
         FROM ledger_adjustment own
         JOIN ledger_adjustment near ON near.unit_id = own.unit_id AND near.state IN ('OPEN', 'APPROVED')
          AND near.requested_at BETWEEN own.requested_at - interval '24 hours'
                                    AND own.requested_at + interval '24 hours'
         JOIN ledger_adjustmentline line ON line.adjustment_id = near.id
        WHERE own.id = %(adjustment)s) found
 WHERE mine OR shared
 GROUP BY GROUPING SETS ((mine), (shared), (mine, shared))
"""


def asked_nearby(adjustment: Adjustment) -> AskedNearby:
    """What shows whether a large request was split into small ones."""
    with connection.cursor() as cursor:
        cursor.execute(_NEARBY, {"adjustment": adjustment.pk})
        # A grouping set without a column has null for it.
        sums = {(mine, shared): AskedFor(*rest) for mine, shared, *rest in cursor.fetchall()}
    return AskedNearby(
        by_same=sums.get((True, None), AskedFor()),
        by_same_for_members=sums.get((True, True), AskedFor()),
        for_members=sums.get((None, True), AskedFor()),
    )


def limit_used(unit: Unit, *, by_id: int | None, name: str, at: datetime) -> int:
    """What of the unit's limit somebody used within the 24 hours before `at`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_asked_lately(%s, %s, %s, %s)", [unit.pk, by_id, name, at])
        (used,) = cursor.fetchone()
    return int(used)
