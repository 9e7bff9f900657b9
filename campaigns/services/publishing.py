"""Drafts, versions and the kill switch."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from campaigns.definitions import Definition, write
from campaigns.errors import CampaignExists, DraftChanged, EffectiveInThePast, NothingToPublish
from campaigns.models import Campaign, CampaignVersion
from events import outbox
from shops.models import Programme

State = CampaignVersion.State


def create_campaign(
    *, programme: Programme, key: str, name: str, definition: Definition, by: str, at: datetime
) -> Campaign:
    """
    Make a campaign with a first draft.

    :raises CampaignExists: if the programme has a campaign with this key
    """
    try:
        with transaction.atomic():
            campaign = Campaign.objects.create(programme=programme, key=key, name=name)
            save_draft(campaign=campaign, definition=definition, by=by, at=at)
            return campaign
    except IntegrityError as clash:
        raise CampaignExists(key=key) from clash


@transaction.atomic
def save_draft(
    *, campaign: Campaign, definition: Definition, by: str, at: datetime, read_at: datetime | None = None
) -> CampaignVersion:
    """
    Keep `definition` as the campaign's draft; what is live does not change.

    `read_at` is the draft's `edited_at` that the editor saw (None: any): two marketers never overwrite each other
    unseen.

    :raises DraftChanged: if the draft was edited after `read_at`
    """
    _lock(campaign)
    draft = CampaignVersion.objects.filter(campaign=campaign, state=State.DRAFT).first()
    if draft is None:
        last = CampaignVersion.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
        return CampaignVersion.objects.create(
            campaign=campaign, number=last + 1, definition=write(definition), edited_by=by, edited_at=at
        )
    if read_at is not None and draft.edited_at != read_at:
        raise DraftChanged(campaign=campaign.key, edited_by=draft.edited_by)
    draft.definition = write(definition)
    draft.edited_by, draft.edited_at = by, at
    draft.save(update_fields=["definition", "edited_by", "edited_at"])
    return draft


@transaction.atomic
def discard_draft(*, campaign: Campaign) -> None:
    """
    Throw the draft away; what is live stays.

    :raises NothingToPublish: if there is no draft
    """
    _lock(campaign)
    deleted, _ = CampaignVersion.objects.filter(campaign=campaign, state=State.DRAFT).delete()
    if not deleted:
        raise NothingToPublish(campaign=campaign.key)


@transaction.atomic
def publish_draft(
    *,
    campaign: Campaign,
    by: str,
    at: datetime,
    effective_from: datetime | None = None,
    read_at: datetime | None = None,
) -> CampaignVersion:
    """
    Freeze the draft as the version in force from `effective_from` (default: now).

    The first version of a campaign may begin in the past, so that an imported history can earn; later ones may not.

    :raises NothingToPublish: if there is no draft
    :raises DraftChanged: if the draft was edited after `read_at`
    :raises EffectiveInThePast: if a later version would change what happened already, or begin before its predecessor
    """
    _lock(campaign)
    draft = CampaignVersion.objects.filter(campaign=campaign, state=State.DRAFT).first()
    if draft is None:
        raise NothingToPublish(campaign=campaign.key)
    if read_at is not None and draft.edited_at != read_at:
        raise DraftChanged(campaign=campaign.key, edited_by=draft.edited_by)
    begins = effective_from or at
    last = CampaignVersion.objects.filter(campaign=campaign, state=State.PUBLISHED).aggregate(
        last=Max("effective_from")
    )["last"]
    if last is not None and (begins < at or begins <= last):
        raise EffectiveInThePast(effective_from=begins, earliest=max(at, last))
    draft.state = State.PUBLISHED
    draft.effective_from, draft.published_by, draft.published_at = begins, by, at
    draft.save(update_fields=["state", "effective_from", "published_by", "published_at"])
    outbox.record(
        [
            outbox.Fact(
                campaign.programme_id,
                "campaign.published",
                {"campaign": campaign.key, "version": draft.number, "effective_from": begins.isoformat(), "by": by},
                at,
            )
        ]
    )
    return draft


@transaction.atomic
def stop_campaign(*, campaign: Campaign, by: str, at: datetime) -> None:
    """
    Throw the kill switch: from the commit on nothing is granted, whenever it was bought. Stopping twice is stopping
    once.
    """
    if Campaign.objects.filter(pk=campaign.pk, stopped_at__isnull=True).update(stopped_at=at, stopped_by=by):
        outbox.record(
            [outbox.Fact(campaign.programme_id, "campaign.stopped", {"campaign": campaign.key, "by": by}, at)]
        )


@transaction.atomic
def resume_campaign(*, campaign: Campaign, by: str, at: datetime) -> None:
    """Let a stopped campaign grant again; what was rejected meanwhile stays rejected."""
    if Campaign.objects.filter(pk=campaign.pk, stopped_at__isnull=False).update(stopped_at=None, stopped_by=""):
        outbox.record(
            [outbox.Fact(campaign.programme_id, "campaign.resumed", {"campaign": campaign.key, "by": by}, at)]
        )


def _lock(campaign: Campaign) -> None:
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
