"""
Today's figures: days are those of the programme's zone, and every number is one that can be counted by hand.

Berlin is an hour ahead of UTC until 29 March 2026, when the clocks go from 2 to 3 at night, and two hours from then on.
"""

from datetime import UTC, date, datetime, timedelta

import pytest

from ledger import services as ledger
from ledger.figures import Moved
from members.models import Member
from reports.queries import Active, Compared, Day, today
from tests.campaigns import trade
from tests.campaigns.trade import bring_back, buy, spend

# Monday, 30 March, 10:00 in Berlin: the day after the night that the clocks went forward.
NOW = datetime(2026, 3, 30, 8, 0, tzinfo=UTC)
MIDNIGHT = datetime(2026, 3, 29, 22, 0, tzinfo=UTC)
MIDNIGHT_BEFORE = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def figures(programme, at=NOW):
    found = today(programme, at=at)
    assert found is not None
    return found


def day_of(programme, day, at=NOW):
    (found,) = (one for one in figures(programme, at).days if one.day == day)
    return found


def test_thirty_days_end_with_today(grocer):
    days = figures(grocer).days

    assert [days[0].day, days[-1].day, len(days)] == [date(2026, 3, 1), date(2026, 3, 30), 30]
    assert days[-1] == Day(date(2026, 3, 30))


def test_a_day_begins_and_ends_at_midnight_of_the_programme(grocer, ada, standing):
    buy(grocer, 1_00, reference="last of Saturday", at=MIDNIGHT_BEFORE - SECOND)
    buy(grocer, 2_00, reference="first of Sunday", at=MIDNIGHT_BEFORE)
    buy(grocer, 4_00, reference="last of Sunday", at=MIDNIGHT - SECOND)
    buy(grocer, 8_00, reference="first of Monday", at=MIDNIGHT)

    found = {day.day.day: (day.orders, day.turnover, day.points.earned) for day in figures(grocer).days if day.orders}

    assert found == {28: (1, 1_00, 1), 29: (2, 6_00, 6), 30: (1, 8_00, 8)}


def test_what_is_dated_after_now_is_left_out(grocer, ada, standing):
    buy(grocer, 1_00, at=NOW)

    assert figures(grocer).orders.now == 0
    assert figures(grocer, at=NOW + SECOND).orders.now == 1


def test_what_happened_thirty_days_ago_is_in_and_the_day_before_is_not(grocer, ada, standing):
    first = datetime(2026, 2, 28, 23, 0, tzinfo=UTC)
    buy(grocer, 1_00, reference="before", at=first - SECOND)
    buy(grocer, 2_00, reference="from", at=first)

    assert figures(grocer).total == Moved(earned=2)


def test_yesterday_is_counted_until_the_time_that_the_clock_shows_now(grocer, ada, standing):
    # On Sunday 10:00 was nine hours after midnight, not ten.
    ten_on_sunday = datetime(2026, 3, 29, 8, 0, tzinfo=UTC)
    buy(grocer, 1_00, reference="Saturday", at=MIDNIGHT_BEFORE - SECOND)
    buy(grocer, 2_00, reference="Sunday morning", at=ten_on_sunday - SECOND)
    buy(grocer, 4_00, reference="Sunday at ten", at=ten_on_sunday)
    buy(grocer, 8_00, reference="Monday", at=MIDNIGHT)

    found = figures(grocer)

    assert found.orders == Compared(now=1, yesterday=1, average=2)
    assert found.turnover == Compared(now=8_00, yesterday=2_00, average=3_50)
    assert found.earned == Compared(now=8, yesterday=2, average=4)


def test_an_average_begins_with_the_first_day_of_trade(grocer, ada, standing):
    buy(grocer, 10_00, reference="1", at=NOW - timedelta(days=4))
    buy(grocer, 30_00, reference="2", at=NOW - timedelta(days=2))

    # Four whole days: 10, 0, 30, 0.
    assert figures(grocer).earned.average == 10
    assert figures(grocer).orders.average == 0


def test_without_trade_there_is_no_average(grocer):
    assert figures(grocer).orders == Compared(now=0, yesterday=0, average=None)


def test_every_kind_of_movement_is_told_and_they_add_up(grocer, ada, standing):
    buy(grocer, 50_00, reference="T-1", at=MIDNIGHT)
    buy(grocer, 30_00, reference="T-2", at=MIDNIGHT + SECOND)
    burn = spend(ada, 60, at=MIDNIGHT + 2 * SECOND)
    ledger.reverse(burn_posting_id=burn, at=MIDNIGHT + 3 * SECOND, grace_until=NOW + timedelta(days=30), actor="test")
    spend(ada, 10, at=MIDNIGHT + 4 * SECOND, reference="tea")
    bring_back(grocer, (1, 1), of="T-2", at=MIDNIGHT + 5 * SECOND)

    found = figures(grocer)

    # Sixty came back, thirty were taken back.
    assert found.days[-1].points == Moved(earned=80, spent=70, expired=0, corrected=30)
    assert found.days[-1].points.change == found.outstanding == 40
    assert (found.earned.now, found.spent.now) == (80, 70)


def test_expiry_counts_on_the_day_the_points_lapsed(grocer, ada, standing):
    buy(grocer, 7_00, at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    a_year_later = NOW + timedelta(days=365)
    ledger.expire_lapsed(at=a_year_later)

    # Bought on 2 March, good until the end of 2 March 2027: gone with the first moment of the 3rd.
    assert day_of(grocer, date(2027, 3, 3), a_year_later).points == Moved(expired=7)


def test_lapsed_points_are_no_liability_whether_or_not_their_expiry_was_posted(grocer, ada, standing):
    buy(grocer, 7_00, reference="T-1", at=datetime(2026, 3, 2, 12, tzinfo=UTC))
    buy(grocer, 5_00, reference="T-2", at=datetime(2026, 3, 20, 12, tzinfo=UTC))
    lapsed = datetime(2027, 3, 2, 23, 0, tzinfo=UTC)

    assert figures(grocer, lapsed - SECOND).outstanding == 12
    assert figures(grocer, lapsed).outstanding == 5
    ledger.expire_lapsed(at=lapsed)
    assert figures(grocer, lapsed).outstanding == 5


def test_pending_and_reserved_points_are_a_liability(grocer, ada, standing):
    buy(grocer, 20_00, at=MIDNIGHT)
    unit = trade.unit_of(grocer.pk, "points")
    ledger.reserve(
        programme_id=grocer.pk,
        wallet_id=ada.wallet_id,
        unit_id=unit.pk,
        amount=15,
        source="test",
        reference="hold",
        at=MIDNIGHT + SECOND,
        until=NOW + timedelta(hours=1),
    )

    assert figures(grocer).outstanding == 20


def test_members_join_on_days_of_the_programme(grocer):
    for name, at in {
        "saturday": MIDNIGHT_BEFORE - SECOND,
        "sunday": MIDNIGHT_BEFORE,
        "sunday at ten": datetime(2026, 3, 29, 8, 0, tzinfo=UTC),
        "monday": MIDNIGHT,
        "just now": NOW - SECOND,
        "to come": NOW,
    }.items():
        Member.objects.filter(pk=trade.a_member(grocer, name).pk).update(joined_at=at)

    assert figures(grocer).joined == Compared(now=2, yesterday=1)


def test_active_members_are_those_who_bought_in_thirty_times_twenty_four_hours(grocer, ada, standing):
    for name in ("ben", "cleo", "dora"):
        trade.a_member(grocer, name)
    buy(grocer, 1_00, reference="1", at=NOW - SECOND)
    buy(grocer, 1_00, reference="2", at=NOW - 2 * SECOND)
    buy(grocer, 1_00, reference="3", customer="ben", at=NOW - timedelta(days=30))
    buy(grocer, 1_00, reference="4", customer="cleo", at=NOW - timedelta(days=30) - SECOND)
    buy(grocer, 1_00, reference="5", customer="ada", at=NOW - timedelta(days=60))
    buy(grocer, 1_00, reference="6", customer="dora", at=NOW - timedelta(days=60) - SECOND)
    buy(grocer, 1_00, reference="7", customer="", customer_source="", at=NOW - SECOND)

    found = figures(grocer).active

    assert found == Active(now=2, before=2)
    assert found.change == 0


def test_the_figures_of_two_programmes_never_mix(grocer, ada, standing):
    baker = trade.a_programme("baker")
    trade.a_campaign(baker)
    trade.a_member(baker)
    buy(baker, 99_00, at=MIDNIGHT)

    found = figures(grocer)

    assert (found.orders.now, found.earned.now, found.outstanding, found.active.now) == (0, 0, 0, 0)
    assert Member.objects.count() == 2


def test_a_programme_without_points_has_no_figures(db):
    empty = trade.Programme.objects.create(key="empty", name="Empty")

    assert today(empty, at=NOW) is None


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "America/Sao_Paulo", "Asia/Kolkata", "UTC"])
def test_the_sum_of_the_days_is_the_sum_of_the_books_in_any_zone(zone, db):
    programme = trade.a_programme("far", time_zone=zone)
    trade.a_campaign(programme)
    ada = trade.a_member(programme)
    for hours in range(0, 29 * 24, 7):
        buy(programme, 1_00, reference=str(hours), at=NOW - timedelta(hours=hours, seconds=1))

    found = figures(programme)

    assert sum(day.orders for day in found.days) == found.total.earned == found.outstanding == 100
    assert trade.wallet(ada, at=NOW) == (100, 0)


def test_the_figures_take_few_queries_however_much_was_traded(grocer, ada, standing, django_assert_num_queries):
    for number in range(20):
        buy(grocer, 1_00, reference=str(number), at=NOW - timedelta(days=number))

    with django_assert_num_queries(8):
        figures(grocer)
