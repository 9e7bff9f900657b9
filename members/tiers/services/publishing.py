"""Ladders, their drafts and versions."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from events import outbox
from members.tiers.definitions import Definition, check, write
from members.tiers.errors import LadderBeginsTooEarly, LadderDraftChanged, LadderExists, NoLadderDraft
from members.tiers.metrics import metrics_of
from members.tiers.models import LadderVersion, TierLadder
from shops.models import Programme

State = LadderVersion.State


def create_ladder(
    *, programme: Programme, key: str, name: str, definition: Definition, by: str, at: datetime
) -> TierLadder:
    """
    Make a ladder with a first draft.

    :raises LadderExists: if the programme has a ladder with this key
    :raises LadderInvalid: if nobody could stand on it
    """
    try:
        with transaction.atomic():
            ladder = TierLadder.objects.create(programme=programme, key=key, name=name)
            save_draft(ladder=ladder, definition=definition, by=by, at=at)
            return ladder
    except IntegrityError as clash:
        raise LadderExists(key=key) from clash


@transaction.atomic
def save_draft(
    *, ladder: TierLadder, definition: Definition, by: str, at: datetime, read_at: datetime | None = None
) -> LadderVersion:
    """
    Keep `definition` as the ladder's draft; what is live does not change. `read_at` is the `edited_at` of the draft
    that the editor saw, None if there was none.

    :raises LadderDraftChanged: if the draft is not the one that was seen
    :raises LadderInvalid: if nobody could stand on it
    """
    check(definition, metrics=metrics_of(ladder.programme))
    _lock(ladder)
    draft = LadderVersion.objects.filter(ladder=ladder, state=State.DRAFT).first()
    _check_seen(ladder, draft, read_at)
    if draft is None:
        last = LadderVersion.objects.filter(ladder=ladder).aggregate(last=Max("number"))["last"] or 0
        draft = LadderVersion(ladder=ladder, number=last + 1)
    draft.definition, draft.edited_by, draft.edited_at = write(definition), by, at
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, ladder: TierLadder, read_at: datetime | None = None) -> None:
    """
    Throw the draft away (the one with `edited_at` = `read_at`, if given); what is live stays.

    :raises NoLadderDraft: if there is no draft
    :raises LadderDraftChanged: if the draft was edited after `read_at`
    """
    _draft_to_end(ladder, read_at).delete()


@transaction.atomic
def publish_draft(
    *,
    ladder: TierLadder,
    by: str,
    at: datetime,
    effective_from: datetime | None = None,
    read_at: datetime | None = None,
) -> LadderVersion:
    """
    Freeze the draft as the version in force from `effective_from` (default: now). From then on members are reviewed by
    it, all of them soon (`review_next_of_new_versions`).

    :raises NoLadderDraft: if there is no draft
    :raises LadderDraftChanged: if the draft was edited after `read_at`
    :raises LadderBeginsTooEarly: if it would begin in the past, or before its predecessor
    """
    draft = _draft_to_end(ladder, read_at)
    begins = effective_from or at
    published = LadderVersion.objects.filter(ladder=ladder, state=State.PUBLISHED)
    last = published.aggregate(last=Max("effective_from"))["last"]
    if begins < at or (last is not None and begins <= last):
        raise LadderBeginsTooEarly(effective_from=begins, earliest=max(at, last or at))
    draft.state = State.PUBLISHED
    draft.effective_from, draft.published_by, draft.published_at = begins, by, at
    draft.save(update_fields=["state", "effective_from", "published_by", "published_at"])
    payload = {"ladder": ladder.key, "version": draft.number, "effective_from": begins.isoformat(), "by": by}
    outbox.record([outbox.Fact(ladder.programme_id, "ladder.published", payload, at)])
    return draft


def _draft_to_end(ladder: TierLadder, read_at: datetime | None) -> LadderVersion:
    _lock(ladder)
    draft = LadderVersion.objects.filter(ladder=ladder, state=State.DRAFT).first()
    if draft is None:
        raise NoLadderDraft(ladder=ladder.key)
    if read_at is not None:
        _check_seen(ladder, draft, read_at)
    return draft


def _check_seen(ladder: TierLadder, draft: LadderVersion | None, read_at: datetime | None) -> None:
    if (draft.edited_at if draft else None) == read_at:
        return
    changed = draft or LadderVersion.objects.filter(ladder=ladder).order_by("-number").first()
    raise LadderDraftChanged(
        ladder=ladder.key, edited_by=(changed.published_by or changed.edited_by) if changed else ""
    )


def _lock(ladder: TierLadder) -> None:
    TierLadder.objects.select_for_update(no_key=True).get(pk=ladder.pk)
