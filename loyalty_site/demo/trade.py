"""What is bought in the demo: made up by a seeded generator, the same for the same day it begins on."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from orders.facts import PIECE, Line, LineKind, OrderDraft, Tender, TenderKind

CURRENCY = "EUR"
# Article, name, price in cents, and how often it is chosen.
MENU = (
    ("ESP", "Espresso", 240, 16),
    ("FLW", "Flat white", 390, 22),
    ("CAP", "Cappuccino", 370, 20),
    ("FIL", "Filter coffee", 320, 14),
    ("TEA", "Pot of tea", 410, 6),
    ("CRO", "Croissant", 260, 16),
    ("CAK", "Slice of cheesecake", 480, 8),
    ("SAN", "Grilled sandwich", 750, 9),
    ("BEA", "House blend, 250 g", 1190, 6),
    ("KIL", "House blend, 1 kg", 3600, 2),
)
WEB_MENU = MENU[-2:]
SHIPPING = 390
# Orders of a day, from Monday to Sunday, and their share in each hour: the station's shop never closes.
RHYTHM = (17, 18, 18, 20, 25, 32, 24)
HOURS = (6, 5, 5, 4, 4, 5, 6, 9, 12, 11, 10, 9, 9, 8, 7, 7, 7, 6, 5, 5, 5, 5, 5, 5)
ALL_NIGHT = "central-station"
OPEN_BY_DAY = ("harbour", "harbour", ALL_NIGHT)
DAYTIME = range(8, 18)


@dataclass(frozen=True, slots=True)
class Customer:
    """A member's number, since when they come, and how keen they are (1 is usual)."""

    number: str
    since: datetime
    keenness: float


class Trade:
    """Draws orders day by day; references count up, so every order of the demo has one of its own."""

    def __init__(self, *, random: Random, zone: ZoneInfo) -> None:
        self._random = random
        self._zone = zone
        self._count = 0

    def orders_of(self, day: date, customers: Sequence[Customer], *, until: datetime) -> list[OrderDraft]:
        """The orders of one day that were placed by `until`, in the order of their times."""
        regulars = [customer for customer in customers if customer.since.astimezone(self._zone).date() <= day]
        guests = round(RHYTHM[day.weekday()] * self._random.uniform(0.8, 1.25))
        times = sorted(self._moment(day) for _ in range(guests))
        return [self._order(at, self._guest(regulars, at)) for at in times if at <= until]

    def order_of(self, customer: Customer, at: datetime) -> OrderDraft:
        """One order of a known customer."""
        return self._order(at, customer.number)

    def _moment(self, day: date) -> datetime:
        (hour,) = self._random.choices(range(24), HOURS)
        return datetime.combine(day, time(hour), tzinfo=self._zone) + timedelta(seconds=self._random.randrange(3600))

    def _guest(self, regulars: Sequence[Customer], at: datetime) -> str:
        present = [customer for customer in regulars if customer.since <= at]
        if not present or self._random.random() < 0.12:
            return ""
        return self._random.choices(present, [customer.keenness for customer in present])[0].number

    def _order(self, at: datetime, number: str) -> OrderDraft:
        self._count += 1
        is_web = bool(number) and self._random.random() < 0.1
        lines = tuple(self._web_lines() if is_web else self._shop_lines())
        kind = TenderKind.ONLINE if is_web else self._random.choice((TenderKind.CARD, TenderKind.CARD, TenderKind.CASH))
        return OrderDraft(
            source="webshop" if is_web else "till",
            reference=f"{'W' if is_web else 'T'}-{100_000 + self._count}",
            placed_at=at,
            currency=CURRENCY,
            lines=lines,
            customer=number,
            tenders=(Tender(kind, sum(line.amount for line in lines)),),
            channel="web" if is_web else "store",
            shop_code="web" if is_web else self._shop(at),
        )

    def _shop(self, at: datetime) -> str:
        is_day = at.astimezone(self._zone).hour in DAYTIME
        return self._random.choice(OPEN_BY_DAY) if is_day else ALL_NIGHT

    def _shop_lines(self) -> Iterator[Line]:
        wanted = self._random.choices((1, 2, 3, 4), (40, 35, 17, 8))[0]
        drawn = self._random.choices(MENU, [weight for *_, weight in MENU], k=wanted)
        for no, (sku, name, price, _) in enumerate(drawn, start=1):
            pieces = self._random.choices((1, 2), (85, 15))[0]
            yield Line(no=no, sku=sku, name=name, quantity=pieces * PIECE, amount=pieces * price)

    def _web_lines(self) -> Iterator[Line]:
        sku, name, price, _ = self._random.choice(WEB_MENU)
        pieces = self._random.choices((1, 2, 3), (60, 30, 10))[0]
        yield Line(no=1, sku=sku, name=name, quantity=pieces * PIECE, amount=pieces * price)
        yield Line(no=2, sku="SHIP", name="Shipping", quantity=PIECE, amount=SHIPPING, kind=LineKind.SHIPPING)


def days_before(today: date, count: int) -> list[date]:
    """The `count` days up to and including `today`."""
    return [today - timedelta(days=ago) for ago in range(count - 1, -1, -1)]
