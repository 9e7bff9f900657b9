"""What facts carry, by what happened. Which fact carries which is said in `events.catalogue`."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta


class Payload(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a fact carries."""


Instant = Annotated[datetime, Meta(tz=True)]
Id = Annotated[int, Meta(ge=1)]
Number = Annotated[str, Meta(description="Member number.")]
Amount = Annotated[str, Meta(description="Decimal string in `unit`.")]
UnitCode = Annotated[str, Meta(description="The unit's code.")]
Key = Annotated[str, Meta(description="The campaign's key.")]
Person = Annotated[str, Meta(description="Who did it.")]


class OrderNamed(Payload, frozen=True):
    """An order by its id and by its source's own reference."""

    id: Id
    source: str
    reference: str


class EventNamed(Payload, frozen=True):
    """An event of a declared type by its id and by its source's own reference; the source `laurel` is Laurel itself."""

    id: Id
    type: Annotated[str, Meta(description="The key of its type.")]
    source: str
    reference: str


class ReturnNamed(Payload, frozen=True):
    """A return by its id and by its source's own reference."""

    id: Id
    source: str
    reference: str


class MemberEnrolled(Payload, frozen=True):
    member: Number
    joined_at: Instant


class MemberOnly(Payload, frozen=True):
    member: Number


class MemberTagged(Payload, frozen=True):
    member: Number
    added: list[str]
    removed: list[str]


class SegmentCrossed(Payload, frozen=True):
    segment: Annotated[str, Meta(description="The segment's key.")]
    member: Number


class OrderAccepted(Payload, frozen=True):
    order: OrderNamed
    member: Annotated[str | None, Meta(description="Member number; null for a guest.")]


class EventAccepted(Payload, frozen=True):
    event: EventNamed
    member: Annotated[str | None, Meta(description="Member number; null for a guest.")]


class OrderDelivered(Payload, frozen=True):
    order: OrderNamed
    delivered_at: Instant


class PointsAccrued(Payload, frozen=True):
    member: Number
    posting: Id
    unit: UnitCode
    amount: Amount
    expires_at: Annotated[
        Instant | None, Meta(description="The first instant at which they are lost; null when they never are.")
    ]
    order: Annotated[OrderNamed | None, Meta(description="The order they are for, if it is one.")] = None
    event: Annotated[EventNamed | None, Meta(description="The event they are for, if it is one.")] = None


class AmountOf(Payload, frozen=True):
    unit: UnitCode
    amount: Amount


class PointsConverted(Payload, frozen=True):
    member: Number
    posting: Id
    source: AmountOf = msgspec.field(name="from")
    target: AmountOf = msgspec.field(name="to")


class TransferEnded(Payload, frozen=True):
    transfer: Id
    sender: Number = msgspec.field(name="from")
    receiver: Number = msgspec.field(name="to")
    unit: UnitCode
    amount: Amount
    fee: Annotated[str, Meta(description="Decimal string in `unit`; paid by the sender beside the amount.")]


class TransferOffered(TransferEnded, frozen=True):
    until: Annotated[Instant, Meta(description="The first instant at which it can't be accepted any more.")]


class TransferMoved(TransferEnded, frozen=True):
    posting: Id


class ReturnAccepted(Payload, frozen=True):
    order_return: ReturnNamed = msgspec.field(name="return")
    member: Annotated[str | None, Meta(description="Member number; null for a guest.")]


class PointsClawedBack(Payload, frozen=True):
    member: Number
    order_return: ReturnNamed = msgspec.field(name="return")
    order: OrderNamed
    posting: Id
    unit: UnitCode
    amount: Amount


class PointsAdjusted(Payload, frozen=True):
    member: Number
    adjustment: Annotated[Id, Meta(description="The request that was approved.")]
    reason: Annotated[str, Meta(description="`GOODWILL`, `CORRECTION`, `COMPLAINT`, `MIGRATION` or `OTHER`.")]
    posting: Id
    unit: UnitCode
    amount: Annotated[str, Meta(description="Decimal string in `unit`; with a minus when points were taken.")]
    expires_at: Annotated[
        Instant | None,
        Meta(description="The first instant at which what was added is lost; null when it never is, or was taken."),
    ]


class PointsRedeemed(Payload, frozen=True):
    member: Number
    order: OrderNamed
    hold: Id
    unit: UnitCode
    amount: Amount


class PointsRefunded(PointsClawedBack, frozen=True):
    pass


class PurchaseFact(Payload, frozen=True):
    purchase: Id
    member: Number
    unit: UnitCode
    amount: Amount
    total: Annotated[str, Meta(description="Price and fee: a decimal string in `currency`.")]
    currency: str


class PurchasePaid(PurchaseFact, frozen=True):
    provider: Annotated[str, Meta(description="Who holds the money.")]
    payment: Annotated[str, Meta(description="The provider's name of the payment.")]


class PurchaseCaptured(PurchasePaid, frozen=True):
    posting: Id


class PurchaseRefunded(PurchaseCaptured, frozen=True):
    refunded: Annotated[str, Meta(description="All money given back so far: a decimal string in `currency`.")]
    taken_back: Annotated[str, Meta(description="All that was taken back so far: a decimal string in `unit`.")]
    is_withdrawal: Annotated[
        bool, Meta(description="Whether the member withdrew; the money has to be given back then.")
    ]


class CampaignPublished(Payload, frozen=True):
    campaign: Key
    version: Id
    effective_from: Instant
    by: Person


class PolicyPublished(Payload, frozen=True):
    unit: UnitCode
    version: Id
    effective_from: Instant
    by: Person


class NightOver(Payload, frozen=True):
    day: Annotated[str, Meta(description="The local day, as in 2026-03-02.")]
    at: Instant
    done: Annotated[dict[str, int], Meta(description="How many wallets, lots or policies each step worked through.")]


class CampaignSwitched(Payload, frozen=True):
    campaign: Key
    by: Person


class LimitReached(Payload, frozen=True):
    campaign: Key
    rule: Annotated[str, Meta(description="The rule's key; empty for a limit of the whole campaign.")]
    count: Annotated[str, Meta(description="`executions`, `units`, `discount` or `order_value`.")]
    shop: Annotated[str, Meta(description="The shop's code, if each shop has a limit of its own.")]
    each: Annotated[str, Meta(description="`day`, `week`, `month`, `quarter`, `year`, or empty for ever.")]
    period: Annotated[str, Meta(description="The period it is about, such as `2026-11`.")]
    used: Annotated[int, Meta(description="What is used: a number, or an amount in minor units.")]
    most: Annotated[int, Meta(description="What there was in all.")]
    percent: Annotated[int, Meta(description="50, 80, 95 or 100.")]


HouseholdId = Annotated[int, Meta(ge=1, description="The household's id.")]
Role = Annotated[str, Meta(description="`HEAD`, `ADULT` or `CONTRIBUTOR`.")]


class HouseholdOnly(Payload, frozen=True):
    household: HouseholdId


class HouseholdCreated(Payload, frozen=True):
    household: HouseholdId
    member: Annotated[str, Meta(description="Member number of its head.")]


class HouseholdRole(Payload, frozen=True):
    household: HouseholdId
    member: Number
    role: Role


class HouseholdLeft(Payload, frozen=True):
    household: HouseholdId
    member: Number
    removed: Annotated[bool, Meta(description="Whether somebody else removed them.")]


TierKey = Annotated[str, Meta(description="The tier's key.")]
LadderKey = Annotated[str, Meta(description="The ladder's key.")]
TierCause = Annotated[
    str,
    Meta(description="`ENTERED`, `EARNED`, `KEPT`, `GRACE`, `DROPPED`, `MANUAL`, `CHALLENGE`, `PAID` or `LIFETIME`."),
]
TierUntil = Annotated[
    Instant | None, Meta(description="The first instant at which it may be lost; null when no day is set.")
]


class TierChanged(Payload, frozen=True):
    member: Number
    ladder: LadderKey
    before: Annotated[str | None, Meta(description="The tier's key; null for none.")] = msgspec.field(name="from")
    after: Annotated[str | None, Meta(description="The tier's key; null for none.")] = msgspec.field(name="to")
    cause: TierCause
    until: TierUntil


class TierExtended(Payload, frozen=True):
    member: Number
    ladder: LadderKey
    tier: TierKey
    cause: TierCause
    until: TierUntil


class MilestoneReached(Payload, frozen=True):
    member: Number
    ladder: LadderKey
    milestone: Annotated[str, Meta(description="The milestone's key.")]
    number: Annotated[int, Meta(ge=1, description="Which time it is in the ladder's window.")]


class LadderPublished(Payload, frozen=True):
    ladder: LadderKey
    version: Id
    effective_from: Instant
    by: Person


class PointsPooled(Payload, frozen=True):
    household: HouseholdId
    member: Number
    posting: Id
    unit: UnitCode
    amount: Amount
    automatic: Annotated[bool, Meta(description="Whether it is the automatic share of an earning.")]


class VisitOpened(Payload, frozen=True):
    visit: Id
    member: Number
    shop: str
    method: Annotated[str, Meta(description="How the code was read.")]


class Redemption(Payload, frozen=True):
    redemption: Id
    member: Number
    reward: Annotated[str, Meta(description="The reward's key.")]
    price: Amount
    unit: UnitCode
    shop: Annotated[str, Meta(description="The shop's code.")]


class RedemptionReleased(Redemption, frozen=True):
    reason: Annotated[str, Meta(description="`cancelled` at the till, `declined` by the customer, or `lapsed`.")]


class LedgerSealed(Payload, frozen=True):
    number: Annotated[Id, Meta(description="Seals of a programme are numbered from 1 without a gap.")]
    hash: Annotated[str, Meta(description="SHA-256 of the stretch and of the seal before, in hexadecimal digits.")]
    previous: Annotated[str, Meta(description="The `hash` of the seal before; empty for the first.")]
    rows: Annotated[int, Meta(ge=1, description="How many postings, entries and lot uses it covers.")]
    last_posting: Annotated[Id, Meta(description="Up to which posting.")]


class BillPart(Payload, frozen=True):
    redemption: Id
    member: Number
    value: Annotated[str, Meta(description="What of the bill is paid: a decimal string in the programme's currency.")]
    price: Amount
    unit: UnitCode
    shop: Annotated[str, Meta(description="The shop's code.")]


class BillPartReleased(BillPart, frozen=True):
    reason: Annotated[str, Meta(description="`cancelled` at the till, `declined` by the customer, or `lapsed`.")]
