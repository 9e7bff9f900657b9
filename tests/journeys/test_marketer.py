"""A marketer's morning at the desk, with a real browser."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from campaigns.models import Campaign
from members.models import Member
from shops.models import Programme, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.campaigns.trade import buy, granted
from tests.journeys.pages import DESK, PHONE, complaints, listen, too_wide


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    return {**browser_context_args, "base_url": live_server.url, "viewport": DESK}


@pytest.fixture
def world(live_server):
    """A programme in which everything happened once, all of it a little while ago."""
    return people.a_world()


@pytest.fixture
def grocer(world) -> Programme:
    return world["shops.programme"]


@pytest.fixture
def mara(grocer) -> User:
    return people.staff("Mara", Role.MARKETER, grocer)


def sign_in(page: Page, user: User) -> None:
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill(user.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def come_in(page: Page, user: User, live_server) -> None:
    """Be signed in without typing."""
    session = people.at_the_desk(user).cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])


def complaints_about(page: Page, path: str) -> list[str]:
    """What axe finds on phone and desk, light and dark; the theme looks at the scheme when a page is loaded."""
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        page.goto(path)
        assert ("dark" in str(page.locator("html").get_attribute("class"))) == (scheme == "dark")
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            found += [f"{size['width']} {scheme}: {complaint}" for complaint in complaints(page)]
            found += [f"{size['width']}: wider than the screen: {part}" for part in too_wide(page)]
    return found


def test_a_marketer_doubles_the_rate_and_only_what_comes_after_earns_double(page: Page, world, mara) -> None:
    grocer, ada = world["shops.programme"], world["members.member"]
    heard = listen(page)

    sign_in(page, mara)
    expect(page.get_by_text("Points earned today")).to_be_visible()
    page.get_by_role("link", name="Campaigns").click()
    page.get_by_role("link", name="Standing").click()
    expect(page.get_by_text("1 point per whole €1.00").first).to_be_visible()

    page.locator("#rules ~ ol").get_by_role("link", name="1 point per whole €1.00").click()
    page.get_by_label("Points", exact=True).fill("2")
    page.get_by_role("button", name="Save and review").click()
    expect(page.locator("del")).to_contain_text("1 point per whole €1.00")
    expect(page.locator("ins")).to_contain_text("2 points per whole €1.00")
    expect(page.get_by_role("row", name="€42.50")).to_have_text(re.compile(r"42\s+84"))
    placed_before = timezone.now()
    page.get_by_role("button", name="Publish version 2").click()
    expect(page.get_by_text("Version 2 is live.")).to_be_visible()

    now = timezone.now()
    assert granted(buy(grocer, 42_50, reference="after", at=now)) == 84
    assert granted(buy(grocer, 42_50, reference="before", at=placed_before - timedelta(hours=1))) == 42
    page.goto(people.address("members.member", "change", ada.pk))
    expect(page.get_by_text("84 points for goods of €42.50: 2 points per whole €1.00 (version 2)")).to_be_visible()
    assert heard == []


def test_a_draft_is_still_there_after_the_tab_was_closed(page: Page, world, mara, live_server) -> None:
    come_in(page, mara, live_server)
    page.goto(people.address("campaigns.campaign", "rule", world["campaigns.campaign"].pk) + "?key=r1")
    page.get_by_label("Points", exact=True).fill("3")
    page.get_by_role("button", name="Save as draft").click()
    expect(page.get_by_text("Saved as a draft.")).to_be_visible()

    another = page.context.new_page()
    page.close()
    another.goto("/admin/")
    another.get_by_role("link", name="Review and publish").click()

    expect(another.locator("ins")).to_contain_text("3 points per whole €1.00")


def test_the_switch_is_one_press_and_another_takes_it_back(page: Page, world, mara, live_server) -> None:
    campaign: Campaign = world["campaigns.campaign"]
    come_in(page, mara, live_server)
    page.goto(people.address("campaigns.campaign", "change", campaign.pk))

    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped by Mara")).to_be_visible()
    campaign.refresh_from_db()
    assert campaign.stopped_by == "Mara"

    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Stopped by Mara")).to_have_count(0)
    campaign.refresh_from_db()
    assert campaign.stopped_at is None


def test_a_member_is_found_by_keyboard_alone(page: Page, world, mara, live_server) -> None:
    ada: Member = world["members.member"]
    come_in(page, mara, live_server)
    page.goto("/admin/")

    page.keyboard.press("Control+k")
    with page.expect_response(re.compile(r"/admin/search/.*[?&]s=ada$")):
        page.keyboard.type("ada")
    expect(page.locator("#command-results-list li")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(page.locator("#command-results-list li")).to_contain_class("active")
    page.keyboard.press("Enter")

    expect(page.get_by_role("heading", name="Ada", exact=True)).to_be_visible()
    assert page.url.endswith(people.address("members.member", "change", ada.pk))


def test_nothing_typed_is_lost_on_a_machine_too_busy_to_draw_the_search(page: Page, world, mara, live_server) -> None:
    come_in(page, mara, live_server)
    page.clock.install()
    page.goto("/admin/")
    # No timer ends and no frame is drawn from here on.
    page.clock.pause_at(timezone.now() + timedelta(hours=1))

    page.keyboard.press("Control+k")
    page.keyboard.type("ada")

    expect(page.get_by_placeholder("Type to search")).to_have_value("ada")


def test_the_cursor_is_in_the_search_however_late_it_is_drawn(page: Page, world, mara, live_server) -> None:
    come_in(page, mara, live_server)
    page.add_init_script("requestAnimationFrame = (draw) => setTimeout(draw, 300)")
    page.goto("/admin/")

    page.get_by_role("button", name="Search apps and models").click()

    expect(page.get_by_placeholder("Type to search")).to_be_focused()


@pytest.mark.parametrize(
    "model",
    [
        "members.member",
        "members.household",
        "members.householdterms",
        "members.segment",
        "members.memberattribute",
        "orders.contextattribute",
        "members.tierladder",
        "campaigns.campaign",
        "rewards.reward",
        "rewards.redemption",
        "orders.order",
        "orders.return",
        "orders.event",
        "orders.eventtype",
        "ledger.posting",
        "ledger.unit",
        "ledger.nightlyrun",
        "ledger.conversionterms",
        "ledger.purchase",
        "ledger.transfer",
    ],
)
def test_every_record_is_clean_on_phone_and_desk_in_light_and_dark(model, page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    come_in(page, mara, live_server)

    assert complaints_about(page, people.address(model, "change", world[model].pk)) == []
    assert heard == []


@pytest.mark.parametrize(
    "path",
    [
        "/admin/",
        "/admin/members/member/",
        "/admin/members/segment/add/",
        "/admin/members/memberattribute/add/",
        "/admin/rewards/reward/add/",
        "/admin/ledger/unit/add/",
        "/admin/ledger/conversionterms/add/",
        "/admin/ledger/purchase/",
        "/admin/ledger/purchase/clearing/",
        "/admin/ledger/transfer/",
        "/admin/orders/event/",
        "/admin/orders/eventtype/add/",
        "/admin/members/tierladder/",
        "/admin/members/tierladder/add/",
        "/admin/campaigns/campaign/add/",
    ],
)
def test_the_first_page_a_list_and_a_form_are_clean(path, page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    come_in(page, mara, live_server)

    assert complaints_about(page, path) == []
    assert heard == []


def test_a_statement_is_reached_from_the_member_printed_saved_and_clean(page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    come_in(page, mara, live_server)
    page.goto(people.address("members.member", "change", world["members.member"].pk))

    page.get_by_role("link", name="Statement", exact=True).click()
    page.get_by_label("From").fill("2026-01-01")
    page.get_by_label("To, included").fill("2026-12-31")
    page.get_by_role("button", name="Show").click()

    expect(page.get_by_text("400 points for goods of €400.00", exact=False)).to_be_visible()
    expect(page.get_by_role("button", name="Print or save as PDF")).to_be_visible()
    with page.expect_download() as saved:
        page.get_by_role("link", name="Save for a spreadsheet (CSV)").click()
    assert saved.value.suggested_filename == "grocer-2026-01-01-2026-12-31.csv"
    assert complaints_about(page, page.url) == []
    assert heard == []


def test_support_notes_a_birthday_from_the_members_page(page: Page, world, live_server) -> None:
    heard = listen(page)
    sue = people.staff("Sue", people.Role.SUPPORT, world["shops.programme"])
    come_in(page, sue, live_server)
    page.goto(people.address("members.member", "change", world["members.member"].pk))

    page.get_by_role("link", name="Note the birthday").click()
    assert complaints_about(page, page.url) == []
    page.get_by_label("Day").select_option("17")
    page.get_by_label("Month").select_option("May")
    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Birthday 17 May")).to_be_visible()
    expect(page.get_by_role("link", name="Correct the birthday")).to_be_visible()
    assert complaints_about(page, page.url) == []
    assert heard == []


def test_the_sign_in_is_clean(page: Page, world) -> None:
    assert complaints_about(page, "/admin/login/") == []


def test_publishing_works_on_a_phone(page: Page, world, mara, live_server) -> None:
    campaign = world["campaigns.campaign"]
    page.set_viewport_size(PHONE)
    come_in(page, mara, live_server)
    page.goto(people.address("campaigns.campaign", "rule", campaign.pk) + "?key=r1")

    page.get_by_label("Points", exact=True).fill("2")
    page.get_by_role("button", name="Save and review").click()
    page.get_by_label("At a time to come").check()
    page.get_by_label("It begins").fill("2046-03-29T03:00")
    assert complaints(page) == too_wide(page) == []
    page.get_by_role("button", name="Publish version 2").click()

    expect(page.get_by_text("Version 2 is published and begins 2046-03-29 03:00 CEST.")).to_be_visible()


def test_a_policy_is_written_reviewed_and_published_on_a_phone(page: Page, world, mara, live_server) -> None:
    unit = world["ledger.unit"]
    page.set_viewport_size(PHONE)
    come_in(page, mara, live_server)
    page.goto(people.address("ledger.unit", "change", unit.pk))

    page.get_by_label("So long after the last activity").check()
    page.get_by_label("After", exact=True).fill("12")
    page.get_by_label("Counted in").select_option("months")
    page.get_by_label("Rounded up").select_option("to the end of the quarter")
    page.get_by_label("Silent accounts lose a part every week").check()
    page.get_by_label("After weeks without earning").fill("12")
    page.get_by_label("Percent of the balance, a week").fill("5")
    assert complaints(page) == too_wide(page) == []
    page.get_by_role("button", name="Save and review").click()
    page.get_by_label("They live as long as new ones would").check()
    assert complaints(page) == too_wide(page) == []
    page.get_by_role("button", name="Publish version 2").click()

    expect(page.get_by_text("Version 2 is published and counts from")).to_be_visible()
    expect(page.locator(".d-lead").first).to_have_text(
        "Points expire 12 months after the last activity (earning, spending, visiting a shop or buying), at the end of"
        " that quarter."
    )
