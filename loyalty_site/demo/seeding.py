"""Writing the demo through the same services that real trade comes through."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from random import Random

from allauth.account.models import EmailAddress
from django.db import transaction

from campaigns import services as campaigns
from integrations.models import Scope
from integrations.services import keys
from kernel.errors import DomainError
from ledger import services as ledger
from ledger.adjustments import Adjustment, normal_expiry
from ledger.paying import Terms
from ledger.queries import balances_by_wallet, unit_of
from ledger.sending import TransferRules
from ledger.services import AdjustmentDraft, AdjustmentPart, Requester
from loyalty_site.demo import climbing, family, people
from loyalty_site.demo.selling import sell_points
from loyalty_site.demo.trade import Customer, Trade, days_before
from loyalty_site.founding import found_programme
from members import adjusting, card, transferring, visits
from members import services as members
from members.models import Member
from members.transferring import Sending
from members.visits import Till
from orders.facts import PIECE, OrderDraft, ReturnDraft, ReturnLine
from rewards import services as rewards
from rewards.services import catalogue
from shops import services as shops
from shops.models import Programme, User

KEY = "demo"
DAYS = 60
ACTOR = "demo"
REGULARS = 44
LONG_STANDING = 6
FREE_COFFEE = "free-coffee"


@dataclass(frozen=True, slots=True)
class Seeded:
    """The demo's programme, and whether this run made it."""

    programme: Programme
    is_new: bool


@transaction.atomic
def seed(*, at: datetime, key_file: Path, days: int = DAYS) -> Seeded:
    """
    Make the demo as of `at` with `days` of trade, or leave it as it is; its API key's secret is written to `key_file`.

    All or nothing: a start that is interrupted begins anew.
    """
    found = Programme.objects.filter(key=KEY).first()
    if found is not None:
        return Seeded(found, is_new=False)
    programme = found_programme(
        key=KEY,
        name="Laurel Coffee",
        time_zone="Europe/Berlin",
        currency="EUR",
        by=people.MARKETER.name,
        at=at,
        earning_since=at - timedelta(days=400),
    )
    _open_shops(programme)
    catalogue.add_reward(
        programme=programme,
        key=FREE_COFFEE,
        offer=catalogue.Offer("Free coffee", price=100, description="Any coffee of the menu, also to go."),
        stock=250,
    )
    _History(programme, at, days).write()
    family.gather(programme, at=at)
    climbing.climb(programme, at=at)
    _adjust(programme, at=at)
    ledger.accept_as_payment(
        unit=unit_of(programme.pk, "points"), terms=Terms(100, 300, minimum=50, step=10, share_percent=50)
    )
    sell_points(programme, by=people.MARKETER.name, at=at)
    _let_members_send(programme, at=at)
    _issue_key(programme, at=at, file=key_file)
    return Seeded(programme, is_new=True)


def _open_shops(programme: Programme) -> None:
    places = {"harbour": "Harbour Street", "central-station": "Central Station", "web": "Web shop"}
    opened = {code: shops.open_shop(programme=programme, code=code, name=name) for code, name in places.items()}
    for colleague in people.STAFF:
        shops.hire(
            email=colleague.email,
            name=colleague.name,
            password=people.PASSWORD,
            programme=programme,
            role=colleague.role,
            shop=opened.get(colleague.shop),
        )


def _adjust(programme: Programme, *, at: datetime) -> None:
    """Support asked for two adjustments: yesterday's was approved, today's waits."""
    support, approver = (User.objects.get(email=colleague.email) for colleague in (people.SUPPORT, people.APPROVER))
    unit = unit_of(programme.pk, "points")
    first, second = Member.objects.filter(programme=programme, user=None).order_by("pk")[:2]
    yesterday = at - timedelta(days=1)
    for member, asked_at, amount, wording in (
        (first, yesterday, 150, "For the wait at the counter"),
        (second, at, 80, "For your broken cup"),
    ):
        part = AdjustmentPart(member.wallet_id, amount, normal_expiry(unit, at=asked_at, zone=programme.zone))
        asked = adjusting.ask(
            programme=programme,
            draft=AdjustmentDraft(unit.pk, "GOODWILL", wording, [part], "Talked to them in the shop"),
            by=Requester(str(support), support.pk, ACTOR, member.number),
            at=asked_at,
        )
        if asked_at < at:
            adjustment = Adjustment.objects.get(pk=asked.adjustment_id)
            digest = bytes(adjustment.payload_sha256)
            adjusting.approve(adjustment=adjustment, payload_sha256=digest, by=approver, at=asked_at, note="Fine")


def _let_members_send(programme: Programme, *, at: datetime) -> None:
    """Members give each other points for a small fee, and somebody has just offered the customer some."""
    unit = unit_of(programme.pk, "points")
    rules = TransferRules(
        minimum=10, maximum=500, step=10, sent_monthly=500, made_daily=5, received_monthly=1000, fee_fixed=2
    )
    ledger.offer_transfers(unit=unit, rules=rules)
    customer = Member.objects.get(programme=programme, email=people.CUSTOMER_EMAIL)
    friends = Member.objects.filter(programme=programme, user=None).exclude(name="").order_by("pk")
    balances = balances_by_wallet([friend.wallet_id for friend in friends], at=at)
    friend = next(friend for friend in friends if balances[friend.wallet_id][0].spendable >= 52)
    transferring.send(
        sending=Sending(friend, customer, unit, 50, "Thank you for the umbrella!"),
        source=ACTOR,
        key="umbrella",
        at=at,
        actor=ACTOR,
    )


def _issue_key(programme: Programme, *, at: datetime, file: Path) -> None:
    _, secret = keys.issue_key(programme=programme, name="Demo till", scopes=list(Scope), by=ACTOR, at=at)
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    file.touch(mode=0o600)
    file.write_text(secret + "\n", encoding="ascii")


class _History:
    """Some months of trade: members join, buy, redeem and bring things back, in the order of time."""

    def __init__(self, programme: Programme, at: datetime, days: int) -> None:
        self._programme = programme
        self._at = at
        self._days = days
        self._random = Random(20260101)  # noqa: S311  # made-up trade, the same in every demo
        self._trade = Trade(random=self._random, zone=programme.zone)
        self._unit = unit_of(programme.pk, "points")
        manager = User.objects.get(email=people.MANAGER.email)
        cashier = User.objects.get(email=people.CASHIER.email)
        shop = programme.shops.get(code=people.CASHIER.shop)
        device, _ = shops.enrol_device(shop=shop, name="Till 1", by=manager, at=at - timedelta(days=401))
        self._till = Till(device=device, staff=cashier)

    def write(self) -> None:
        customer = self._enrol_customer()
        old = [self._enrol(days_ago=self._random.randint(300, 390)) for _ in range(LONG_STANDING)]
        regulars = [self._enrol(days_ago=self._joined_days_ago()) for _ in range(REGULARS)]
        self._first_year([customer, *old])
        everybody = [customer, *old, *regulars]
        customers = [self._customer(member) for member in everybody]
        for day in days_before(self._at.astimezone(self._programme.zone).date(), self._days):
            noon = datetime.combine(day, time(12, 30), tzinfo=self._programme.zone)
            placed = self._trade.orders_of(day, customers, until=self._at)
            self._accept([draft for draft in placed if draft.placed_at < noon])
            if noon < self._at - timedelta(hours=1):
                self._redeem([member for member in everybody if member != customer], noon)
            self._accept([draft for draft in placed if draft.placed_at >= noon])
            self._bring_back(placed)

    def _enrol_customer(self) -> Member:
        user = User.objects.create_user(people.CUSTOMER_EMAIL, name=people.CUSTOMER_NAME)
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
        return members.enrol(
            programme=self._programme,
            at=self._ago(days=395),
            name=user.name,
            email=user.email,
            user=user,
            identifiers=[("webshop", "C2000")],
        )

    def _enrol(self, *, days_ago: float) -> Member:
        first = self._random.choice(people.FIRST_NAMES)
        last = self._random.choice(people.LAST_NAMES)
        number = Member.objects.filter(programme=self._programme).count()
        return members.enrol(
            programme=self._programme,
            at=self._ago(days=days_ago),
            name=f"{first} {last}",
            email=f"{first}.{last}.{number}@customers.example".lower(),
            identifiers=[("webshop", f"C{2000 + number}")],
        )

    def _joined_days_ago(self) -> float:
        """Half were there before; the others joined one by one since."""
        return self._random.uniform(DAYS, DAYS + 60) if self._random.random() < 0.5 else self._random.uniform(0.2, DAYS)

    def _customer(self, member: Member) -> Customer:
        is_keen = member.email == people.CUSTOMER_EMAIL
        return Customer(member.number, member.joined_at, 2.5 if is_keen else self._random.gammavariate(2, 0.5))

    def _first_year(self, loyal: Sequence[Member]) -> None:
        """Keen at first, then one order a fortnight, and one reward: what the first month left is about to expire."""
        days = [*range(DAYS + 5, 338, 14), *range(338, 365, 2)]
        drafts = [
            self._trade.order_of(self._customer(member), at)
            for member in loyal
            for at in (self._ago(days=ago + self._random.random()) for ago in days)
            if at > member.joined_at
        ]
        self._accept(sorted(drafts, key=lambda draft: draft.placed_at))
        self._redeem(loyal, self._ago(days=DAYS + 3), chance=1)

    def _accept(self, drafts: Sequence[OrderDraft]) -> None:
        for answer in campaigns.accept_orders(programme=self._programme, drafts=drafts, actor=ACTOR):
            if isinstance(answer, DomainError):
                raise answer

    def _bring_back(self, placed: Sequence[OrderDraft]) -> None:
        """Once a week or so, beans come back on the same day."""
        beans = [(draft, line) for draft in placed for line in draft.lines if line.sku == "BEA" and draft.customer]
        if beans and self._random.random() < 0.15:
            draft, line = beans[0]
            returned_at = min(draft.placed_at + timedelta(minutes=50), self._at)
            campaigns.accept_return(
                programme=self._programme,
                draft=ReturnDraft(
                    source=draft.source,
                    reference=f"R-{draft.reference}",
                    returned_at=returned_at,
                    order_reference=draft.reference,
                    lines=(ReturnLine(quantity=PIECE, line_no=line.no),),
                ),
                actor=ACTOR,
            )

    def _redeem(self, candidates: Sequence[Member], at: datetime, *, chance: float = 0.13) -> None:
        """Who can pay for a coffee has one now and then, one after the other."""
        balances = balances_by_wallet([member.wallet_id for member in candidates], at=at)
        for member in candidates:
            spendable = sum(row.spendable for row in balances.get(member.wallet_id, []))
            if spendable >= 100 and self._random.random() < chance:
                self._have_coffee(member, at)
                at += timedelta(seconds=75)

    def _have_coffee(self, member: Member, at: datetime) -> None:
        (token,) = card.mint_tokens(member=member, programme=self._programme, at=at)
        visit = visits.open_visit(
            token=token.text, till=self._till, nonce=f"demo-{member.number}-{at:%y%m%d%H%M%S}", at=at
        )
        reserved = rewards.reserve(
            visit_id=visit.pk, reward_key=FREE_COFFEE, till=self._till, key=f"demo-{visit.pk}", at=at
        )
        rewards.confirm(redemption_id=reserved.pk, member=member, at=at + timedelta(seconds=20))

    def _ago(self, *, days: float) -> datetime:
        return self._at - timedelta(days=days)
