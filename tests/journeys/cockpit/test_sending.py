"""Ada sends points to Ben with a real browser: he accepts, he declines, a limit is met; clean in every dress."""

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from ledger.queries import spendable, unit_of
from members.models import Member
from tests.cockpit import people
from tests.journeys.pages import PHONE, complaints_in_every_dress, listen
from tests.ledger.sending import may_be_sent


@pytest.fixture
def ben(ada: Member) -> Member:
    return people.a_card(ada.programme, at=timezone.now(), email="ben@example.com", name="Ben Kaya")


@pytest.fixture
def bens_phone(browser: Browser, ben: Member, live_server) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport=PHONE)
    session = people.signed_in(ben).cookies["session"].value
    context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture(autouse=True)
def _terms(ada: Member) -> None:
    """Ben has to accept; a transfer costs 2, and 200 may be sent in a month."""
    may_be_sent(
        unit_of(ada.programme_id, "points"), needs_acceptance=True, fee_fixed=2, sent_monthly=200, step=10, made_daily=9
    )


def points(member: Member) -> int:
    return spendable(member.wallet_id, unit_of(member.programme_id, "points").pk, at=timezone.now())


def ask(phone: Page, ben: Member, amount: str) -> None:
    phone.goto("/me/")
    phone.get_by_role("link", name="Send").click()
    phone.get_by_label("Their member number").fill(ben.number)
    phone.get_by_label("How much").fill(amount)
    phone.get_by_label("A few words").fill("For the cake")
    phone.get_by_role("button", name="Continue").click()


def test_what_is_sent_is_offered_accepted_and_explained(
    phone: Page, bens_phone: Page, ada: Member, ben: Member
) -> None:
    heard = [listen(phone), listen(bens_phone)]
    before = points(ada)
    phone.goto("/me/send/")
    assert complaints_in_every_dress(phone) == []

    ask(phone, ben, "100")
    expect(phone.get_by_role("heading", name="Be… K.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []
    phone.get_by_role("button", name="Send").click()
    expect(phone.get_by_role("heading", name="100 Points wait for Be… K.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []

    bens_phone.goto("/me/")
    assert complaints_in_every_dress(bens_phone) == []
    bens_phone.get_by_role("link", name="Ad… L. gives you 100 Points").click()
    expect(bens_phone.get_by_text("For the cake")).to_be_visible()
    assert complaints_in_every_dress(bens_phone) == []
    bens_phone.get_by_role("button", name="Accept").click()
    expect(bens_phone.get_by_role("heading", name="100 Points from Ad… L. are yours")).to_be_visible()
    assert complaints_in_every_dress(bens_phone) == []

    assert (points(ada), points(ben)) == (before - 102, 100)
    phone.goto("/me/history/")
    expect(phone.get_by_text("Sent to Be… K.: 100 Points (fee 2)")).to_be_visible()
    bens_phone.goto("/me/history/")
    expect(bens_phone.get_by_text("Received from Ad… L.: 100 Points. “For the cake”")).to_be_visible()
    assert heard == [[], []]


def test_who_declines_leaves_it_with_the_sender(phone: Page, bens_phone: Page, ada: Member, ben: Member) -> None:
    before = points(ada)
    ask(phone, ben, "50")
    phone.get_by_role("button", name="Send").click()

    bens_phone.goto("/me/send/")
    assert complaints_in_every_dress(bens_phone) == []
    bens_phone.get_by_role("button", name="Decline").click()
    expect(bens_phone.get_by_role("heading", name="Declined")).to_be_visible()

    phone.reload()
    expect(phone.get_by_text("Be… K. said no. 52 Points are yours again.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []
    assert (points(ada), points(ben)) == (before, 0)


def test_what_is_offered_can_be_taken_back(phone: Page, ada: Member, ben: Member) -> None:
    before = points(ada)
    ask(phone, ben, "50")
    phone.get_by_role("button", name="Send").click()
    phone.goto("/me/send/")
    assert complaints_in_every_dress(phone) == []

    phone.get_by_role("button", name="Take back 50 Points offered to Be… K.").click()

    expect(phone.get_by_role("heading", name="Taken back")).to_be_visible()
    assert points(ada) == before


def test_a_limit_is_told_where_the_amount_was_typed(phone: Page, ada: Member, ben: Member) -> None:
    ask(phone, ben, "150")
    phone.get_by_role("button", name="Send").click()

    ask(phone, ben, "60")

    expect(phone.get_by_text("You can send 50 Points more this month.")).to_be_visible()
    expect(phone.get_by_label("How much")).to_have_value("60")
    assert complaints_in_every_dress(phone) == []


def test_the_whole_way_is_walked_by_keyboard(phone: Page, ada: Member, ben: Member) -> None:
    phone.goto("/me/send/")
    phone.get_by_label("Their member number").focus()
    phone.keyboard.type(ben.number)
    phone.keyboard.press("Tab")
    phone.keyboard.type("20")
    phone.keyboard.press("Enter")
    expect(phone.get_by_role("heading", name="Send this?")).to_be_visible()
    phone.get_by_role("button", name="Send").focus()
    phone.keyboard.press("Enter")

    expect(phone.get_by_role("heading", name="20 Points wait for Be… K.")).to_be_visible()
