"""Who sits at the desk in these tests, and a programme with one row of everything to look at."""

import itertools
from datetime import datetime, timedelta
from typing import Any

import msgspec
from django.db.models import Max
from django.test import Client
from django_celery_beat.models import IntervalSchedule, PeriodicTask

from campaigns.models import Campaign
from events.models import OutboxEvent
from integrations.models import Scope
from integrations.services import deliveries, endpoints, keys
from ledger import services as ledger
from ledger.adjustments import Adjustment
from ledger.models import Posting, Seal, Sealing
from ledger.nightly import runs
from ledger.purchases import latest_terms
from ledger.queries import unit_of
from ledger.sending import TransferRules
from ledger.services import AdjustmentDraft, AdjustmentPart, Requester
from members import adjusting, transferring
from members.models import Member, MemberAttribute, Segment
from members.segments.services import create_segment
from members.tiers import services as tier_services
from members.tiers.models import TierLadder
from members.tiers.services import Floor
from orders.models import ContextAttribute, Event, ImportRun, Order, Return
from shops import services as shops
from shops.attributes import declare
from shops.models import Programme, Shop, StaffRole, User
from tests.campaigns import happenings, trade
from tests.campaigns.trade import NOON
from tests.counter import people as counter
from tests.ledger import buying
from tests.ledger.books import TestWallet
from tests.members import families
from tests.members.tiers import people as tiers
from tests.members.tiers.ladders import A, at_least

Role = StaffRole.Role
_numbers = itertools.count(1)
PASSWORD = "correct horse battery staple"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def staff(name: str, role: Role, programme: Programme, shop: Shop | None = None) -> User:
    """Somebody with one role; the address is the name."""
    granted = shops.hire(
        email=f"{name.lower()}@{programme.key}.example",
        name=name,
        password=PASSWORD,
        programme=programme,
        role=role,
        shop=shop,
    )
    return granted.user


def at_the_desk(user: User | None) -> Client:
    """The browser of somebody who signed in; None is somebody who did not."""
    client = Client()
    if user is not None:
        client.force_login(user, BACKEND)
    return client


def address(model: str, page: str, pk: object = None) -> str:
    """The path of a page of a model: `("members.member", "change", 3)`."""
    base = f"/admin/{model.replace('.', '/')}/"
    return base if page == "changelist" else f"{base}add/" if page == "add" else f"{base}{pk}/{page}/"


def a_world(key: str = "grocer") -> dict[str, Any]:
    """A programme in which everything happened once: a row by the label of its model, in small letters."""
    programme = trade.a_programme(key)
    campaign = trade.a_campaign(programme)
    member = trade.a_member(programme)
    trade.buy(programme, 60_000, at=NOON - timedelta(days=2))
    trade.bring_back(programme, (1, 1), of="1", at=NOON - timedelta(days=1))
    trade.buy(programme, 40_000, reference="2", at=NOON - timedelta(days=1))
    shop = counter.a_shop(programme, "harbour")
    cashier = staff("Casey", Role.CASHIER, programme, shop)
    till = counter.a_till(shop, cashier)
    reward = counter.a_reward(programme)
    redemption = counter.ask_for(member, till)
    api_key, _ = keys.issue_key(programme=programme, name="Till", scopes=[Scope.ORDERS_READ], by="Olive", at=NOON)
    endpoint, _ = endpoints.register_endpoint(programme=programme, url="https://example.com/hook")
    run = ImportRun.objects.create(
        programme=programme, file_sha256=b"1" * 32, file_name="old.csv", format="csv", started_at=NOON
    )
    adjustment = an_adjustment(member)
    return {
        "shops.programme": programme,
        "shops.shop": shop,
        "shops.device": till.device,
        "shops.user": cashier,
        "shops.staffrole": StaffRole.objects.get(user=cashier),
        "ledger.unit": unit_of(programme.pk, "points"),
        "ledger.posting": first_posting(member),
        "ledger.adjustment": adjustment,
        "ledger.nightlyrun": a_night(programme),
        "ledger.conversionterms": a_conversion(programme),
        "ledger.purchase": a_purchase(member),
        "ledger.seal": a_seal(programme),
        "ledger.transfer": a_transfer(member),
        "members.member": member,
        **a_household(programme),
        "members.segment": a_segment(programme),
        "members.memberattribute": declare(
            MemberAttribute, programme=programme, key="shirt", kind="text", label="Shirt"
        ),
        "orders.contextattribute": declare(
            ContextAttribute, programme=programme, key="weather", kind="text", label="Weather", default="dry"
        ),
        **an_event(programme),
        "members.tierladder": a_ladder_with_a_draft(programme, member),
        "orders.order": Order.objects.get(programme_id=programme.pk, reference="1"),
        "orders.return": Return.objects.get(programme_id=programme.pk),
        "orders.importrun": run,
        "rewards.reward": reward,
        "rewards.redemption": redemption,
        "campaigns.campaign": campaign,
        "integrations.apikey": api_key,
        "integrations.webhookendpoint": endpoint,
        "integrations.webhookdelivery": deliveries.send_test(endpoint=endpoint, at=NOON),
        "events.outboxevent": first_event(programme),
        "django_celery_beat.periodictask": a_task(),
    }


def an_event(programme: Programme) -> dict[str, Any]:
    """A check-in that earned, and its type."""
    declared = happenings.a_type(programme, happenings.RATING, happenings.WITH_PHOTO)
    trade.a_campaign(programme, happenings.rewards(), key="moments")
    happened = happenings.happen(programme, payload={"rating": 4})
    return {"orders.event": Event.objects.get(pk=happened.event_id), "orders.eventtype": declared}


def a_household(programme: Programme) -> dict[str, Any]:
    """Two who fill a purse, and the terms of it."""
    families.offered(programme)
    head, adult = (counter.a_member(programme, name, 100) for name in ("Hanna Head", "Axel Adult"))
    household = families.founded(head, "The Heads")
    families.joined(head, adult)
    families.give(adult, 60)
    return {"members.household": household, "members.householdterms": programme.household_terms}


def a_segment(programme: Programme) -> Segment:
    """Those who spent 100 euro in 30 days: Ada did."""
    spent = {
        "history": "orders",
        "measure": "sum",
        "of": "order.total",
        "within": {"last": 30, "unit": "day"},
        "op": "gte",
        "value": 10_000,
    }
    return create_segment(programme=programme, key="spenders", name="Spenders", condition={"all": [spent]}, at=NOON)


def a_ladder_with_a_draft(programme: Programme, member: Member) -> TierLadder:
    """A ladder in force, on which the member stands and is lifted by hand, and a cheaper draft of it."""
    ladder = tiers.a_ladder(programme, at=NOON - timedelta(days=20))
    tiers.review_all(NOON)
    floor = Floor(ladder, "silver", NOON + timedelta(days=90))
    tier_services.override(member=member, floor=floor, reason="A late parcel", by="Sue", at=NOON)
    cheaper = msgspec.structs.replace(A.tiers[1], entry=at_least(1))
    tier_services.save_draft(
        ladder=ladder, definition=msgspec.structs.replace(A, tiers=(A.tiers[0], cheaper)), by="Mara", at=NOON
    )
    return ladder


def an_adjustment(member: Member, amount: int = 250, *, by: User | None = None, at: datetime = NOON) -> Adjustment:
    """An open request for one member."""
    unit = unit_of(member.programme_id, "points")
    asked = adjusting.ask(
        programme=member.programme,
        draft=AdjustmentDraft(
            unit_id=unit.pk,
            reason="GOODWILL",
            wording="For your lost parcel",
            note="Call 7",
            parts=[AdjustmentPart(member.wallet_id, amount)],
        ),
        by=Requester(str(by or "Sami"), by.pk if by else None, "desk", f"form {next(_numbers)}"),
        at=at,
    )
    return Adjustment.objects.get(pk=asked.adjustment_id)


def first_posting(member: Member) -> Any:
    """The posting of the member's oldest entry."""
    from_the_books = list(trade.entries_of(member.wallet_id))
    return from_the_books[-1].posting


def last_posting(member: Member) -> Any:
    """The posting of the member's newest entry."""
    return next(iter(trade.entries_of(member.wallet_id))).posting


def a_conversion(programme: Programme) -> Any:
    """100 points become a credit of 10.00."""
    credit = ledger.open_unit(programme_id=programme.pk, code="credit", name="Credit", klass="CREDIT", decimals=2)
    terms = ledger.NewTerms(chunk=100, gives=1000, is_offered=True, is_automatic=False)
    return ledger.add_conversion(source=unit_of(programme.pk, "points"), target=credit, terms=terms)


def a_purchase(member: Member, amount: int = 5000, *, is_paid: bool = True, at: datetime = NOON) -> Any:
    """5,000 points for 90.00, paid by card."""
    unit = unit_of(member.programme_id, "points")
    terms = latest_terms(unit) or buying.sell(unit)
    wallet = TestWallet(member.wallet_id, unit)
    asked = buying.ask(wallet, terms, amount, at=at).purchase
    return buying.tell(asked, "CAPTURED", at=at).purchase if is_paid else asked


def a_transfer(sender: Member, to: str = "grace") -> Any:
    """An open offer of two points to a new member."""
    points = unit_of(sender.programme_id, "points")
    ledger.offer_transfers(unit=points, rules=TransferRules())
    receiver = trade.a_member(sender.programme, to)
    sending = transferring.Sending(sender, receiver, points, 2, "For the cake")
    return transferring.send(sending=sending, source="test", key=to, at=NOON, actor="member").transfer


def a_night(programme: Programme) -> Any:
    """The programme's nightly run of the day."""
    return next(run for run in runs.begin_due(at=NOON) if run.programme == programme)


def a_seal(programme: Programme) -> Seal:
    """As if a day had been closed and sealed, which takes transactions of its own."""
    before = Sealing.objects.aggregate(until=Max("until"))["until"] or 0
    last = Posting.objects.latest("pk").pk
    stretch = Sealing.objects.create(after=before, until=last, closes_at=NOON, sealed_at=NOON)
    return Seal.objects.create(
        programme_id=programme.pk, number=1, sealing=stretch, rows=19, previous=b"", hash=b"\xa1" * 32
    )


def first_event(programme: Programme) -> Any:
    return OutboxEvent.objects.filter(programme_id=programme.pk).earliest("pk")


def a_task() -> PeriodicTask:
    every_minute, _ = IntervalSchedule.objects.get_or_create(every=1, period=IntervalSchedule.MINUTES)
    task, _ = PeriodicTask.objects.get_or_create(name="sweep", defaults={"task": "t", "interval": every_minute})
    return task


def the_draft(campaign: Campaign) -> Any:
    """The campaign's draft, or None."""
    return campaign.versions.filter(state="DRAFT").first()
