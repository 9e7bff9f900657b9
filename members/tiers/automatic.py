"""Tiers follow what happens: facts that change what is counted, and the night that turns the windows."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from events.models import OutboxEvent
from ledger import nightly
from ledger.nightly import Batch, NightlyRun, Step
from members.models import Member
from members.tiers import services
from members.tiers.cases import live_ladders
from members.tiers.models import TierStay

FACTS = frozenset(
    {
        "member.enrolled",
        "order.accepted",
        "return.accepted",
        "points.accrued",
        "points.adjusted",
        "points.clawed_back",
    }
)


def register() -> None:
    """Add the steps of the night; called when the app starts."""
    nightly.add(nightly.TIERS, Step("tiers", _("Let tiers end, be kept or begin"), _due, _review))
    nightly.add(nightly.TIERS_AGAIN, Step("tiers_again", _("Look at tiers again after expiry"), _due, _review))


def on_events(events: Sequence[OutboxEvent], at: datetime) -> None:
    """Review everybody of whom something happened that a ladder may count."""
    numbers: dict[int, set[str]] = defaultdict(set)
    for event in events:
        if event.type in FACTS and event.payload.get("member"):
            numbers[event.programme_id].add(event.payload["member"])
    if not numbers:
        return
    live = {one.programme.pk for one in live_ladders(at=at, programme_ids=numbers)}
    asked = Q(pk__in=())
    for programme_id in live:
        asked |= Q(programme=programme_id, number__in=numbers[programme_id])
    if live:
        services.review(member_ids=set(Member.objects.filter(asked).values_list("pk", flat=True)), at=at)


def _due(run: NightlyRun) -> int:
    due = TierStay.objects.filter(ended_at__isnull=True, due_at__lte=run.at, ladder__programme=run.programme_id)
    return due.values("member").distinct().count()


def _review(run: NightlyRun, cursor: int) -> Batch:
    looked, upto = services.review_due(programme_id=run.programme_id, at=run.at, after=cursor)
    return Batch(looked, upto)
