"""Every page of the counter, on phone and desk, light and dark: clean for axe, never wider than the screen."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from members.card import qr_png
from rewards.services import confirm
from tests.counter.people import PASSWORD, a_reward, ask_for, shown_card
from tests.journeys.pages import complaints_in_every_dress, listen


@pytest.fixture
def at_the_counter(counter: Page, ada, till, coffee):
    """Ada was scanned; she can have a coffee, and not the rest."""
    a_reward(coffee.programme, "mug", price=450, stock=0)
    a_reward(coffee.programme, "breakfast-for-everybody-in-the-office", price=1900)
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(shown_card(ada, timezone.now()))
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Ada")).to_be_visible()
    return counter


def clean(page: Page) -> None:
    # From the end of the page: what the bar at the bottom covers on the way is not what this looks for.
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert complaints_in_every_dress(page) == []


def test_the_door(page: Page, eva) -> None:
    page.goto("/counter/")
    clean(page)
    page.get_by_label("E-mail address").fill(eva.email)
    page.get_by_label("Password").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.get_by_text("The address or the password is wrong.")).to_be_visible()
    clean(page)
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Where do you serve?")).to_be_visible()
    clean(page)
    eva.roles.all().delete()
    page.reload()
    expect(page.get_by_role("heading", name="No counter for you yet")).to_be_visible()
    clean(page)


def test_scanning_without_a_camera(counter: Page) -> None:
    counter.goto("/counter/")
    expect(counter.get_by_text("No camera here.")).to_be_visible()
    clean(counter)


def test_scanning_with_a_camera(camera) -> None:
    counter = camera(qr_png("https://example.com/menu"))
    heard = listen(counter)
    expect(counter.get_by_text("Not a member's code")).to_be_visible()
    clean(counter)
    assert heard == []


def test_a_camera_that_is_blocked(counter: Page) -> None:
    denied = "Object.assign(new Error(), { name: 'NotAllowedError' })"
    counter.add_init_script(f"navigator.mediaDevices.getUserMedia = () => Promise.reject({denied});")
    counter.goto("/counter/")
    expect(counter.get_by_text("The camera is blocked.")).to_be_visible()
    clean(counter)


def test_from_the_customer_to_the_undone_coffee(at_the_counter: Page, ada) -> None:
    counter = at_the_counter
    clean(counter)
    counter.get_by_role("button", name="Coffee").click()
    expect(counter.get_by_role("heading", name="Ask Ada")).to_be_visible()
    clean(counter)
    counter.get_by_label("Or the number they read out").fill("000000")
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("Wrong number.")).to_be_visible()
    clean(counter)
    confirm(redemption_id=int(counter.url.split("/")[-2]), member=ada, at=timezone.now())
    expect(counter.get_by_role("heading", name="Give: Coffee")).to_be_visible()
    counter.get_by_text("Undo Coffee, Ada").click()
    clean(counter)
    counter.get_by_role("button", name="Yes, undo").click()
    expect(counter.get_by_role("heading", name="Undone")).to_be_visible()
    clean(counter)


def test_found_by_number_and_asked_already(counter: Page, ada, till, coffee) -> None:
    ask_for(ada, till, at=timezone.now())
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill(ada.number)
    counter.keyboard.press("Enter")
    expect(counter.get_by_text("Found by the number.")).to_be_visible()
    expect(counter.get_by_role("link", name="Show it")).to_be_visible()
    clean(counter)
    counter.get_by_role("link", name="Show it").click()
    counter.get_by_role("button", name="Cancel").click()
    expect(counter.get_by_role("heading", name="Not redeemed")).to_be_visible()
    clean(counter)


def test_a_refusal(counter: Page) -> None:
    counter.goto("/counter/")
    counter.get_by_label("Or the member number").fill("123")
    counter.keyboard.press("Enter")
    expect(counter.get_by_role("heading", name="Mistyped")).to_be_visible()
    clean(counter)


def test_the_list_and_the_till(counter: Page, ada, till, coffee, shop) -> None:
    counter.goto("/counter/redemptions/")
    expect(counter.get_by_role("heading", name="Nothing yet")).to_be_visible()
    clean(counter)
    redemption = ask_for(ada, till, at=timezone.now())
    confirm(redemption_id=redemption.pk, member=ada, at=timezone.now())
    till.staff.roles.create(programme=shop.programme, shop=shop, role="SHOP_MANAGER")
    counter.get_by_role("link", name="Last ones").click()
    counter.get_by_text("Undo Coffee, Ada").click()
    clean(counter)
    counter.get_by_role("link", name="Whole shop").click()
    expect(counter.get_by_text("Till 1", exact=False).last).to_be_visible()
    clean(counter)
    counter.get_by_role("link", name="Till", exact=True).click()
    counter.get_by_text("Use this device in another shop").click()
    clean(counter)


@pytest.mark.parametrize("colour", ["#ffd400", "#000000", "#ffffff", "#e11d48"])
def test_a_brand_of_any_colour(at_the_counter: Page, bakery, colour: str) -> None:
    bakery.colour = colour
    bakery.save()
    at_the_counter.reload()
    clean(at_the_counter)
