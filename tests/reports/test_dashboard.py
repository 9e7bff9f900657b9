"""The first page of the desk: figures for those who may read them, and what to do next."""

from datetime import timedelta

import pytest

from campaigns import services as campaigns
from shops import services as shops
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON, buy, per_money
from tests.cockpit.people import text_of
from tests.counter.people import a_reward


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def mara(grocer):
    return people.staff("Mara", Role.MARKETER, grocer)


@pytest.fixture
def desk(mara):
    return people.at_the_desk(mara)


def steps(desk):
    return [(step.tone.value, step.sentence, step.address) for step in desk.get("/admin/").context["steps"]]


def test_the_page_shows_todays_figures_and_the_table_behind_the_picture(desk, grocer, ada, standing):
    buy(grocer, 42_50, at=NOON - timedelta(hours=1))

    page = text_of(desk.get("/admin/").content)

    assert "Monday, 2 March 2026" in page
    assert "13:00 in Europe/Berlin" in page
    assert "Orders today 1 0 yesterday by now" in page
    assert "Points earned today 42" in page
    assert "Outstanding points 42" in page
    assert "Mon, 2 Mar 2026 1 €42.50 42 0 0 0 +42" in page
    assert "30 days 42 0 0 0 +42" in page


def test_figures_lead_to_their_rows_for_who_may_see_them(desk, grocer, standing):
    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    assert "/admin/members/member/?when=today" in desk.get("/admin/").content.decode()
    assert "/admin/members/member/?when=today" not in analyst.get("/admin/").content.decode()
    assert "/admin/orders/order/?when=today" in analyst.get("/admin/").content.decode()


def test_an_owner_is_led_to_their_own_work_and_sees_no_figures(grocer):
    owner = people.at_the_desk(people.staff("Olive", Role.OWNER, grocer))

    page = text_of(owner.get("/admin/").content)

    assert "Your work" in page
    assert "Points earned today" not in page


def test_who_works_for_two_programmes_chooses_one(desk, mara, grocer):
    baker = trade.a_programme("baker")
    shops.grant_role(user=mara, programme=baker, role=Role.MARKETER)

    assert desk.get("/admin/").context["programme"] == baker
    assert desk.get("/admin/?programme=grocer").context["programme"] == grocer


def test_a_programme_of_others_cannot_be_chosen(desk, grocer):
    trade.a_programme("baker")

    assert desk.get("/admin/?programme=baker").context["programme"] == grocer


def test_a_programme_that_gives_nothing_is_told_what_it_lacks(desk, grocer):
    assert steps(desk) == [
        ("bad", "No campaign says what customers earn.", "/admin/campaigns/campaign/"),
        ("warn", "Customers have nothing to spend their points on.", "/admin/rewards/reward/add/"),
    ]


def test_a_draft_waits_and_a_stopped_campaign_comes_first(desk, grocer, standing):
    a_reward(grocer, stock=None)
    campaigns.save_draft(campaign=standing, definition=trade.rules(per_money(2)), by="Mara", at=NOON)
    campaigns.stop_campaign(campaign=standing, by="Mara", at=NOON)

    assert steps(desk) == [
        (
            "bad",
            "“Standing” is stopped by Mara: orders earn nothing from it.",
            people.address("campaigns.campaign", "change", standing.pk),
        ),
        (
            "warn",
            "A draft of “Standing” waits to be published.",
            people.address("campaigns.campaign", "publish", standing.pk),
        ),
    ]


def test_stock_that_runs_out_is_told_in_time(desk, grocer, standing):
    gone, low = a_reward(grocer, "tea", stock=0), a_reward(grocer, "coffee", stock=10)
    a_reward(grocer, "cake", stock=11)
    a_reward(grocer, "walk", stock=None)

    assert steps(desk) == [
        ("bad", "“Tea” is sold out.", people.address("rewards.reward", "change", gone.pk)),
        ("warn", "“Coffee”: 10 are left.", people.address("rewards.reward", "change", low.pk)),
    ]


def test_silence_after_trade_is_told_and_silence_before_is_not(desk, grocer, ada, standing):
    a_reward(grocer, stock=None)
    assert steps(desk) == []

    buy(grocer, 5_00, at=NOON - timedelta(days=2))

    assert [sentence for _tone, sentence, _address in steps(desk)] == [
        "No order has arrived since yesterday. Is a till or the web shop cut off?"
    ]


def test_points_about_to_expire_are_counted_with_their_members(grocer, ada, standing, time_machine):
    trade.a_member(grocer, "ben")
    buy(grocer, 5_00, reference="1")
    buy(grocer, 2_00, reference="2", customer="ben")
    buy(grocer, 9_00, reference="3", at=NOON + timedelta(days=10))
    time_machine.move_to(NOON + timedelta(days=340), tick=False)

    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    unit = trade.unit_of(grocer.pk, "points")
    assert steps(analyst) == [
        (
            "plain",
            "7 points of 2 members expire within 30 days.",
            people.address("ledger.unit", "change", unit.pk),
        )
    ]


def test_nothing_to_do_is_said_in_words(desk, grocer, standing):
    a_reward(grocer, stock=None)

    assert "Nothing waits for you." in text_of(desk.get("/admin/").content)


def test_an_analyst_is_not_asked_to_do_a_marketers_work(grocer):
    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    assert steps(analyst) == []
