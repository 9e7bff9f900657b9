"""Manual adjustments: asked for by one person, approved by another, and posted as approved."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import msgspec
from django.db import connection, transaction
from django.db.models import Q

from ledger.errors import (
    AdjustmentApproverIsNew,
    AdjustmentIncomplete,
    AdjustmentLimitReached,
    AdjustmentLineOverdue,
    AdjustmentNotOpen,
    AdjustmentNotYours,
    AdjustmentPayloadChanged,
    AdjustmentTakesTwo,
    InsufficientPoints,
)
from ledger.models import Adjustment, AdjustmentLine, Unit
from ledger.queries import balances_by_wallet
from ledger.services.living import before_spending
from ledger.services.references import refused_when_reused
from ledger.services.refunding import lock_wallets
from shops.models import StaffRole

_encode = msgspec.json.Encoder().encode

LAPSES_AFTER = timedelta(days=7)
# Before who was made an approver decides on what the maker asked for.
APPROVERS_WAIT = timedelta(hours=24)
# Posted together with their approval, all or none; longer requests are posted in batches of as many.
AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class AdjustmentPart:
    """
    What one wallet gets (plus) or loses (minus), in minor units; points that are added can be spent until `expires_at`.
    `has_own_end` says that somebody chose that, so no activity and no later policy moves it.
    """

    wallet_id: int
    amount: int
    expires_at: datetime | None = None
    has_own_end: bool = False
    wording: str = ""


@dataclass(frozen=True, slots=True)
class AdjustmentDraft:
    """A request before it is one; `reason` is an `Adjustment.Reason`, each wallet has one part."""

    unit_id: int
    reason: str
    wording: str
    parts: Sequence[AdjustmentPart]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Requester:
    """
    Who asks: `name` is what people read, `user_id` the person who answers for it, None when nobody is known.

    `(source, reference)` makes the request happen once.
    """

    name: str
    user_id: int | None
    source: str
    reference: str


@dataclass(frozen=True, slots=True)
class Asked:
    """A request; `fresh` is false when the same had been asked before."""

    adjustment_id: int
    fresh: bool


@dataclass(frozen=True, slots=True)
class Posted:
    """One line that is in the books now."""

    wallet_id: int
    posting_id: int
    amount: int
    expires_at: datetime | None


@transaction.atomic
def ask_adjustment(*, programme_id: int, draft: AdjustmentDraft, by: Requester, at: datetime) -> Asked:
    """
    Put a request on record; nothing is posted. It lapses after `LAPSES_AFTER`.

    :raises AdjustmentIncomplete: if there is no part, a part moves nothing, or the member would read nothing
    :raises AdjustmentLineOverdue: if what is added could not be spent for a moment
    :raises InsufficientPoints: if a wallet can't pay what would be taken from it
    :raises AdjustmentLimitReached: if `by` asked for more of this unit within 24 hours than it allows
    :raises ReferenceReused: if the reference stands for another request
    """
    if not draft.parts or not draft.wording.strip() or any(part.amount == 0 for part in draft.parts):
        raise AdjustmentIncomplete
    _refuse_overdue(draft.parts, at)
    refuse_insufficient(unit_id=draft.unit_id, parts=draft.parts, at=at)
    request = {
        "programme_id": programme_id,
        "unit_id": draft.unit_id,
        "reason": draft.reason,
        "wording": draft.wording,
        "note": draft.note,
        "source": by.source,
        "reference": by.reference,
        "requested_by_id": by.user_id,
        "requested_via": by.name[:120],
        "requested_at": at,
        "lapses_at": at + LAPSES_AFTER,
    }
    lines = [{"no": number, **asdict(part)} for number, part in enumerate(draft.parts, start=1)]
    with connection.cursor() as cursor, refused_when_reused():
        cursor.execute(
            "SELECT adjustment, fresh, used, cap FROM ledger_ask_adjustment(%s, %s)",
            [_encode(request).decode(), _encode(lines).decode()],
        )
        adjustment_id, fresh, used, cap = cursor.fetchone()
    if adjustment_id is None:
        asked = sum(abs(part.amount) for part in draft.parts)
        raise AdjustmentLimitReached(limit=cap, used=used, asked=asked)
    return Asked(adjustment_id, fresh)


@transaction.atomic
def approve_adjustment(  # noqa: PLR0913 -- an approval names its every circumstance
    *,
    adjustment_id: int,
    payload_sha256: bytes,
    by_id: int,
    name: str,
    at: datetime,
    note: str = "",
    at_once: int = AT_ONCE,
) -> list[Posted]:
    """
    Approve exactly what `payload_sha256` stands for. Up to `at_once` lines are posted at once, all or none; more are
    left to `post_adjustment`.

    :raises AdjustmentNotOpen: if it was decided before, or has lapsed
    :raises AdjustmentTakesTwo: if the one who asked would approve
    :raises AdjustmentApproverIsNew: if the one who asked made the approver one within the last 24 hours
    :raises AdjustmentPayloadChanged: if the digest is that of something else
    :raises AdjustmentLineOverdue: if what is added could not be spent for a moment
    :raises InsufficientPoints: if a wallet can't pay any more; nothing is posted and the request stays open
    """
    adjustment = _open(adjustment_id, at)
    if adjustment.requested_by_id == by_id:
        raise AdjustmentTakesTwo(adjustment=adjustment_id)
    _refuse_new_approver(adjustment, by_id, at)
    if bytes(adjustment.payload_sha256) != payload_sha256:
        raise AdjustmentPayloadChanged(adjustment=adjustment_id)
    parts = [
        AdjustmentPart(*row)
        for row in AdjustmentLine.objects.filter(adjustment=adjustment)
        .order_by("wallet_id")
        .values_list("wallet_id", "amount", "expires_at")
    ]
    _refuse_overdue(parts, at)
    refuse_insufficient(unit_id=adjustment.unit_id, parts=parts, at=at)
    _decide(adjustment, Adjustment.State.APPROVED, by_id, at, note)
    if adjustment.line_count > at_once:
        return []
    posted, short = _post(adjustment, at=at, actor=name, limit=at_once)
    if short:
        raise short[0]
    return posted


@transaction.atomic
def reject_adjustment(*, adjustment_id: int, by_id: int, at: datetime, note: str) -> None:
    """
    Say no. Like an approval this takes another person; who asked withdraws.

    :raises AdjustmentNotOpen: if it was decided before, or has lapsed
    :raises AdjustmentTakesTwo: if the one who asked would reject
    """
    adjustment = _open(adjustment_id, at)
    if adjustment.requested_by_id == by_id:
        raise AdjustmentTakesTwo(adjustment=adjustment_id)
    _decide(adjustment, Adjustment.State.REJECTED, by_id, at, note)


@transaction.atomic
def withdraw_adjustment(*, adjustment_id: int, by_id: int, at: datetime) -> None:
    """
    Take one's own request back.

    :raises AdjustmentNotOpen: if it was decided before, or has lapsed
    :raises AdjustmentNotYours: if somebody else asked
    """
    adjustment = _open(adjustment_id, at)
    if adjustment.requested_by_id != by_id:
        raise AdjustmentNotYours(adjustment=adjustment_id)
    _decide(adjustment, Adjustment.State.WITHDRAWN, by_id, at, "")


@transaction.atomic
def post_adjustment(*, adjustment_id: int, at: datetime, limit: int = AT_ONCE) -> list[Posted]:
    """
    Post the next lines of an approved request, at most `limit`; a line that can't be posted is marked with the reason.

    Nothing to do for a request that is stopped, done, or in another worker's hands. Call it until it returns nothing.
    """
    waiting = Q(state=Adjustment.State.APPROVED, stopped_at__isnull=True, pk=adjustment_id)
    adjustment = Adjustment.objects.select_for_update(skip_locked=True, of=("self",)).filter(waiting).first()
    if adjustment is None:
        return []
    approver = adjustment.decided_by
    posted: list[Posted] = []
    while not posted:
        posted, short = _post(adjustment, at=at, actor=str(approver), limit=limit)
        if not short:
            break
    return posted


@transaction.atomic
def stop_adjustment(*, adjustment_id: int, at: datetime) -> None:
    """Post no more of an approved request until `resume_adjustment`; what is posted stays."""
    approved = Adjustment.objects.filter(pk=adjustment_id, state=Adjustment.State.APPROVED, stopped_at__isnull=True)
    approved.update(stopped_at=at)


@transaction.atomic
def resume_adjustment(*, adjustment_id: int) -> None:
    """Go on posting an approved request, and try again what could not be posted."""
    if Adjustment.objects.select_for_update().filter(pk=adjustment_id, state=Adjustment.State.APPROVED).exists():
        AdjustmentLine.objects.filter(adjustment_id=adjustment_id).exclude(refusal="").update(refusal="")
        Adjustment.objects.filter(pk=adjustment_id).update(stopped_at=None)


@transaction.atomic
def limit_adjustments(*, unit_id: int, limit: int | None) -> None:
    """Say what one person may ask for within 24 hours in minor units of a unit, plus and minus added up; None: all."""
    Unit.objects.filter(pk=unit_id).update(adjustment_limit=limit)


def refuse_insufficient(*, unit_id: int, parts: Sequence[AdjustmentPart], at: datetime) -> None:
    """:raises InsufficientPoints: if a wallet can't pay what would be taken from it at `at`"""
    taking = [part for part in parts if part.amount < 0]
    balances = balances_by_wallet([part.wallet_id for part in taking], at=at) if taking else {}
    for part in taking:
        free = next((row.spendable for row in balances.get(part.wallet_id, []) if row.unit.pk == unit_id), 0)
        if free < -part.amount:
            raise InsufficientPoints(required=-part.amount, spendable=free, wallet_id=part.wallet_id)


def _refuse_overdue(parts: Sequence[AdjustmentPart], at: datetime) -> None:
    for part in parts:
        if part.expires_at is not None and part.expires_at <= at:
            raise AdjustmentLineOverdue(wallet_id=part.wallet_id, expires_at=part.expires_at)


def _open(adjustment_id: int, at: datetime) -> Adjustment:
    adjustment = Adjustment.objects.select_for_update(of=("self",)).get(pk=adjustment_id)
    if not adjustment.is_open(at):
        state = "LAPSED" if adjustment.has_lapsed(at) else adjustment.state
        raise AdjustmentNotOpen(adjustment=adjustment_id, state=state)
    return adjustment


def _refuse_new_approver(adjustment: Adjustment, by_id: int, at: datetime) -> None:
    made = StaffRole.objects.filter(
        user_id=by_id,
        programme_id=adjustment.programme_id,
        role=StaffRole.Role.APPROVER,
        granted_by__isnull=False,
        granted_by_id=adjustment.requested_by_id,
        granted_at__gt=at - APPROVERS_WAIT,
    )
    if made.exists():
        raise AdjustmentApproverIsNew(adjustment=adjustment.pk)


def _decide(adjustment: Adjustment, state: Adjustment.State, by_id: int, at: datetime, note: str) -> None:
    Adjustment.objects.filter(pk=adjustment.pk).update(
        state=state, decided_by_id=by_id, decided_at=at, decision_note=note.strip()
    )


def _post(
    adjustment: Adjustment, *, at: datetime, actor: str, limit: int
) -> tuple[list[Posted], list[InsufficientPoints | AdjustmentLineOverdue]]:
    """The next lines, wallet by wallet in order of id as all that touch more than one; what could not be, and why."""
    lines = list(
        AdjustmentLine.objects.filter(adjustment=adjustment, posting__isnull=True, refusal="").order_by("wallet_id")[
            :limit
        ]
    )
    overdue = [line for line in lines if line.expires_at is not None and line.expires_at <= at]
    due = [line for line in lines if line not in overdue]
    refused: list[InsufficientPoints | AdjustmentLineOverdue] = [
        AdjustmentLineOverdue(wallet_id=line.wallet_id, expires_at=line.expires_at) for line in overdue
    ]
    short_ids = []
    posted = []
    # All at once and in their order, because what comes next touches some of them before others.
    lock_wallets(line.wallet_id for line in due)
    _before_taking([line.wallet_id for line in due if line.amount < 0], adjustment.unit_id, at)
    for line, (posting_id, spendable) in zip(due, _adjust([line.pk for line in due], at, actor), strict=True):
        if posting_id is None:
            short_ids.append(line.pk)
            required = -line.amount
            refused.append(InsufficientPoints(required=required, spendable=spendable, wallet_id=line.wallet_id))
        else:
            posted.append(Posted(line.wallet_id, posting_id, line.amount, line.expires_at))
    _mark(short_ids, InsufficientPoints.code)
    _mark([line.pk for line in overdue], AdjustmentLineOverdue.code)
    return posted, refused


def _before_taking(wallet_ids: Sequence[int], unit_id: int, at: datetime) -> None:
    """What a policy takes from silent wallets goes first."""
    for wallet_id in wallet_ids:
        before_spending(wallet_id=wallet_id, unit_id=unit_id, at=at)


def _adjust(line_ids: Sequence[int], at: datetime, actor: str) -> list[tuple[int | None, int]]:
    if not line_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT done.posting, done.spendable FROM unnest(%s::bigint[]) WITH ORDINALITY AS line (id, no),"
            " LATERAL ledger_adjust(line.id, %s, %s) AS done ORDER BY line.no",
            [list(line_ids), at, actor[:60]],
        )
        return [(posting_id, spendable) for posting_id, spendable in cursor.fetchall()]


def _mark(line_ids: Sequence[int], code: str) -> None:
    if line_ids:
        AdjustmentLine.objects.filter(pk__in=line_ids).update(refusal=code)
