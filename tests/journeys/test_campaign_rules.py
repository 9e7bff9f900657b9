"""A marketer builds rules from words and numbers in a real browser."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.definitions import Count, Limit, Multiplier, Per, Rule
from campaigns.models import Campaign
from campaigns.queries import definition_of
from orders.facts import PIECE, Line
from shops.models import Programme, User
from tests.admin import people
from tests.campaigns.trade import buy, granted
from tests.journeys.pages import DESK, PHONE, complaints, listen, too_wide
from tests.journeys.test_marketer import come_in, complaints_about

DOUBLE = Rule(
    "cake-saturdays",
    Multiplier(2000, {"all": [{"field": "line.categories", "op": "has_any", "value": ["cake"]}]}),
    when={"all": [{"field": "clock.weekday", "op": "eq", "value": "sat"}]},
    limits=(Limit(Count.UNITS, 100, per=Per.MEMBER, period="month"),),
)


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    return {**browser_context_args, "base_url": live_server.url, "viewport": DESK}


@pytest.fixture
def world(live_server):
    return people.a_world()


@pytest.fixture
def mara(world) -> User:
    programme: Programme = world["shops.programme"]
    return people.staff("Mara", people.Role.MARKETER, programme)


def bought(programme: Programme, days: int, reference: str, cake: int) -> int:
    """What cake and bread for 10 euro earn on that day of this week (0 is Monday, 7 the next one)."""
    now = timezone.now().astimezone(ZoneInfo(programme.time_zone))
    at = now.replace(hour=12) + timedelta(days=7 - now.weekday() + days)
    lines = (
        Line(no=1, sku="CAKE", quantity=PIECE, amount=cake, categories=("cake",)),
        Line(no=2, sku="BREAD", quantity=PIECE, amount=10_00, categories=("bread",)),
    )
    return granted(buy(programme, *lines, reference=reference, at=at))


def write_double_points_on_cake(page: Page) -> None:
    """Fill in the page of a new rule."""
    page.get_by_label("Times the points of other rules").check()
    expect(page.get_by_label("for every (EUR)")).to_be_hidden()
    page.get_by_label("Times", exact=True).fill("2")
    about_lines = page.locator(".d-part:visible", has_text="Only for lines on which")
    about_lines.get_by_role("button", name="Add a condition").click()
    about_lines.get_by_label("What it is about").select_option("the categories")
    about_lines.get_by_label("Values").fill("cake")
    when = page.locator("section", has=page.get_by_role("heading", name="When"))
    when.get_by_role("button", name="Add a condition").click()
    when.get_by_label("What it is about").select_option("the day of the week")
    when.get_by_label("Value", exact=True).select_option("Saturday")
    page.locator("summary", has_text="Add a limit").first.click()
    limit = page.locator("details[open]", has_text="Add a limit")
    limit.get_by_label("At most").fill("100")
    limit.get_by_label("Within").select_option("a month")
    page.get_by_label("Key", exact=True).fill("cake-saturdays")


def test_double_points_on_cake_on_saturdays_up_to_a_hundred_a_month(page: Page, world, mara, live_server) -> None:
    campaign: Campaign = world["campaigns.campaign"]
    programme: Programme = world["shops.programme"]
    heard = listen(page)
    come_in(page, mara, live_server)
    page.goto(people.address("campaigns.campaign", "change", campaign.pk))
    page.get_by_label("Add a rule for").select_option("an order")
    page.get_by_role("button", name="Add a rule").click()

    write_double_points_on_cake(page)

    said = page.locator("#example")
    expect(said).to_contain_text("2 times the points, for lines on which the categories include one of cake")
    expect(said).to_contain_text("if the day of the week is Saturday, at most 100 points for each member a month")
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        assert complaints(page) == too_wide(page) == []
    page.get_by_role("button", name="Save and review").click()
    expect(page.locator("ins")).to_contain_text("2 times the points")
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()

    first, added = definition_of(campaign.versions.get(number=2)).rules
    assert (first.key, added) == ("r1", DOUBLE)
    assert bought(programme, 4, "friday", 60_00) == 70
    assert bought(programme, 5, "saturday", 60_00) == 130
    assert bought(programme, 5, "the same saturday", 60_00) == 110
    assert heard == []


def test_a_rule_comes_back_from_its_page_as_it_was(page: Page, world, mara, live_server) -> None:
    campaign: Campaign = world["campaigns.campaign"]
    come_in(page, mara, live_server)
    page.set_viewport_size(PHONE)
    page.goto(people.address("campaigns.campaign", "rule", campaign.pk) + "?key=r1")

    page.get_by_role("button", name="Save as draft").click()

    expect(page.get_by_text("Saved as a draft.")).to_be_visible()
    assert definition_of(people.the_draft(campaign)) == definition_of(campaign.versions.get(number=1))


@pytest.mark.parametrize("asked", ["?key=r1", "?trigger=order", "?trigger=event:balance.reached"])
def test_the_page_of_a_rule_is_clean(asked, page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    come_in(page, mara, live_server)

    path = people.address("campaigns.campaign", "rule", world["campaigns.campaign"].pk)
    assert complaints_about(page, path + asked) == []
    assert heard == []


def test_a_campaign_begins_with_a_name(page: Page, world, mara, live_server) -> None:
    come_in(page, mara, live_server)
    page.goto("/admin/campaigns/campaign/add/")

    page.get_by_label("Name").fill("Cake weeks")
    page.get_by_label("Key").fill("cake-weeks")
    page.get_by_role("button", name="Go on").click()

    expect(page.get_by_role("heading", name="Rule r1")).to_be_visible()
    expect(page.get_by_text("Say now what its first rule gives.")).to_be_visible()
    assert Campaign.objects.get(key="cake-weeks").name == "Cake weeks"
