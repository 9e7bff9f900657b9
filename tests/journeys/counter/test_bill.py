"""Paying a part of the bill with points, in two browsers: Eva's till, and Ada's phone, where the yes is said."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment
from rewards.models import Redemption
from tests.counter.people import shown_card
from tests.journeys.pages import complaints_in_every_dress, listen


@pytest.fixture
def at_the_bill(counter: Page, ada, bakery):
    """Ada was scanned, and her bill of 25.00 typed."""
    accept_as_payment(unit=unit_of(bakery.pk, "points"), terms=Terms(10, 100, minimum=50, step=10))
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    counter.get_by_role("link", name="Pay with points").click()
    counter.get_by_label("Total of the bill in EUR").fill("25")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("button", name="Ask Ada")).to_be_visible()
    return counter


def test_slider_steps_and_field_say_the_same(at_the_bill: Page) -> None:
    heard = listen(at_the_bill)
    field, slider = at_the_bill.get_by_label("Points, 50 to 250"), at_the_bill.get_by_role("slider")
    expect(field).to_have_value("250")
    expect(at_the_bill.get_by_text("€25.00", exact=True)).to_be_visible()

    at_the_bill.get_by_role("button", name="Less").click()

    expect(field).to_have_value("240")
    expect(slider).to_have_value("240")
    expect(at_the_bill.get_by_text("€24.00", exact=True)).to_be_visible()
    expect(at_the_bill.get_by_text("€1.00", exact=True)).to_be_visible()

    slider.focus()
    at_the_bill.keyboard.press("Home")

    expect(field).to_have_value("50")
    expect(at_the_bill.get_by_text("€5.00", exact=True)).to_be_visible()

    field.fill("200")

    expect(slider).to_have_value("200")
    expect(at_the_bill.get_by_text("€20.00", exact=True)).to_be_visible()
    assert heard == []


def test_the_customer_says_yes_on_their_phone_and_the_till_turns_green(at_the_bill: Page, phone: Page) -> None:
    at_the_bill.get_by_label("Points, 50 to 250").fill("200")
    at_the_bill.get_by_role("button", name="Ask Ada").click()
    expect(at_the_bill.get_by_text("€20.00 of the bill for 200 points?")).to_be_visible()

    phone.goto("/me/")
    phone.get_by_role("button", name="Yes, pay").click()

    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    expect(at_the_bill.get_by_role("heading", name="Paid: €20.00 of the bill")).to_be_visible()
    assert Redemption.objects.get().state == "REDEEMED"


def test_every_page_of_it_is_clean_in_every_dress(at_the_bill: Page, phone: Page) -> None:
    assert complaints_in_every_dress(at_the_bill) == []
    at_the_bill.get_by_role("button", name="Ask Ada").click()
    expect(at_the_bill.get_by_role("heading", name="Ask Ada")).to_be_visible()
    assert complaints_in_every_dress(at_the_bill) == []
    phone.goto("/me/")
    assert complaints_in_every_dress(phone) == []
    phone.get_by_role("button", name="Yes, pay").click()
    expect(phone.get_by_role("heading", name="Paid")).to_be_visible()
    assert complaints_in_every_dress(phone) == []
    expect(at_the_bill.get_by_role("heading", name="Paid: €25.00 of the bill")).to_be_visible()
    at_the_bill.get_by_text("Undo", exact=False).first.click()
    assert complaints_in_every_dress(at_the_bill) == []
