"""
Every fact that can be in the outbox: its type, its version, when it happens and what it carries.

Payloads are thin: ids and the few numbers that most readers want; the rest is asked from the API. A new field is no new
version, as readers ignore what they do not know; a field that goes or changes its meaning is. docs/events.md is written
from this file and `events.payloads`.
"""

from dataclasses import dataclass

from events import payloads
from events.payloads import Payload


@dataclass(frozen=True, slots=True)
class EventType:
    """One kind of fact. Only `public` ones go to webhooks: the others name staff, or a moment nobody outside needs."""

    name: str
    happens: str
    payload: type[Payload]
    version: int = 1
    public: bool = True


_TYPES = (
    EventType("member.enrolled", "Somebody became a member.", payloads.MemberEnrolled),
    EventType("member.attributes_noted", "What a programme keeps about a member changed.", payloads.MemberOnly),
    EventType("member.tagged", "Tags were put on a member or taken off.", payloads.MemberTagged),
    EventType("segment.entered", "A member came into a segment.", payloads.SegmentCrossed),
    EventType("segment.left", "A member is no longer in a segment.", payloads.SegmentCrossed),
    EventType(
        "member.claimed", "A customer signed in to a membership that a shop's system had reported.", payloads.MemberOnly
    ),
    EventType(
        "member.birthday_noted",
        "A member said on which day of the year they were born; no event says which.",
        payloads.MemberOnly,
    ),
    EventType("order.accepted", "An order was put on record, whatever it earned.", payloads.OrderAccepted),
    EventType("order.delivered", "An order reached its customer.", payloads.OrderDelivered),
    EventType("event.accepted", "An event was put on record, whatever it earned.", payloads.EventAccepted),
    EventType("points.accrued", "One rule granted points for an order or an event.", payloads.PointsAccrued),
    EventType("points.pooled", "A member gave to the household's pool.", payloads.PointsPooled),
    EventType("household.created", "A member formed a household.", payloads.HouseholdCreated),
    EventType("household.member_invited", "A member was asked to join a household.", payloads.HouseholdRole),
    EventType("household.member_joined", "A member joined a household.", payloads.HouseholdRole),
    EventType(
        "household.member_left", "A member left a household; their part of its pool went home.", payloads.HouseholdLeft
    ),
    EventType("household.role_changed", "A member of a household has another role.", payloads.HouseholdRole),
    EventType("household.dissolved", "A household was closed; everybody left it.", payloads.HouseholdOnly),
    EventType("tier.changed", "A member moved to another tier, up or down.", payloads.TierChanged),
    EventType(
        "tier.extended",
        "A member's tier has another end: it was kept, or is in its grace period.",
        payloads.TierExtended,
    ),
    EventType("milestone.reached", "A member reached a milestone beside the tiers.", payloads.MilestoneReached),
    EventType("points.converted", "A member turned amounts of one unit into another.", payloads.PointsConverted),
    EventType("purchase.requested", "A member asked to buy; nothing is paid yet.", payloads.PurchaseFact),
    EventType(
        "purchase.authorised",
        "The payment of a purchase is promised. Nothing is in the wallet yet.",
        payloads.PurchasePaid,
    ),
    EventType(
        "purchase.captured", "A purchase is paid, and what was bought is in the wallet.", payloads.PurchaseCaptured
    ),
    EventType("purchase.cancelled", "A purchase will not be paid.", payloads.PurchaseFact),
    EventType(
        "purchase.refunded", "Money of a purchase went back, and what it had bought left.", payloads.PurchaseRefunded
    ),
    EventType(
        "transfer.offered", "A member offered another one points, which are kept meanwhile.", payloads.TransferOffered
    ),
    EventType("transfer.accepted", "The receiver took an offer: the points are theirs.", payloads.TransferMoved),
    EventType(
        "transfer.declined",
        "The receiver said no to an offer; the points are the sender's again.",
        payloads.TransferEnded,
    ),
    EventType("transfer.withdrawn", "The sender took an offer back, and the points with it.", payloads.TransferEnded),
    EventType(
        "transfer.lapsed",
        "Nobody answered an offer in time; the points are the sender's again.",
        payloads.TransferEnded,
    ),
    EventType("transfer.done", "A member sent another one points that needed no yes.", payloads.TransferMoved),
    EventType("return.accepted", "A return was put on record, whatever it took back.", payloads.ReturnAccepted),
    EventType("points.clawed_back", "A return took back what one rule had granted.", payloads.PointsClawedBack),
    EventType(
        "points.adjusted", "The shop added or took points by hand, approved by two people.", payloads.PointsAdjusted
    ),
    EventType("points.redeemed", "Points paid a part of an order.", payloads.PointsRedeemed),
    EventType(
        "points.refunded", "Goods came back, and with them points that had paid for them.", payloads.PointsRefunded
    ),
    EventType(
        "reward.reserved", "Points were set aside for a reward, waiting for the customer's yes.", payloads.Redemption
    ),
    EventType("reward.redeemed", "The customer said yes: points became a reward.", payloads.Redemption),
    EventType(
        "reward.released", "A reserved reward was not taken; its points are free again.", payloads.RedemptionReleased
    ),
    EventType("reward.refunded", "A redemption was undone; its points are back in the wallet.", payloads.Redemption),
    EventType(
        "ledger.sealed",
        "The books of a closed day were sealed. Keep the hash: it tells whether anything before was changed since.",
        payloads.LedgerSealed,
    ),
    EventType(
        "bill.reserved",
        "Points were set aside for a bill at a till, waiting for the customer's yes.",
        payloads.BillPart,
    ),
    EventType("bill.settled", "The customer said yes: points paid a part of the bill.", payloads.BillPart),
    EventType(
        "bill.released", "Points were not used for a bill after all; they are free again.", payloads.BillPartReleased
    ),
    EventType("bill.refunded", "A payment at a till was undone; its points are back in the wallet.", payloads.BillPart),
    EventType(
        "campaign.published", "A new version of a campaign was published.", payloads.CampaignPublished, public=False
    ),
    EventType("limit.reached", "So much of a limit that all share is used.", payloads.LimitReached, public=False),
    EventType("campaign.stopped", "Somebody threw a campaign's kill switch.", payloads.CampaignSwitched, public=False),
    EventType(
        "campaign.resumed", "Somebody let a stopped campaign grant again.", payloads.CampaignSwitched, public=False
    ),
    EventType(
        "unit.policy_published",
        "A new version of a unit's policy was published.",
        payloads.PolicyPublished,
        public=False,
    ),
    EventType(
        "ladder.published", "A new version of a ladder of tiers was published.", payloads.LadderPublished, public=False
    ),
    EventType("night.finished", "The nightly run of a day is finished.", payloads.NightOver, public=False),
    EventType("visit.opened", "A member's code was read at a till.", payloads.VisitOpened, public=False),
    EventType(
        "card.rotated",
        "A member's card got a new reference; the old codes are worthless.",
        payloads.MemberOnly,
        public=False,
    ),
)

TYPES: dict[str, EventType] = {event.name: event for event in _TYPES}
PUBLIC = frozenset(event.name for event in _TYPES if event.public)
