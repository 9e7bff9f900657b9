"""A member's birthday: what points live by it, who may change it, and when."""

from datetime import timedelta

import pytest

from events.models import OutboxEvent
from kernel.periods import end_of_day
from ledger import services as ledger
from ledger.adjustments import normal_expiry
from ledger.models import Lot
from ledger.policies import BirthMonth, OnDelivery, Policy
from members.birthdays import tell_birthday
from members.errors import BirthdayInvalid, BirthdayJustTold
from members.exchanging import exchange
from tests.campaigns import trade
from tests.campaigns.trade import LATER, NOON, buy
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.test_convert import night

THREE_YEARS = Policy(BirthMonth(3))
DAY = timedelta(days=1)


@pytest.fixture
def cafe(db):
    programme = trade.a_programme("cafe")
    books.says(programme.units.get(), THREE_YEARS)
    trade.a_campaign(programme)
    return programme


@pytest.fixture
def ada(cafe):
    return trade.a_member(cafe)


def born(member, month=5, day=17, **more):
    return tell_birthday(member=member, month=month, day=day, **{"at": NOON} | more)


def last_days(member):
    found = Lot.objects.filter(wallet_id=member.wallet_id).order_by("pk").values_list("expires_at", flat=True)
    last = [ends - timedelta(seconds=1) for ends in found if ends]
    return [moment.astimezone(member.programme.zone).date().isoformat() for moment in last]


def test_what_is_earned_lives_until_the_end_of_the_month_of_birth(cafe, ada):
    buy(cafe, 1000, reference="before")
    born(ada)

    buy(cafe, 1000, reference="after")

    assert last_days(ada) == ["2029-03-31", "2029-05-31"]


def test_what_waits_for_its_delivery_lives_by_it_too(cafe, ada):
    books.says(cafe.units.get(), Policy(BirthMonth(3), activation=OnDelivery(90)))
    buy(cafe, 1000)
    born(ada, month=1)

    trade.campaigns.accept_delivery(programme=cafe, source="till", reference="1", delivered_at=NOON + DAY)

    assert last_days(ada) == ["2029-01-31"]


def test_what_is_exchanged_lives_by_it_too(cafe, ada):
    credit = books.a_unit(cafe, "credit", klass="CREDIT", decimals=2, policy=THREE_YEARS)
    terms = ledger.add_conversion(
        source=cafe.units.get(code="points"),
        target=credit,
        terms=ledger.NewTerms(chunk=10, gives=100, is_offered=True, is_automatic=False),
    )
    buy(cafe, 1000)

    exchange(member=born(ada), terms=terms, chunks=1, source="test", key="1", at=LATER, actor="test")

    assert last_days(ada) == ["2029-03-31", "2029-05-31"]


def test_what_the_night_converts_lives_by_it_too(cafe, ada):
    ben = trade.a_member(cafe, "ben")
    credit = books.a_unit(cafe, "credit", klass="CREDIT", decimals=2, policy=THREE_YEARS)
    ledger.add_conversion(
        source=cafe.units.get(code="points"),
        target=credit,
        terms=ledger.NewTerms(chunk=10, gives=100, is_offered=False, is_automatic=True),
    )
    for member in (ada, ben):
        books.TestWallet(member.wallet_id, cafe.units.get(code="points")).earn(10, at=NOON)
    born(ada)

    night(at=NOON + DAY)

    assert (last_days(ada), last_days(ben)) == (["2029-05-31"], ["2029-03-31"])


def test_what_the_shop_adds_lives_by_it_too(cafe):
    unit = cafe.units.get()

    ends = normal_expiry(unit, at=NOON, zone=cafe.zone, birth_month=12)

    assert ends == end_of_day(NOON.date().replace(year=2029, month=12, day=31), cafe.zone)


@pytest.mark.parametrize(("month", "day"), [(2, 30), (13, 1), (0, 1), (4, 31), (1, 0), (1, 32)])
def test_a_day_that_no_year_has_is_refused(month, day, ada):
    with pytest.raises(BirthdayInvalid):
        born(ada, month, day)

    ada.refresh_from_db()
    assert (ada.birth_month, ada.birth_day, ada.birthday_told_at) == (None, None, None)


def test_the_29th_of_february_is_a_birthday(ada):
    assert born(ada, 2, 29).birth_day == 29


def test_another_day_within_a_year_is_refused_and_the_same_is_a_repeat(ada):
    born(ada)

    with pytest.raises(BirthdayJustTold) as refusal:
        born(ada, 6, at=NOON + 364 * DAY)
    again = born(ada, at=NOON + 364 * DAY)

    assert refusal.value.changeable_from == NOON + 365 * DAY
    assert (again.birth_month, again.birthday_told_at) == (5, NOON)
    assert OutboxEvent.objects.filter(type="member.birthday_noted").count() == 1


def test_it_is_changed_after_a_year_and_by_the_shop_at_once(ada):
    born(ada)

    assert born(ada, 6, at=NOON + DAY, by_the_shop=True).birth_month == 6
    assert born(ada, 7, at=NOON + 366 * DAY).birth_month == 7
    told = OutboxEvent.objects.filter(type="member.birthday_noted").values_list("payload", flat=True)
    assert list(told) == [{"member": ada.number}] * 3


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_of_eight_birthdays_told_at_once_one_is_noted(ada):
    answers = at_once(8, lambda number: born(ada, month=number + 1))

    noted = [answer for answer in answers if not isinstance(answer, BirthdayJustTold)]
    ada.refresh_from_db()
    assert [told.birth_month for told in noted] == [ada.birth_month]
    assert OutboxEvent.objects.filter(type="member.birthday_noted").count() == 1
