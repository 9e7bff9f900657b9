"""Drafts, versions and the kill switch."""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max

from campaigns.definitions import Definition, Words, check, read, write
from campaigns.errors import CampaignExists, DraftChanged, EffectiveInThePast, NothingToPublish, VersionUnknown
from campaigns.models import Campaign, CampaignVersion
from events import outbox
from ledger.queries import units_of
from orders.events.queries import types_of
from shops.models import Programme

State = CampaignVersion.State


def create_campaign(
    *, programme: Programme, key: str, name: str, definition: Definition, by: str, at: datetime
) -> Campaign:
    """
    Make a campaign with a first draft.

    :raises CampaignExists: if the programme has a campaign with this key
    :raises DefinitionInvalid: if no order could be decided by the definition
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

    `read_at` is the `edited_at` of the draft that the editor saw, None if there was none: two marketers never overwrite
    each other unseen.

    :raises DraftChanged: if the draft is not the one that was seen: edited, made, published or thrown away since
    :raises DefinitionInvalid: if no order could be decided by the definition
    """
    units = {unit.code for unit in units_of(campaign.programme_id)}
    check(definition, units=units, words=Words(types_of(campaign.programme_id), campaign.programme_id))
    _lock(campaign)
    draft = CampaignVersion.objects.filter(campaign=campaign, state=State.DRAFT).first()
    _check_seen(campaign, draft, read_at)
    if draft is None:
        last = CampaignVersion.objects.filter(campaign=campaign).aggregate(last=Max("number"))["last"] or 0
        return CampaignVersion.objects.create(
            campaign=campaign, number=last + 1, definition=write(definition), edited_by=by, edited_at=at
        )
    draft.definition = write(definition)
    draft.edited_by, draft.edited_at = by, at
    draft.save(update_fields=["definition", "edited_by", "edited_at"])
    return draft


@transaction.atomic
def restore_version(
    *, campaign: Campaign, number: int, by: str, at: datetime, read_at: datetime | None = None
) -> CampaignVersion:
    """
    Make what a published version says the campaign's draft: to go back to it is to publish it again, as a new version.

    :raises VersionUnknown: if the campaign never published a version with this number
    :raises DraftChanged: as `save_draft`
    :raises DefinitionInvalid: if it speaks of what there is not any more
    """
    version = CampaignVersion.objects.filter(campaign=campaign, number=number, state=State.PUBLISHED).first()
    if version is None:
        raise VersionUnknown(campaign=campaign.key, version=number)
    return save_draft(campaign=campaign, definition=read(version.definition), by=by, at=at, read_at=read_at)


@transaction.atomic
def discard_draft(*, campaign: Campaign, read_at: datetime | None = None) -> None:
    """
    Throw the draft away (the one with `edited_at` = `read_at`, if given); what is live stays.

    :raises NothingToPublish: if there is no draft
    :raises DraftChanged: if the draft was edited after `read_at`
    """
    _draft_to_end(campaign, read_at).delete()


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
    draft = _draft_to_end(campaign, read_at)
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


def _draft_to_end(campaign: Campaign, read_at: datetime | None) -> CampaignVersion:
    _lock(campaign)
    draft = CampaignVersion.objects.filter(campaign=campaign, state=State.DRAFT).first()
    if draft is None:
        raise NothingToPublish(campaign=campaign.key)
    if read_at is not None:
        _check_seen(campaign, draft, read_at)
    return draft


def _check_seen(campaign: Campaign, draft: CampaignVersion | None, read_at: datetime | None) -> None:
    if (draft.edited_at if draft else None) == read_at:
        return
    changed = draft or CampaignVersion.objects.filter(campaign=campaign).order_by("-number").first()
    by = (changed.published_by or changed.edited_by) if changed else ""
    raise DraftChanged(campaign=campaign.key, edited_by=by)


def _lock(campaign: Campaign) -> None:
    Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
