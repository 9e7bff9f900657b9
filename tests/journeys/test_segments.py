"""A marketer makes a segment from words, with a keyboard, and finds it as it was left."""

import re

import pytest
from playwright.sync_api import Page, expect

from members.models import Segment
from members.segments.services import change_segment
from shops.models import Programme, User
from tests.admin import people
from tests.journeys.pages import DESK, PHONE, complaints, listen, too_wide
from tests.journeys.test_marketer import come_in, complaints_about


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


SPENT_ON_CAKE = {
    "history": "lines",
    "measure": "sum",
    "within": {"last": 90, "unit": "day"},
    "of": "line.price",
    "where": {"all": [{"field": "line.sku", "op": "in", "value": ["CAKE", "TART"]}]},
    "op": "gte",
    "value": 1250,
}
EVERYTHING = {
    "any": [
        {"field": "member.tags", "op": "has_any", "value": ["vip", "staff"]},
        {"field": "member.status", "op": "eq", "value": "ACTIVE"},
        {"field": "member.birth_month", "op": "in", "value": ["2", "12"]},
        {"field": "member.joined", "op": "lt", "value": "2026-06-01"},
        {"field": "member.is_birthday", "op": "eq", "value": False},
        SPENT_ON_CAKE,
        {
            "none": [
                {"history": "orders", "measure": "last", "within": "ever", "op": "gt", "value": 30},
                {
                    "history": "orders",
                    "measure": "count",
                    "within": {"period": "previous", "unit": "quarter"},
                    "op": "eq",
                    "value": 0,
                },
            ]
        },
    ]
}


def clean(page: Page) -> list[str]:
    """What axe finds on the page as it stands, on phone and desk."""
    found = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        found += complaints(page) + too_wide(page)
    return found


def test_a_segment_is_built_from_words(page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    come_in(page, mara, live_server)
    page.goto("/admin/members/segment/add/")
    page.get_by_label("Name", exact=True).fill("Regulars")
    page.get_by_label("Key", exact=True).fill("regulars")

    page.get_by_role("button", name="Add a condition").press("Enter")
    page.get_by_label("What is counted").select_option("the sum of")
    page.get_by_label("Of what").select_option("the order's total")
    page.get_by_label("How many").fill("3650")
    page.get_by_label("Comparison").select_option("is at least")
    page.get_by_label("Value", exact=True).fill("300")
    page.get_by_role("button", name="Add a condition").last.press("Enter")
    page.get_by_label("What it is about").last.select_option("the member's status")
    expect(page.get_by_role("combobox", name="What it is about").last).to_be_focused()

    expect(page.locator("#example")).to_contain_text("is at least €300.00 and the member's status is active")
    expect(page.locator("#example")).to_contain_text("1 of")
    assert clean(page) == []
    page.get_by_role("button", name="Add the segment").click()
    expect(page.get_by_role("heading", name="Regulars", exact=True)).to_be_visible()

    spent = {
        "history": "orders",
        "measure": "sum",
        "of": "order.total",
        "within": {"last": 3650, "unit": "day"},
        "op": "gte",
        "value": 30_000,
    }
    active = {"field": "member.status", "op": "eq", "value": "ACTIVE"}
    assert Segment.objects.get(key="regulars").condition == {"all": [spent, active]}
    assert heard == []


def test_every_condition_comes_back_as_it_was(page: Page, world, mara, live_server) -> None:
    heard = listen(page)
    segment = change_segment(segment=world["members.segment"], name="Many", condition=EVERYTHING, at=people.NOON)
    page.set_viewport_size(PHONE)
    come_in(page, mara, live_server)
    path = people.address("members.segment", "change", segment.pk)
    page.goto(path)
    page.get_by_label("Name", exact=True).fill("All the same")

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text("Saved. Its members were found anew.")).to_be_visible()
    segment.refresh_from_db()
    assert (segment.name, segment.condition) == ("All the same", EVERYTHING)
    assert complaints_about(page, path) == []
    assert heard == []


@pytest.mark.parametrize(("typed", "said"), [("", "a whole number"), ("12.345", "a whole number")])
def test_a_row_that_is_not_complete_is_marked(typed, said, page: Page, world, mara, live_server) -> None:
    segment = world["members.segment"]
    come_in(page, mara, live_server)
    page.goto(people.address("members.segment", "change", segment.pk))
    page.get_by_label("Value", exact=True).fill(typed)

    page.get_by_role("button", name="Save").click()

    expect(page.get_by_text(f"Complete the marked condition: {said}.")).to_be_visible()
    expect(page.get_by_role("group", name="Condition 1")).to_have_class(re.compile("is-wrong"))
    expect(page.get_by_label("Value", exact=True)).to_have_value(typed)
    segment.refresh_from_db()
    assert segment.condition["all"][0]["value"] == 10_000


def test_what_is_removed_is_gone_and_the_focus_stays_near(page: Page, world, mara, live_server) -> None:
    come_in(page, mara, live_server)
    page.goto(people.address("members.segment", "change", world["members.segment"].pk))

    page.get_by_role("button", name="Remove").press("Enter")

    expect(page.get_by_text("No condition: it always holds.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a condition")).to_be_focused()
    expect(page.locator("#example")).to_contain_text("everybody")
