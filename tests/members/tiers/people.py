"""Words for tests about tiers that are really held: published ladders, members who earn, and what is on record."""

from datetime import datetime

import msgspec

from events import outbox
from events.models import OutboxEvent
from ledger import services as ledger
from ledger.queries import unit_of
from ledger.services import Accrual
from members.models import Member
from members.tiers import services
from members.tiers.definitions import Definition
from members.tiers.models import TierLadder, TierStay
from shops.models import Programme
from tests.members.tiers.ladders import A, last_day, noon

BEGINNING = noon("2026-01-05")


def a_ladder(
    programme: Programme, definition: Definition = A, *, key: str = "club", at: datetime = BEGINNING, **changed: object
) -> TierLadder:
    """A ladder in force."""
    ladder = services.create_ladder(
        programme=programme,
        key=key,
        name=key.title(),
        definition=msgspec.structs.replace(definition, **changed),
        by="Mara",
        at=at,
    )
    services.publish_draft(ladder=ladder, by="Mara", at=at)
    return ladder


def edit(ladder: TierLadder, definition: Definition, *, at: datetime) -> None:
    """Publish another version, in force at once, and let everybody move by it."""
    services.save_draft(ladder=ladder, definition=definition, by="Mara", at=at)
    services.publish_draft(ladder=ladder, by="Mara", at=at)
    review_all(at)


def review_all(at: datetime, *, count: int = 500) -> None:
    while services.review_next_of_new_versions(at=at, count=count):
        pass


def earn(member: Member, points: int, *, at: datetime, reference: str = "") -> int:
    """Earn; returns the posting."""
    accrual = Accrual(
        wallet_id=member.wallet_id,
        unit_id=unit_of(member.programme_id, "points").pk,
        amount=points,
        source="test",
        reference=reference or f"{member.pk} {points} {at}",
        occurred_at=at,
        active_from=at,
        expires_at=None,
    )
    (accrued,) = ledger.accrue(programme_id=member.programme_id, accruals=[accrual], actor="test")
    return accrued.posting_id


def looked_at(*members: Member, at: datetime) -> int:
    return services.review(member_ids=[member.pk for member in members], at=at)


def held(member: Member) -> str:
    """The tier a member is in and its end, as `gold to 2026-12-31`; empty for none."""
    stay = TierStay.objects.filter(member=member, ended_at__isnull=True).first()
    if stay is None:
        return ""
    return f"{stay.tier} to {last_day(stay.until)}" if stay.until else stay.tier


def story(member: Member) -> list[tuple[str, str]]:
    """All stays of a member, oldest first: tier and cause."""
    return list(TierStay.objects.filter(member=member).order_by("since", "pk").values_list("tier", "cause"))


def relayed(at: datetime) -> None:
    """Hand all facts on."""
    while outbox.relay_batch(at=at):
        pass


def facts(*types: str) -> list[dict[str, object]]:
    """Payloads of facts of some types, oldest first."""
    return [event.payload for event in OutboxEvent.objects.filter(type__in=types).order_by("pk")]
