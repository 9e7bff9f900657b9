"""Buying points, in two browsers: Ada asks on her phone, Eva takes the money, and the points are on the card."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from ledger.models import Purchase
from ledger.queries import unit_of
from members.buying import scanned_text
from members.card import qr_png
from tests.counter.people import shown_card
from tests.journeys.pages import PHONE, complaints_in_every_dress, listen
from tests.ledger import books, buying


@pytest.fixture
def terms(bakery):
    """15.00 for each 1,000 points and each purchase."""
    return buying.sell(unit_of(bakery.pk, "points"))


@pytest.fixture
def asked(phone: Page, terms) -> Purchase:
    """Ada asked for 5,000 points."""
    phone.goto("/me/")
    phone.get_by_role("link", name="Buy").click()
    phone.get_by_role("link", name="5,000 points").click()
    expect(phone.get_by_text("€90.00").last).to_be_visible()
    phone.get_by_role("button", name="Ask for it, pay in the shop").click()
    expect(phone.get_by_role("heading", name="5,000 points")).to_be_visible()
    return Purchase.objects.get()


def test_field_slider_steps_and_presets_say_the_same(phone: Page, terms) -> None:
    heard = listen(phone)
    phone.goto("/me/buy/")
    field, slider = phone.get_by_label("How much? (Points)"), phone.get_by_role("slider")
    total = phone.locator("[data-total]")
    expect(total).to_have_text("€30.00")

    phone.get_by_role("button", name="More").click()
    expect(field).to_have_value("2000")
    expect(slider).to_have_value("2000")
    expect(total).to_have_text("€45.00")

    phone.get_by_role("link", name="10,000 points").click()
    expect(field).to_have_value("10000")
    expect(total).to_have_text("€165.00")

    slider.focus()
    phone.keyboard.press("Home")
    expect(field).to_have_value("1000")
    expect(total).to_have_text("€30.00")

    field.fill("200000")
    expect(total).to_have_text("€3,015.00")
    assert heard == []


def test_without_scripts_the_price_is_shown_before_anything_is_asked(
    browser, browser_context_args, phone, terms
) -> None:
    context = browser.new_context(
        **browser_context_args, java_script_enabled=False, storage_state=phone.context.storage_state()
    )
    plain = context.new_page()
    plain.goto("/me/buy/")
    plain.get_by_label("How much? (Points)").fill("5000")
    plain.get_by_role("button", name="Show the price").click()
    expect(plain.get_by_text("€90.00").first).to_be_visible()
    plain.get_by_label("How much? (Points)").fill("10000")
    plain.get_by_role("button", name="Ask for it, pay in the shop").click()
    expect(plain.get_by_text("This costs €165.00. Look at it, and ask again.")).to_be_visible()
    assert Purchase.objects.count() == 0

    plain.get_by_role("button", name="Ask for it, pay in the shop").click()

    expect(plain.get_by_role("heading", name="10,000 points")).to_be_visible()
    assert Purchase.objects.get().total == 16_500
    context.close()


def test_ada_asks_eva_takes_the_money_and_the_points_are_there(counter: Page, phone: Page, asked, ada) -> None:
    heard = listen(counter)
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    counter.get_by_role("link", name="5,000 points").click()
    expect(counter.get_by_role("heading", name="Take €90.00")).to_be_visible()
    counter.get_by_label("Number of the receipt").fill("R-4711")
    counter.keyboard.press("Enter")

    expect(counter.get_by_role("heading", name="Paid: €90.00")).to_be_visible()
    phone.reload()
    expect(phone.get_by_text("What you bought is on your card.")).to_be_visible()
    phone.goto("/me/")
    expect(phone.get_by_text("5,700")).to_be_visible()
    assert heard == []


def test_a_camera_reads_the_number_of_a_purchase(camera, asked) -> None:
    counter = camera(qr_png(scanned_text(asked)))

    expect(counter.get_by_role("heading", name="Take €90.00")).to_be_visible()


def test_points_are_sold_at_the_till(counter: Page, ada, terms) -> None:
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(ada.number)
    counter.keyboard.press("Enter")
    counter.get_by_role("link", name="Sell points or top up").click()
    expect(counter.get_by_text("€30.00")).to_be_visible()
    counter.get_by_role("button", name="More").click()
    expect(counter.get_by_text("€45.00")).to_be_visible()
    counter.get_by_role("button", name="Go on to the payment").click()
    counter.get_by_label("Number of the receipt").fill("R-1")
    counter.get_by_role("button", name="Money taken").click()

    expect(counter.get_by_text("Ada has 2,000 points more.")).to_be_visible()


def clean(page: Page) -> None:
    # From the end of the page: what the bar at the bottom covers on the way is not what this looks for.
    page.set_viewport_size(PHONE)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert complaints_in_every_dress(page) == []


def test_the_members_pages_are_clean_in_every_dress(phone: Page, bakery, asked) -> None:
    cash = books.a_unit(bakery, "cash", klass="STORED_VALUE", decimals=2)
    buying.sell(cash, buying.TOP_UP, step=500, price=500, minimum=500)
    clean(phone)
    phone.goto("/me/buy/")
    clean(phone)
    buying.tell(asked, "CAPTURED", at=timezone.now())
    phone.goto(f"/me/buy/{asked.pk}/")
    phone.get_by_text("Withdraw", exact=True).click()
    clean(phone)
    phone.get_by_role("button", name="Yes, withdraw").click()
    expect(phone.get_by_text("Your money is given back the way you paid.")).to_be_visible()
    clean(phone)


def test_the_counters_pages_are_clean_in_every_dress(counter: Page, ada, asked) -> None:
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("To be paid")).to_be_visible()
    clean(counter)
    counter.get_by_role("link", name="Sell points or top up").click()
    expect(counter.get_by_role("heading", name="Ada buys")).to_be_visible()
    clean(counter)
    counter.goto(f"/counter/purchases/{asked.pk}/")
    clean(counter)
    counter.get_by_label("Number of the receipt").fill("<R>")
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("Letters, digits")).to_be_visible()
    clean(counter)
    counter.get_by_label("Number of the receipt").fill("R-1")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Paid: €90.00")).to_be_visible()
    clean(counter)
    buying.tell(asked, "REFUNDED", at=timezone.now(), payment="", provider="desk")
    counter.reload()
    expect(counter.get_by_role("heading", name="Refunded")).to_be_visible()
    clean(counter)
