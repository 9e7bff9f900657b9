"""What somebody at the desk would do next, told from what is there."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from campaigns.models import Campaign, CampaignVersion
from campaigns.wording import points
from ledger import figures
from reports.queries import Today
from rewards.models import Reward
from shops.desk.access import Access
from shops.models import Programme
from shops.policy import Act

LOW_STOCK = 10
LAPSING_WITHIN = timedelta(days=30)


class Tone(StrEnum):
    """How urgent it is."""

    BAD = "bad"
    WARN = "warn"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence, and where to act on it."""

    tone: Tone
    icon: str
    sentence: str
    action: str
    address: str


def next_steps(programme: Programme, today: Today, *, access: Access, at: datetime) -> list[Step]:
    """Steps for who may take them, the most urgent first."""

    def may(act: Act) -> bool:
        return access.allows(act, programme_id=programme.pk)

    steps: list[Step] = []
    if may(Act.EDIT_CAMPAIGNS):
        steps += _about_campaigns(programme)
    if may(Act.EDIT_REWARDS):
        steps += _about_rewards(programme)
    if may(Act.SEE_REPORTS):
        steps += _about_trade(today)
        steps += _about_expiry(today, at)
    return sorted(steps, key=lambda step: list(Tone).index(step.tone))


def _about_campaigns(programme: Programme) -> Iterator[Step]:
    state = CampaignVersion.State
    versions = CampaignVersion.objects.filter(campaign__programme=programme)
    drafts = list(versions.filter(state=state.DRAFT).select_related("campaign").order_by("campaign__name"))
    for campaign in Campaign.objects.filter(programme=programme, stopped_at__isnull=False).order_by("name"):
        yield Step(
            Tone.BAD,
            "stop_circle",
            _("“%(name)s” is stopped by %(by)s: orders earn nothing from it.")
            % {"name": campaign.name, "by": campaign.stopped_by},
            _("Look at it"),
            reverse("admin:campaigns_campaign_change", args=[campaign.pk]),
        )
    for draft in drafts:
        yield Step(
            Tone.WARN,
            "edit_note",
            _("A draft of “%(name)s” waits to be published.") % {"name": draft.campaign.name},
            _("Review and publish"),
            reverse("admin:campaigns_campaign_publish", args=[draft.campaign_id]),
        )
    if not drafts and not versions.exists():
        yield Step(
            Tone.BAD,
            "campaign",
            _("No campaign says what customers earn."),
            _("Campaigns"),
            reverse("admin:campaigns_campaign_changelist"),
        )


def _about_rewards(programme: Programme) -> Iterator[Step]:
    offered = list(Reward.objects.filter(programme=programme, is_offered=True).order_by("stock", "name"))
    if not offered:
        yield Step(
            Tone.WARN,
            "redeem",
            _("Customers have nothing to spend their points on."),
            _("Add a reward"),
            reverse("admin:rewards_reward_add"),
        )
    for reward in offered:
        if reward.stock is not None and reward.stock <= LOW_STOCK:
            yield Step(
                Tone.BAD if reward.stock == 0 else Tone.WARN,
                "inventory_2",
                _("“%(name)s” is sold out.") % {"name": reward.name}
                if reward.stock == 0
                else ngettext("“%(name)s”: %(count)s is left.", "“%(name)s”: %(count)s are left.", reward.stock)
                % {"name": reward.name, "count": reward.stock},
                _("Count the stock"),
                reverse("admin:rewards_reward_change", args=[reward.pk]),
            )


def _about_trade(today: Today) -> Iterator[Step]:
    last_two_days = sum(day.orders for day in today.days[-2:])
    if last_two_days == 0 and any(day.orders for day in today.days):
        yield Step(
            Tone.WARN,
            "sensors_off",
            _("No order has arrived since yesterday. Is a till or the web shop cut off?"),
            _("Orders"),
            reverse("admin:orders_order_changelist"),
        )


def _about_expiry(today: Today, at: datetime) -> Iterator[Step]:
    lapsing = figures.lapsing(today.points, at=at, within=LAPSING_WITHIN)
    if lapsing.amount:
        yield Step(
            Tone.PLAIN,
            "hourglass_bottom",
            ngettext(
                "%(amount)s of %(count)s member expire within 30 days.",
                "%(amount)s of %(count)s members expire within 30 days.",
                lapsing.wallets,
            )
            % {"amount": points(lapsing.amount, today.points.decimals), "count": lapsing.wallets},
            _("Look at the books"),
            reverse("admin:ledger_unit_change", args=[today.points.unit_id]),
        )
