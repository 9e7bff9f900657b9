"""What Laurel notices itself: joining, balances, returns, tiers, segments; and what happens at night."""

from datetime import UTC, date, datetime, timedelta

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Definition
from campaigns.models import Decision
from campaigns.nightly import AT_ONCE
from events import outbox
from events.outbox import relay_batch
from ledger import nightly
from ledger.models import NightlyRun, Posting
from ledger.nightly import runs
from ledger.nightly.runs import Went
from members.birthdays import tell_birthday
from members.celebrating import days_of_year
from members.joining import join
from members.models import Member
from members.services import enrol, enrol_unknown
from orders.events.builtin import BIRTHDAY
from orders.models import Event
from shops.models import User
from tests.campaigns.happenings import rewarding, rewards
from tests.campaigns.trade import (
    NEW_YEAR,
    NOON,
    a_campaign,
    a_member,
    books_are_sound,
    bring_back,
    buy,
    goods,
    history,
    spend,
    wallet,
)

DAY = timedelta(days=1)


def relayed(at=NOON):
    """Hand facts on until there are none."""
    while relay_batch(at=at):
        pass


def night(at):
    runs.begin_due(at=at)
    for run in runs.unfinished():
        while runs.work(run_id=run.pk, at=at) is Went.ON:
            pass


def told(*facts, programme, at=NOON):
    """Facts that a room below writes one day: their types are not in the catalogue yet."""
    outbox.OutboxEvent.objects.bulk_create(
        outbox.OutboxEvent(programme_id=programme.pk, type=type_, payload=payload, occurred_at=at)
        for type_, payload in facts
    )
    relayed()


def happened():
    return list(Event.objects.order_by("pk").values_list("type", "reference", "payload"))


def test_who_joins_is_welcomed_once(grocer):
    a_campaign(grocer, rewards("member.enrolled", 50))

    ada = a_member(grocer)
    relayed()
    relayed()

    assert happened() == [("member.enrolled", f"enrolled:{ada.number}", {})]
    assert Event.objects.get().source == "laurel"
    assert wallet(ada) == (50, 0)
    assert books_are_sound()


def test_facts_handed_out_again_after_a_crash_happen_once(grocer):
    a_campaign(grocer, rewards("member.enrolled", 50))
    ada = a_member(grocer)
    relayed()

    outbox.OutboxEvent.objects.update(relayed_at=None)
    relayed()

    assert Event.objects.count() == 1
    assert wallet(ada) == (50, 0)


def test_nothing_is_put_on_record_that_no_rule_waits_for(grocer, standing):
    a_member(grocer)
    campaign = a_campaign(grocer, rewards("member.enrolled", 50), key="welcome", since=NEW_YEAR + DAY)
    a_member(grocer, "bob")
    campaigns.stop_campaign(campaign=campaign, by="Mara", at=NOON)
    enrol(programme=grocer, at=NOON)

    relayed()

    assert not Event.objects.exists()


def test_an_address_is_confirmed_by_who_joins_with_it_and_by_who_claims_what_a_shop_reported(grocer):
    a_campaign(grocer, rewards("member.confirmed", 20))
    shops_own = enrol(programme=grocer, at=NOON, email="bob@example.com")
    ada, bob = (User.objects.create_user(email=f"{name}@example.com") for name in ("ada", "bob"))

    joined = join(programme=grocer, user=ada, name="Ada", at=NOON)
    relayed()
    before = wallet(shops_own)
    join(programme=grocer, user=bob, name="Bob", at=NOON + DAY)
    relayed()

    assert wallet(joined) == (20, 0)
    assert (before, wallet(shops_own)) == ((0, 0), (20, 0))
    assert Event.objects.count() == 2


def test_a_balance_is_reached_once_for_each_crossing(grocer, ada, standing):
    mark = {
        "all": [
            {"field": "event.unit", "op": "eq", "value": "points"},
            {"field": "event.mark", "op": "eq", "value": 100},
        ]
    }
    a_campaign(grocer, rewards("balance.reached", 7, mark), key="marks")

    for number, (euro, balance) in enumerate([(99, 99), (1, 107), (50, 157)]):
        buy(grocer, euro * 100, reference=str(number))
        relayed()
        assert wallet(ada) == (balance, 0)
    spend(ada, 100)
    buy(grocer, 6000, reference="again")
    relayed()

    assert wallet(ada) == (57 + 60 + 7, 0)
    assert [payload for _, _, payload in happened()] == [{"unit": "points", "mark": 100}] * 2
    assert books_are_sound()


def test_what_a_balance_gives_reaches_no_end_that_it_feeds_itself(grocer, ada, standing):
    """Each mark is crossed once on the way up, so that what is granted for one ends at the last."""
    steps = Definition(
        rules=tuple(
            rewarding("balance.reached", 10, {"field": "event.mark", "op": "eq", "value": mark}, key=f"m{mark}")
            for mark in (10, 20, 30, 40)
        )
    )
    a_campaign(grocer, steps, key="marks")
    buy(grocer, 1000)

    for _ in range(10):
        relayed()

    assert [payload["mark"] for _, _, payload in happened()] == [10, 20, 30, 40]
    assert wallet(ada) == (50, 0)
    assert books_are_sound()


def test_one_earning_may_reach_several_marks(grocer, ada, standing):
    marks = {"field": "event.mark", "op": "in", "value": [10, 20, 500]}
    a_campaign(grocer, rewards("balance.reached", 1, marks), key="marks")

    buy(grocer, 5000)
    relayed()

    assert sorted(payload["mark"] for _, _, payload in happened()) == [10, 20]
    assert wallet(ada) == (52, 0)


def test_a_return_is_an_occasion_with_the_worth_of_what_came_back(grocer, ada, standing):
    a_campaign(grocer, rewards("order.returned", 3, {"field": "event.amount", "op": "gte", "value": 1000}), key="back")
    buy(grocer, goods(3000, pieces=3), discount=300)

    bring_back(grocer, (1, 1), of="1", reference="small")
    bring_back(grocer, (2, 1), of="1", reference="large")
    relayed()

    assert [payload for _, _, payload in happened()] == [{"amount": 900}, {"amount": 1800}]
    assert wallet(ada) == (3, 0)


@pytest.mark.parametrize(
    ("type_", "payload", "when"),
    [
        ("tier.changed", {"ladder": "status", "from": None, "to": "gold"}, ("event.to", "gold")),
        ("segment.entered", {"segment": "regulars"}, ("event.segment", "regulars")),
        ("segment.left", {"segment": "regulars"}, ("event.segment", "regulars")),
    ],
)
def test_tiers_and_segments_are_occasions_by_the_facts_about_them(grocer, ada, type_, payload, when):
    field, value = when
    a_campaign(grocer, rewards(type_, 30, {"field": field, "op": "eq", "value": value}))

    told((type_, {"member": ada.number} | payload), programme=grocer)
    told((type_, {"member": ada.number} | dict.fromkeys(payload, "other")), programme=grocer)

    assert wallet(ada) == (30, 0)
    assert Event.objects.first().payload == {name: value for name, value in payload.items() if value}
    assert Decision.objects.count() == 2


def test_facts_about_nobody_mean_nothing(grocer):
    a_campaign(grocer, rewards("order.returned", 3))
    buy(grocer, 1000, customer_source="", customer="")
    bring_back(grocer, (1, 1), of="1")

    relayed()

    assert not Event.objects.exists()


def born(member, month, day, at=NEW_YEAR):
    tell_birthday(member=member, month=month, day=day, at=at, by_the_shop=True)


@pytest.fixture
def birthdays(grocer):
    return a_campaign(grocer, rewards(BIRTHDAY, 100))


def test_a_birthday_is_celebrated_on_its_day(grocer, ada, birthdays):
    born(ada, 3, 2)
    born(a_member(grocer, "bob"), 3, 3)

    night(NOON - DAY)
    before = wallet(ada)
    night(NOON)

    assert (before, wallet(ada)) == ((0, 0), (100, 0))
    event = Event.objects.get()
    assert (event.type, event.reference) == (BIRTHDAY, f"birthday:2026:{ada.number}")
    assert event.occurred_at == datetime(2026, 3, 1, 23, tzinfo=UTC)


def test_a_birthday_counts_once_in_a_calendar_year_even_if_it_is_edited(grocer, ada, birthdays):
    born(ada, 3, 2)
    night(NOON)
    born(ada, 3, 5)
    night(NOON + 3 * DAY)
    born(ada, 1, 7)
    night(datetime(2027, 1, 7, 12, tzinfo=UTC))

    assert Event.objects.count() == 2
    assert history(ada) == [("ACCRUE", 100), ("ACCRUE", 100)]
    assert books_are_sound()


@pytest.mark.parametrize(("year", "day"), [(2026, 28), (2028, 29), (2100, 28)])
def test_the_29th_of_february_is_celebrated_on_the_28th_of_other_years(year, day):
    assert [
        found for found in (date(year, 2, 27), date(year, 2, 28), date(year, 3, 1)) if (2, 29) in days_of_year([found])
    ] == ([date(year, 2, 28)] if day == 28 else [])


def test_who_was_born_on_the_29th_has_a_birthday_every_year(grocer, ada, birthdays):
    born(ada, 2, 29)

    for day in (
        datetime(2026, 2, 28, 12, tzinfo=UTC),
        datetime(2028, 2, 28, 12, tzinfo=UTC),
        datetime(2028, 2, 29, 12, tzinfo=UTC),
    ):
        night(day)

    assert list(Event.objects.order_by("pk").values_list("occurred_at__date", flat=True)) == [
        date(2026, 2, 27),
        date(2028, 2, 28),
    ]


def test_birthdays_of_days_on_which_nobody_was_there_are_celebrated_later(grocer, ada, birthdays):
    born(ada, 3, 2)
    night(NOON - 2 * DAY)

    night(NOON + 5 * DAY)

    assert Event.objects.get().occurred_at == datetime(2026, 3, 1, 23, tzinfo=UTC)
    assert wallet(ada) == (100, 0)


def test_of_days_without_a_run_a_month_counts(grocer):
    first = NightlyRun.objects.create(programme=grocer, day=date(2026, 1, 1), at=NEW_YEAR)
    soon = NightlyRun.objects.create(programme=grocer, day=date(2026, 1, 4), at=NEW_YEAR + 3 * DAY)
    late = NightlyRun.objects.create(programme=grocer, day=date(2026, 6, 1), at=NEW_YEAR + 150 * DAY)

    assert nightly.days_of(first) == [date(2026, 1, 1)]
    assert nightly.days_of(soon) == [date(2026, 1, 2), date(2026, 1, 3), date(2026, 1, 4)]
    assert nightly.days_of(late)[0] == date(2026, 5, 2)
    assert nightly.days_of(late)[-1] == date(2026, 6, 1)


def test_a_blocked_member_has_no_birthday(grocer, ada, birthdays):
    born(ada, 3, 2)
    Member.objects.update(status=Member.Status.BLOCKED)

    night(NOON)

    assert not Event.objects.exists()


def test_an_anniversary_says_which_it_is(grocer):
    a_campaign(grocer, rewards("member.anniversary", 40, {"field": "event.years", "op": "gte", "value": 2}))
    old = enrol(programme=grocer, at=datetime(2024, 3, 1, 23, 30, tzinfo=UTC))
    enrol(programme=grocer, at=datetime(2025, 3, 2, 12, tzinfo=UTC))
    enrol(programme=grocer, at=NOON - timedelta(hours=3))

    night(NOON)

    assert sorted(payload["years"] for _, _, payload in happened()) == [1, 2]
    assert wallet(old) == (40, 0)


def test_a_schedule_is_a_day_that_the_rule_describes_and_others_cost_nothing(grocer, ada):
    first_mondays = {
        "all": [{"field": "clock.weekday", "op": "eq", "value": "mon"}, {"field": "clock.turn", "op": "eq", "value": 1}]
    }
    a_campaign(grocer, rewards("schedule.daily", 9, first_mondays))
    later = enrol(programme=grocer, at=NOON)

    for days in range(-3, 12):
        night(NOON + days * DAY)

    (event,) = Event.objects.all()
    assert (event.member, event.reference) == (ada, f"day:2026-03-02:{ada.number}")
    assert (wallet(ada), wallet(later)) == ((9, 0), (0, 0))


def test_a_night_works_through_many_in_batches_and_again_changes_nothing(grocer, birthdays):
    many = AT_ONCE + 3
    enrol_unknown(programme=grocer, source="till", first_seen={f"m{number}": NEW_YEAR for number in range(many)})
    Member.objects.update(birth_month=3, birth_day=2, birthday_told_at=NEW_YEAR)

    night(NOON)
    NightlyRun.objects.all().delete()
    night(NOON)

    assert Event.objects.count() == Posting.objects.count() == many
    assert NightlyRun.objects.get().steps.get(name="birthdays").done == many
    assert books_are_sound()
