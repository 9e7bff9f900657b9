"""What is answered about manual adjustments."""

from datetime import datetime

import msgspec

from integrations.api.documents.values import AmountText, Instant, SafeInteger, utc
from kernel.amounts import format_minor
from ledger.adjustments import Adjustment, progress_of


class AdjustmentDocument(msgspec.Struct, frozen=True):
    """
    A request for a manual adjustment, and what became of it.

    `state` is `open`, `approved`, `rejected`, `withdrawn` or `lapsed`. Nothing is in the books before it is approved;
    `posted` of its `members` are then. `added` and `taken` are sums over all of them.
    """

    id: SafeInteger
    source: str
    reference: str
    state: str
    unit: str
    added: AmountText
    taken: AmountText
    members: SafeInteger
    posted: SafeInteger
    reason: str
    text: str
    requested_at: Instant
    lapses_at: Instant
    decided_at: Instant | None
    decision_note: str


def adjustment_document(adjustment: Adjustment, *, at: datetime) -> AdjustmentDocument:
    """The request as it is at `at`."""
    decimals = adjustment.unit.decimals
    return AdjustmentDocument(
        id=adjustment.pk,
        source=adjustment.source,
        reference=adjustment.reference,
        state="lapsed" if adjustment.has_lapsed(at) else adjustment.state.lower(),
        unit=adjustment.unit.code,
        added=format_minor(adjustment.plus, decimals=decimals),
        taken=format_minor(adjustment.minus, decimals=decimals),
        members=adjustment.line_count,
        posted=progress_of(adjustment).posted,
        reason=adjustment.reason.lower(),
        text=adjustment.wording,
        requested_at=_utc(adjustment.requested_at),
        lapses_at=_utc(adjustment.lapses_at),
        decided_at=utc(adjustment.decided_at),
        decision_note=adjustment.decision_note,
    )


def _utc(at: datetime) -> datetime:
    return utc(at) or at
