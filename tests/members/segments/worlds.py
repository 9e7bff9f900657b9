"""Small worlds of members and what they bought, their conditions, and both read in the plainest words."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.db import connection
from hypothesis import strategies as st

from conditions.asking import asks_of, expression_of
from conditions.deciding import first_failure
from conditions.situation import Situation
from conditions.tree import parse
from conditions.vocabulary import MEMBER
from ledger import services as ledger
from members.knowing import Asked, known_of
from members.models import Identifier, Member, Tag
from members.segments.finding import members_found
from orders.models import Order, ReturnedLine
from roundtrips import ask
from tests.campaigns import trade

BERLIN = "Europe/Berlin"
# The nights on which clocks are changed, the ends of months and years, and a leap day.
EDGES = [
    datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC),
    datetime(2026, 3, 29, 1, 0, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
    datetime(2026, 3, 31, 22, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, 0, tzinfo=UTC),
    datetime(2027, 1, 1, 12, 0, tzinfo=UTC),
    datetime(2028, 2, 28, 23, 0, tzinfo=UTC),
    datetime(2028, 2, 29, 23, 0, tzinfo=UTC),
    datetime(2027, 2, 28, 12, 0, tzinfo=UTC),
]
MOMENTS = st.sampled_from(EDGES)
ZONES = st.sampled_from([BERLIN, "America/New_York", "Pacific/Auckland"])
_numbers = count(10**11)


class Thing(NamedTuple):
    sku: str
    kind: str
    quantity: int
    amount: int
    tax: int
    discount: int
    labels: tuple[str, ...]
    returned: int


class Bought(NamedTuple):
    at: datetime
    channel: str
    things: tuple[Thing, ...]


class Person(NamedTuple):
    joined: datetime
    birthday: tuple[int, int] | None
    email: str
    blocked: bool
    sources: tuple[str, ...]
    tags: tuple[str, ...]
    told: dict[str, Any]
    bought: tuple[Bought, ...]


@st.composite
def things(draw):
    quantity = draw(st.sampled_from([1, 3, 1000, 3000]))
    amount = draw(st.integers(0, 40))
    kind = draw(st.sampled_from(["product", "product", "service", "shipping"]))
    return Thing(
        draw(st.sampled_from(["CAKE", "BREAD", ""])),
        kind,
        quantity,
        amount,
        draw(st.integers(0, amount)),
        draw(st.integers(0, amount)) if kind != "shipping" else 0,
        draw(st.lists(st.sampled_from(["new", "sale"]), max_size=2, unique=True).map(tuple)),
        draw(st.sampled_from([0, 0, 1, quantity])) if kind != "shipping" else 0,
    )


def near(moments):
    return st.builds(
        lambda at, days, seconds: at - timedelta(days=days, seconds=seconds),
        moments,
        st.sampled_from([0, 0, 1, 6, 7, 28, 30, 31, 90, 365, 366]),
        st.sampled_from([0, 1, 3600, -1]),
    )


BOUGHT = st.builds(
    Bought, near(MOMENTS), st.sampled_from(["web", "till", ""]), st.lists(things(), min_size=1, max_size=2).map(tuple)
)
PEOPLE = st.builds(
    Person,
    near(MOMENTS),
    st.none() | st.sampled_from([(2, 29), (2, 28), (3, 1), (12, 31), (1, 1), (10, 25)]),
    st.sampled_from(["", "a"]),
    st.booleans(),
    st.lists(st.sampled_from(["till", "shopify"]), max_size=2, unique=True).map(tuple),
    st.lists(st.sampled_from(["vip", "staff"]), max_size=2, unique=True).map(tuple),
    st.fixed_dictionaries(
        {}, optional={"height": st.integers(0, 3), "city": st.sampled_from(["Bonn", "Ulm"]), "vegan": st.booleans()}
    ),
    st.lists(BOUGHT, max_size=4).map(tuple),
)


def settle(programme, people):
    """Put people and what they bought on record; their members in the same order."""
    return [_settle(programme, person, number) for number, person in zip(_numbers, people, strict=False)]


def _settle(programme, person, number):
    (wallet_id,) = ledger.open_wallets(programme_id=programme.pk, count=1, at=person.joined)
    month, day = person.birthday or (None, None)
    member = Member.objects.create(
        programme=programme,
        number=str(number),
        wallet_id=wallet_id,
        email=f"{number}@example.org" if person.email else "",
        status="BLOCKED" if person.blocked else "ACTIVE",
        card_ref=number.to_bytes(10, "big"),
        joined_at=person.joined,
        birth_month=month,
        birth_day=day,
        birthday_told_at=person.joined if month else None,
        attributes=person.told,
    )
    Identifier.objects.bulk_create(
        Identifier(programme=programme, member=member, source=source, external_id=str(number))
        for source in person.sources
    )
    Tag.objects.bulk_create(Tag(member=member, name=name, since=person.joined) for name in person.tags)
    for place, bought in enumerate(person.bought):
        _record(programme, member, bought, f"{number}-{place}")
    return member


def _record(programme, member, bought, reference):
    order = Order.objects.create(
        programme_id=programme.pk,
        member=member,
        source="till",
        reference=reference,
        fingerprint=b"0" * 32,
        channel=bought.channel,
        currency="EUR",
        total=sum(thing.amount - thing.discount for thing in bought.things),
        lines=[_line(no, thing) for no, thing in enumerate(bought.things)],
        placed_at=bought.at,
    )
    ReturnedLine.objects.bulk_create(
        ReturnedLine(programme_id=programme.pk, order=order, line_no=no, sold=thing.quantity, returned=thing.returned)
        for no, thing in enumerate(bought.things)
        if thing.returned
    )


def _line(no, thing):
    written = {"no": no, "sku": thing.sku, "quantity": thing.quantity, "amount": thing.amount}
    if thing.kind != "product":
        written["kind"] = thing.kind
    if thing.tax:
        written["tax"] = thing.tax
    if thing.discount:
        written["discount"] = thing.discount
    if thing.labels:
        written["labels"] = list(thing.labels)
    return written


def found_at_once(programme, tree, at, zone):
    return _found(programme, tree, at, zone, None)


def found_one_by_one(programme, members, tree, at, zone):
    return _found(programme, tree, at, zone, [member.pk for member in members])


def _found(programme, tree, at, zone, among):
    node = parse(tree, MEMBER.within(programme.pk))
    query = members_found(node, programme_id=programme.pk, at=at, zone=zone, among=among)
    with connection.cursor() as cursor:
        cursor.execute(query.text, query.parameters)
        return {member_id for member_id, _ in cursor.fetchall()}


def decided(programme, members, tree, at, zone):
    """For whom the Python predicate holds, over what the database knows of each."""
    words = MEMBER.within(programme.pk)
    node = parse(tree, words)
    names = sorted(asks_of(node))
    rows = ask(known_of([Asked(member.pk, at, zone) for member in members], [expression_of(n, words) for n in names]))
    return {
        member.pk
        for member, values in zip(members, rows, strict=True)
        if first_failure(node, Situation(None, at, dict(zip(names, values, strict=True)))) is None
    }


def plainly_found(people, members, tree, at, zone):
    local = ZoneInfo(zone)
    return {
        member.pk
        for person, member in zip(people, members, strict=True)
        if _holds(tree, lambda test, who=person, m=member: _observed(test, who, m, at, local))
    }


def _holds(tree, observe):
    for joint, joined in (("all", all), ("any", any), ("none", lambda parts: not any(parts))):
        if joint in tree:
            return joined([_holds(part, observe) for part in tree[joint]])
    return _compares(observe(tree), tree)


def _compares(observed, tree):
    wanted, op = tree["value"], tree["op"]
    if observed is None:
        return op in {"ne", "not_in", "has_none"}
    return {
        "eq": lambda: observed == wanted,
        "ne": lambda: observed != wanted,
        "gt": lambda: observed > wanted,
        "gte": lambda: observed >= wanted,
        "lt": lambda: observed < wanted,
        "lte": lambda: observed <= wanted,
        "in": lambda: observed in wanted,
        "not_in": lambda: observed not in wanted,
        "has_any": lambda: any(value in observed for value in wanted),
        "has_all": lambda: all(value in observed for value in wanted),
        "has_none": lambda: not any(value in observed for value in wanted),
    }[op]()


def _observed(test, person, member, at, zone):
    if "history" in test:
        return _measured(test, person, at, zone)
    today, joined = at.astimezone(zone).date(), person.joined.astimezone(zone).date()
    name = test["field"].removeprefix("member.")
    if name.startswith("custom."):
        return person.told.get(name.removeprefix("custom."), {"vegan": False}.get(name.removeprefix("custom.")))
    plain = {
        "status": "BLOCKED" if person.blocked else "ACTIVE",
        "has_email": bool(person.email),
        "number": member.number,
        "identifiers": person.sources,
        "tags": person.tags,
        "segments": (),
        "joined": joined.isoformat(),
        "days": max((today - joined).days, 0),
        "years": sum(_celebrated(year, joined.month, joined.day) <= today for year in _years(joined, today)),
        "is_anniversary": today in {_celebrated(year, joined.month, joined.day) for year in _years(joined, today)},
    }
    if name in plain:
        return plain[name]
    return _about_birthday(name, person.birthday, today)


def _years(joined, today):
    return range(joined.year + 1, today.year + 1)


def _about_birthday(name, birthday, today):
    if birthday is None:
        return None
    days = [(_celebrated(today.year + step, *birthday) - today).days for step in (-1, 0, 1)]
    return {
        "birth_month": str(birthday[0]),
        "is_birthday": 0 in days,
        "days_to_birthday": min(day for day in days if day >= 0),
        "days_since_birthday": min(-day for day in days if day <= 0),
        "days_around_birthday": min(abs(day) for day in days),
    }[name]


def _celebrated(year, month, day):
    return date(year, month, min(day, monthrange(year, month)[1]))


def _measured(test, person, at, zone):
    begin, end = _window(test["within"], at, zone)
    items = [
        item
        for bought in person.bought
        if bought.at < at and (begin is None or bought.at >= begin) and (end is None or bought.at < end)
        for item in _items(test["history"], bought)
        if _holds(test.get("where") or {"all": []}, lambda inner, it=item: it[inner["field"]])
    ]
    days = [item["at"].astimezone(zone).date() for item in items]
    values = [item[test["of"]] for item in items if test.get("of") and item[test["of"]] is not None]
    return {
        "count": lambda: len(items),
        "sum": lambda: sum(values),
        "average": lambda: sum(values) // len(values) if values else None,
        "last": lambda: (at.astimezone(zone).date() - max(days)).days if days else None,
        "distinct_days": lambda: len(set(days)),
    }[test["measure"]]()


def _items(history, bought):
    goods = [thing for thing in bought.things if thing.kind != "shipping"]
    of_order = {"at": bought.at, "order.channel": bought.channel or None, "order.shop": None}
    if history == "lines":
        return [{**of_order, **_kept(thing)} for thing in goods if thing.returned < thing.quantity]
    if goods and all(thing.returned == thing.quantity for thing in goods):
        return []
    of_order["order.total"] = sum(_kept(thing)["line.price"] for thing in bought.things)
    of_order["order.goods"] = sum(_kept(thing)["line.price"] for thing in goods)
    of_order["order.goods_net"] = sum(_kept(thing)["line.net"] for thing in goods)
    return [of_order]


def _kept(thing):
    def left(amount):
        return amount * (thing.quantity - thing.returned) // thing.quantity

    price = thing.amount - thing.discount
    tax = thing.tax * price // thing.amount if thing.amount else 0
    return {
        "line.sku": thing.sku or None,
        "line.kind": thing.kind,
        "line.labels": thing.labels,
        "line.quantity": thing.quantity - thing.returned,
        "line.price": left(price),
        "line.list_price": left(thing.amount),
        "line.discount": left(thing.amount) - left(price),
        "line.net": left(price - tax),
        "line.unit_price": price * 1000 // thing.quantity,
    }


def _window(within, at, zone):
    if within == "ever":
        return None, None
    local = at.astimezone(zone).replace(tzinfo=None)
    if "last" in within:
        return _instant(_earlier(local, within["last"], within["unit"]), zone), None
    begin = _begin(local, within["unit"])
    if within["period"] == "current":
        return _instant(begin, zone), None
    before = _begin(begin - timedelta(days=1), within["unit"])
    return _instant(before, zone), _instant(begin, zone)


def _begin(local, unit):
    day = local.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "week":
        return day - timedelta(days=day.weekday())
    if unit == "month":
        return day.replace(day=1)
    if unit == "quarter":
        return day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1)
    return day.replace(month=1, day=1) if unit == "year" else day


def _earlier(local, number, unit):
    if unit in {"day", "week"}:
        return local - timedelta(days=number * (7 if unit == "week" else 1))
    months = local.year * 12 + local.month - 1 - number * (12 if unit == "year" else 1)
    year, month = divmod(months, 12)
    return local.replace(year=year, month=month + 1, day=min(local.day, monthrange(year, month + 1)[1]))


def _instant(local, zone):
    """Of an hour that the clock shows twice, the second, as the database has it."""
    return local.replace(tzinfo=zone, fold=1).astimezone(UTC)


def a_world(people):
    """A programme of its own, that keeps three things about its members."""
    programme = trade.a_programme(key=f"world-{next(_numbers)}")
    return programme, settle(programme, people)
