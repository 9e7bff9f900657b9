"""Points adjusted by two people, each with a browser."""

import re

import pytest
from playwright.sync_api import Page, expect

from ledger.queries import balances_of
from members.models import Member
from shops.models import Programme, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.journeys.pages import DESK, PHONE, complaints, listen, too_wide
from tests.journeys.test_marketer import come_in, complaints_about
from tests.ledger.asking import Office

LIST = "/admin/ledger/adjustment/"


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    return {**browser_context_args, "base_url": live_server.url, "viewport": DESK}


@pytest.fixture
def world(live_server):
    return people.a_world()


@pytest.fixture
def grocer(world) -> Programme:
    return world["shops.programme"]


@pytest.fixture
def sami(grocer) -> User:
    return people.staff("Sami", Role.SUPPORT, grocer)


@pytest.fixture
def avery(grocer) -> User:
    return people.staff("Avery", Role.APPROVER, grocer)


def clean(page: Page) -> list[str]:
    """What axe finds on the page as it stands, on phone and desk."""
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        found += complaints(page) + too_wide(page)
    return found


def ask_for_seventy_five(page: Page, member: Member) -> None:
    """From the member's page to the request, on a phone."""
    page.set_viewport_size(PHONE)
    page.goto(people.address("members.member", "change", member.pk))
    page.get_by_role("link", name="Adjust points").click()
    expect(page.get_by_label("Last day", exact=True)).to_be_hidden()
    page.get_by_label("Take", exact=True).check()
    expect(page.get_by_text("What is added expires")).to_be_hidden()
    page.get_by_label("Add", exact=True).check()
    page.get_by_label("Amount").fill("75")
    page.get_by_label("never", exact=True).check()
    page.get_by_label("What the member reads").fill("For your lost parcel")
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("Adjusted by the shop: For your lost parcel")).to_be_visible()
    assert clean(page) == []
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("It waits for somebody else to approve")).to_be_visible()


def test_support_asks_on_a_phone_and_an_approver_approves(page: Page, world, sami, avery, live_server) -> None:
    ada: Member = world["members.member"]
    heard = listen(page)
    come_in(page, sami, live_server)

    ask_for_seventy_five(page, ada)

    come_in(page, avery, live_server)
    page.goto(LIST)
    page.get_by_role("link", name="+75 Points").click()
    assert clean(page) == []
    page.get_by_label("Your password").fill(PASSWORD)
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.get_by_text("1 of 1 posted.")).to_be_visible()
    (after,) = balances_of(ada.wallet_id, at=people.NOON.replace(year=2100))
    assert after.spendable == 75
    assert heard == []


def test_a_file_with_a_fault_is_put_right_and_asked_for(page: Page, world, sami, live_server, tmp_path) -> None:
    ada: Member = world["members.member"]
    heard = listen(page)
    come_in(page, sami, live_server)
    wrong, right = tmp_path / "wrong.csv", tmp_path / "right.csv"
    wrong.write_text(f"member,amount\n{ada.number},1.5\n400000000006,5\n")
    right.write_text(f"member,amount\n{ada.number},15\n")

    page.goto(f"{LIST}many/")
    page.get_by_label("CSV file").set_input_files(wrong)
    page.get_by_label("What the member reads").fill("Welcome")
    page.get_by_role("button", name="Read the file").click()
    expect(page.get_by_role("row", name=re.compile("400000000006"))).to_contain_text("the number of a member")
    assert clean(page) == []

    page.get_by_label("CSV file").set_input_files(right)
    # The theme would write the file's name into the first text field.
    expect(page.get_by_label("What the member reads")).to_have_value("Welcome")
    page.get_by_role("button", name="Read the file").click()
    assert clean(page) == []
    page.get_by_role("button", name="Ask for approval").click()
    expect(page.get_by_text("It waits for somebody else to approve")).to_be_visible()
    assert heard == []


@pytest.mark.parametrize("path", [LIST, f"{LIST}add/", f"{LIST}many/"])
def test_the_list_and_the_forms_are_clean(path, page: Page, world, sami, live_server) -> None:
    heard = listen(page)
    come_in(page, sami, live_server)

    assert complaints_about(page, path) == []
    assert heard == []


def test_a_request_is_clean_for_who_decides_and_while_it_is_posted(page: Page, world, sami, avery, live_server) -> None:
    heard = listen(page)
    come_in(page, avery, live_server)
    adjustment = world["ledger.adjustment"]
    address = people.address("ledger.adjustment", "change", adjustment.pk)
    assert complaints_about(page, address) == []

    office = Office(sami, avery, avery)
    office.approve(adjustment.pk, at=adjustment.requested_at, at_once=0)
    assert complaints_about(page, address) == []
    assert heard == []


def test_progress_is_shown_as_it_goes_on(page: Page, world, sami, avery, live_server) -> None:
    adjustment = world["ledger.adjustment"]
    office = Office(sami, avery, avery)
    office.approve(adjustment.pk, at=adjustment.requested_at, at_once=0)
    come_in(page, avery, live_server)
    page.goto(people.address("ledger.adjustment", "change", adjustment.pk))
    expect(page.get_by_text("0 of 1 posted.")).to_be_visible()

    people.adjusting.post_batch(adjustment=adjustment, at=adjustment.requested_at)

    expect(page.get_by_text("1 of 1 posted.")).to_be_visible()
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
