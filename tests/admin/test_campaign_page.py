"""A marketer sees what the standing campaign does, edits the rate, and publishes it as the next version."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns import services as campaigns
from campaigns.definitions import Fixed, Mode
from campaigns.models import CampaignVersion
from campaigns.queries import definition_of
from tests.admin import people
from tests.admin.forms import rule_fields
from tests.admin.people import Role, the_draft
from tests.campaigns import trade
from tests.campaigns.trade import NOON, buy, granted, per_money
from tests.cockpit.people import text_of


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def desk(mara):
    return people.at_the_desk(mara)


def page_of(desk, campaign, page="change"):
    return desk.get(people.address("campaigns.campaign", page, campaign.pk))


def save(desk, campaign, *, key="r1", **fields):
    """What the form of a rule sends, by its own page with `fields` instead."""
    path = people.address("campaigns.campaign", "rule", campaign.pk)
    sent = {"units": "2"} | fields
    return desk.post(f"{path}?key={key}", rule_fields(desk.get(f"{path}?key={key}"), {"draft": ""} | sent))


def publish(desk, campaign, *, when="now", effective_from="", draft=None):
    token = the_draft(campaign).edited_at.isoformat() if draft is None else draft
    fields = {"when": when, "effective_from": effective_from, "draft": token}
    return desk.post(people.address("campaigns.campaign", "publish", campaign.pk), fields)


def rates(campaign):
    """What the published versions give, the first one first."""
    versions = campaign.versions.filter(state="PUBLISHED").order_by("number")
    return [(rule.effect.units, rule.effect.per) for version in versions for rule in definition_of(version).rules]


def test_the_page_says_in_a_sentence_what_the_campaign_does_now(desk, standing):
    page = text_of(page_of(desk, standing).content)

    assert "What it does now 1 point per whole €1.00" in page
    assert "A basket of €42.50 earns 42." in page
    assert "Version 1 since 1 Jan 2026, 01:00" in page
    assert "Published by Mara on 1 Jan 2026, 01:00." in page


def test_saving_keeps_a_draft_and_changes_nothing_for_customers(desk, standing, ada):
    answer = save(desk, standing)

    assert answer.url == people.address("campaigns.campaign", "change", standing.pk)
    assert definition_of(the_draft(standing)).rules[0].effect == per_money(2)
    assert the_draft(standing).edited_by == "Mara"
    assert granted(buy(ada.programme, 42_50)) == 42
    page = text_of(page_of(desk, standing).content)
    assert "Draft of version 2" in page
    assert "Before: 1 point per whole €1.00 After: 2 points per whole €1.00" in page


def test_a_draft_survives_a_closed_tab(mara, desk, standing):
    save(desk, standing, units="7")

    another_tab = people.at_the_desk(mara)

    page = another_tab.get(people.address("campaigns.campaign", "rule", standing.pk) + "?key=r1")
    assert 'name="units" value="7"' in page.content.decode()


def test_reviewing_shows_both_sentences_and_what_baskets_earn(desk, standing):
    save(desk, standing)

    page = text_of(page_of(desk, standing, "publish").content)

    assert "Publish version 2 of “Standing”" in page
    assert "Before: 1 point per whole €1.00 After: 2 points per whole €1.00" in page
    assert "€9.90 9 18 €42.50 42 84 €120.00 120 240" in page


def test_a_published_rate_counts_for_orders_from_now_on_and_not_for_older_ones(desk, standing, ada):
    save(desk, standing)

    answer = publish(desk, standing)

    assert answer.url == people.address("campaigns.campaign", "change", standing.pk)
    assert granted(buy(ada.programme, 42_50, reference="after", at=NOON)) == 84
    assert granted(buy(ada.programme, 42_50, reference="before", at=NOON - timedelta(seconds=1))) == 42
    assert rates(standing) == [(1, 100), (2, 100)]
    page = text_of(page_of(desk, standing).content)
    assert "Version 2 is live." in page
    assert "Version 2 In force" in page.replace("in force", "In force")


def test_a_rate_can_begin_later_in_the_time_of_the_programme(desk, standing, ada):
    save(desk, standing)

    publish(desk, standing, when="later", effective_from="2026-03-29T03:00")

    # On that night clocks go from 2 to 3 in Berlin.
    begins = datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert standing.versions.get(number=2).effective_from == begins
    assert granted(buy(ada.programme, 10_00, reference="before", at=begins - timedelta(seconds=1))) == 10
    assert granted(buy(ada.programme, 10_00, reference="from", at=begins)) == 20
    page = text_of(page_of(desk, standing).content)
    assert "What it does now 1 point per whole €1.00" in page
    assert "From 29 Mar 2026, 03:00: 2 points per whole €1.00" in page


@pytest.mark.parametrize(
    ("_case", "effective_from", "complaint"),
    [
        ("no time", "", "Say when it begins."),
        ("no time at all", "soon", "Enter a valid date/time."),
        ("the past", "2026-03-02T12:59", "It can't begin before 2026-03-02 13:00 CET"),
        ("a time that the clocks skip", "2026-03-29T02:30", "be interpreted in time zone Europe/Berlin"),
    ],
)
def test_a_wrong_time_is_told_at_its_field_and_nothing_is_published(_case, effective_from, complaint, desk, standing):
    save(desk, standing)

    answer = publish(desk, standing, when="later", effective_from=effective_from)

    assert answer.status_code == 200
    assert complaint in " ".join(answer.context["form"].errors["effective_from"])
    assert rates(standing) == [(1, 100)]
    assert the_draft(standing) is not None


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("units", "", "This field is required."),
        ("units", "two", "Write a plain number with at most 0 decimals, such as 1."),
        ("units", "1.5", "Write a plain number with at most 0 decimals, such as 1."),
        ("units", "0", "It has to be more than 0."),
        ("units", "-1", "It has to be more than 0."),
        ("per", "1.005", "Write a plain number with at most 2 decimals, such as 1.00."),
        ("per", "0", "It has to be more than 0."),
        ("mode", "sometimes", "Select a valid choice. sometimes is not one of the available choices."),
    ],
)
def test_a_wrong_rate_is_told_at_its_field_and_nothing_is_saved(field, value, complaint, desk, standing):
    answer = save(desk, standing, **{field: value})

    assert answer.context["form"].errors == {field: [complaint]}
    assert the_draft(standing) is None


def test_a_comma_is_as_good_as_a_point_and_parts_can_count(desk, standing):
    save(desk, standing, units="3", per="2,50", mode="continuous")

    assert definition_of(the_draft(standing)).rules[0].effect == per_money(3, 250, Mode.CONTINUOUS)


def test_a_rate_beyond_all_sense_is_refused_in_words(desk, standing):
    answer = save(desk, standing, units="99999999999")

    assert answer.status_code == 200
    assert the_draft(standing) is None
    assert answer.context["form"].errors == {"units": ["That is too much: no order could be decided by it."]}


def test_two_marketers_never_overwrite_each_other_unseen(desk, standing):
    seen = campaigns.save_draft(
        campaign=standing, definition=trade.rules(per_money(5)), by="Ben", at=NOON - timedelta(hours=2)
    )
    token = seen.edited_at.isoformat()
    campaigns.save_draft(
        campaign=standing,
        definition=trade.rules(per_money(6)),
        by="Ben",
        at=NOON - timedelta(hours=1),
        read_at=seen.edited_at,
    )

    answer = save(desk, standing, units="2", draft=token)

    assert "Ben changed the draft meanwhile." in text_of(answer.content)
    assert definition_of(the_draft(standing)).rules[0].effect == per_money(6)
    # What was typed is still there, and saving again is about the draft that is shown now.
    assert "In the draft now: 6 points per whole €1.00" in text_of(answer.content)
    assert 'name="units" value="2"' in answer.content.decode()
    assert the_draft(standing).edited_at.isoformat() in answer.content.decode()


def test_publishing_a_draft_that_changed_meanwhile_is_refused(desk, standing):
    save(desk, standing)
    token = the_draft(standing).edited_at.isoformat()
    campaigns.save_draft(
        campaign=standing,
        definition=trade.rules(per_money(6)),
        by="Ben",
        at=NOON + timedelta(hours=1),
        read_at=the_draft(standing).edited_at,
    )

    publish(desk, standing, draft=token)

    assert rates(standing) == [(1, 100)]
    assert "Ben changed the draft meanwhile." in text_of(page_of(desk, standing).content)


def test_a_made_up_token_is_refused_in_words(desk, standing):
    answer = save(desk, standing, draft="yesterday")

    assert "The page is out of date: open it again." in text_of(answer.content)
    assert the_draft(standing) is None


def test_a_draft_can_be_thrown_away(desk, standing):
    save(desk, standing)

    desk.post(people.address("campaigns.campaign", "discard", standing.pk))

    assert the_draft(standing) is None
    assert rates(standing) == [(1, 100)]


def test_without_a_draft_there_is_nothing_to_publish_or_throw_away(desk, standing):
    published = desk.get(people.address("campaigns.campaign", "publish", standing.pk), follow=True)
    discarded = desk.post(people.address("campaigns.campaign", "discard", standing.pk), follow=True)

    assert "There is no draft to publish." in text_of(published.content)
    assert "There was no draft any more." in text_of(discarded.content)
    assert rates(standing) == [(1, 100)]


def test_the_switch_stops_and_resumes_with_who_and_when(desk, standing, ada):
    desk.post(people.address("campaigns.campaign", "stop", standing.pk))

    stopped = text_of(page_of(desk, standing).content)
    assert granted(buy(ada.programme, 10_00, reference="1")) == 0
    assert "Stopped by Mara on 2 Mar 2026, 13:00." in stopped

    desk.post(people.address("campaigns.campaign", "resume", standing.pk))

    assert granted(buy(ada.programme, 10_00, reference="2")) == 10
    assert "Stopped by" not in text_of(page_of(desk, standing).content)


def test_the_history_says_what_each_version_changed(desk, standing):
    trade.change(standing, per_money(2), at=NOON - timedelta(days=20))
    trade.change(standing, trade.rules(per_money(2), Fixed(5)), at=NOON - timedelta(days=10))

    page = text_of(page_of(desk, standing).content)

    third, second, first = (
        page.index("Version 3 in force"),
        page.index("Version 2 Before"),
        page.index("Version 1 1 point"),
    )
    assert third < second < first
    assert "After: 5 points each time" in page
    assert "Before: 1 point per whole €1.00 After: 2 points per whole €1.00" in page


def test_a_fixed_bonus_is_edited_as_one_number(desk, grocer):
    campaign = trade.a_campaign(grocer, Fixed(5), key="bonus")

    save(desk, campaign, units="8")

    assert definition_of(the_draft(campaign)).rules[0].effect == Fixed(8)


def test_a_condition_stays_and_is_told(desk, grocer):
    when = {"field": "order.channel", "op": "eq", "value": "web"}
    campaign = trade.a_campaign(grocer, trade.rules(per_money(), when=when), key="web")

    save(desk, campaign)

    assert definition_of(the_draft(campaign)).rules[0].when == when
    assert "1 point per whole €1.00, if the channel is web" in text_of(page_of(desk, campaign).content)


def test_the_first_draft_of_a_campaign_can_be_published(desk, grocer):
    campaign = campaigns.create_campaign(
        programme=grocer, key="new", name="New", definition=trade.rules(per_money()), by="Mara", at=NOON
    )

    before = text_of(page_of(desk, campaign).content)
    publish(desk, campaign)

    assert "Nothing yet: no version has begun." in before
    assert rates(campaign) == [(1, 100)]


def test_who_may_only_look_sees_no_form_and_no_switch(grocer, standing):
    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    page = page_of(analyst, standing).content.decode()

    assert "What it does now" in page
    assert "/rule/" not in page
    assert "/stop/" not in page


def test_the_list_tells_states_and_sentences(desk, standing, grocer):
    trade.a_campaign(grocer, per_money(3), key="later", since=NOON + timedelta(days=1))
    campaigns.stop_campaign(campaign=trade.a_campaign(grocer, key="off"), by="Mara", at=NOON)
    campaigns.create_campaign(
        programme=grocer, key="new", name="New", definition=trade.rules(per_money()), by="Mara", at=NOON
    )
    save(desk, standing)

    rows = desk.get("/admin/campaigns/campaign/").context["cl"].result_list

    assert {row.key: row.story.status for row in rows} == {
        "standing": "live",
        "later": "scheduled",
        "off": "stopped",
        "new": "draft",
    }
    assert "1, and a draft" in text_of(desk.get("/admin/campaigns/campaign/").content)
    assert CampaignVersion.objects.count() == 5


def test_publishing_with_a_made_up_token_is_refused_in_words(desk, standing):
    save(desk, standing)

    publish(desk, standing, draft="yesterday")

    assert "The page is out of date: open it again." in text_of(page_of(desk, standing).content)
    assert rates(standing) == [(1, 100)]


def go_back(desk, campaign, number, draft=""):
    path = people.address("campaigns.campaign", "restore", campaign.pk)
    return desk.post(path, {"number": str(number), "draft": draft}, follow=True)


def test_a_marketer_goes_back_to_an_earlier_version_after_seeing_what_that_changes(desk, standing, grocer, ada):
    trade.change(standing, per_money(units=3), NOON - timedelta(hours=1))

    seen = text_of(go_back(desk, standing, 1).content)
    still = buy(grocer, 1000, reference="still", at=NOON)
    publish(desk, standing)
    back = buy(grocer, 1000, reference="back", at=NOON + timedelta(minutes=1))

    assert "3 points per whole €1.00" in seen
    assert "1 point per whole €1.00" in seen
    assert (granted(still), granted(back)) == (30, 10)
    assert rates(standing) == [(1, 100), (3, 100), (1, 100)]


def test_the_page_offers_every_version_but_the_last_to_go_back_to(desk, standing):
    trade.change(standing, per_money(units=3), NOON)

    page = text_of(page_of(desk, standing).content)

    assert "Go back to version 1" in page
    assert "Go back to version 2" not in page


def test_going_back_past_somebody_elses_draft_is_refused(desk, standing):
    trade.change(standing, per_money(units=3), NOON)
    campaigns.save_draft(campaign=standing, definition=trade.rules(Fixed(7)), by="Sue", at=NOON)

    answer = text_of(go_back(desk, standing, 1).content)

    assert "Sue changed the draft meanwhile" in answer
    assert definition_of(the_draft(standing)) == trade.rules(Fixed(7))


@pytest.mark.parametrize("number", ["9", "", "x"])
def test_there_is_no_way_back_to_a_version_that_there_is_not(desk, standing, number):
    trade.change(standing, per_money(units=3), NOON)

    go_back(desk, standing, number)

    assert CampaignVersion.objects.filter(state="DRAFT").count() == 0
