"""
Manual adjustments of members: the verbs of the books with whom they are about.

Every door (desk, file, API) asks and decides here, so that the rule about one's own account and the facts hold for all.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from django.db import transaction

from events import outbox
from kernel.amounts import format_minor
from ledger import services as ledger
from ledger.adjustments import Adjustment, lines_of
from ledger.errors import AdjustmentLineOverdue, InsufficientPoints
from ledger.services import AdjustmentDraft, Asked, Posted, Requester
from members.errors import OwnAccount
from members.models import Member
from shops.models import Programme, User


@transaction.atomic
def ask(*, programme: Programme, draft: AdjustmentDraft, by: Requester, at: datetime) -> Asked:
    """
    Ask for an adjustment; somebody else has to approve it.

    :raises OwnAccount: if the one who answers for the request is one of its members
    :raises DomainError: as `ledger.services.ask_adjustment`; what names a wallet there names its member here
    """
    _refuse_own_account([part.wallet_id for part in draft.parts], by.user_id)
    with _members_named():
        return ledger.ask_adjustment(programme_id=programme.pk, draft=draft, by=by, at=at)


@transaction.atomic
def approve(*, adjustment: Adjustment, payload_sha256: bytes, by: User, at: datetime, note: str = "") -> None:
    """
    Approve what `payload_sha256` stands for, and post it unless it is long: that is `post_waiting`'s.

    :raises OwnAccount: if the approver is one of its members
    :raises DomainError: as `ledger.services.approve_adjustment`; what names a wallet there names its member here
    """
    _refuse_own_account(lines_of(adjustment).values_list("wallet_id", flat=True), by.pk)
    with _members_named():
        posted = ledger.approve_adjustment(
            adjustment_id=adjustment.pk, payload_sha256=payload_sha256, by_id=by.pk, name=str(by), at=at, note=note
        )
    _tell(adjustment, posted, at)


@transaction.atomic
def post_batch(*, adjustment: Adjustment, at: datetime) -> int:
    """Post the next lines of an approved request and tell; how many. Safe in two workers; 0 when nothing is left."""
    posted = ledger.post_adjustment(adjustment_id=adjustment.pk, at=at)
    _tell(adjustment, posted, at)
    return len(posted)


def numbers_of(wallet_ids: Iterable[int]) -> dict[int, str]:
    """Member numbers by wallet."""
    rows = Member.objects.filter(wallet_id__in=list(wallet_ids)).values_list("wallet_id", "number")
    return dict(rows)


def _refuse_own_account(wallet_ids: Iterable[int], user_id: int | None) -> None:
    if user_id is None:
        return
    own = Member.objects.filter(wallet_id__in=list(wallet_ids), user_id=user_id).first()
    if own is not None:
        raise OwnAccount(member=own.number)


@contextmanager
def _members_named() -> Iterator[None]:
    try:
        yield
    except (InsufficientPoints, AdjustmentLineOverdue) as refusal:
        facts: dict[str, Any] = dict(refusal.facts)
        wallet_id = facts.pop("wallet_id")
        number = numbers_of([wallet_id])[wallet_id]
        raise type(refusal)(**facts, member=number) from refusal


def _tell(adjustment: Adjustment, posted: Sequence[Posted], at: datetime) -> None:
    if not posted:
        return
    numbers = numbers_of(line.wallet_id for line in posted)
    unit = adjustment.unit
    outbox.record(
        outbox.Fact(
            adjustment.programme_id,
            "points.adjusted",
            {
                "member": numbers[line.wallet_id],
                "adjustment": adjustment.pk,
                "reason": adjustment.reason,
                "posting": line.posting_id,
                "unit": unit.code,
                "amount": format_minor(line.amount, decimals=unit.decimals),
                "expires_at": line.expires_at.isoformat() if line.expires_at else None,
            },
            at,
        )
        for line in posted
    )
