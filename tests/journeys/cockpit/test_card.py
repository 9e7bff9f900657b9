"""A customer joins, shows the card, and says yes; with a real browser, as on a phone."""

import io
import re
from datetime import datetime, timedelta

import zxingcpp
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from members.card import read_token
from members.models import Member
from rewards import services as rewards
from rewards.models import Redemption
from rewards.queries import pending_confirmation
from shops.models import Programme
from tests.cockpit.people import ADDRESS
from tests.counter.people import balance
from tests.journeys.pages import listen


def code_on(screen: Page) -> str:
    """What a scanner reads off the screen."""
    image = Image.open(io.BytesIO(screen.screenshot()))
    (code,) = zxingcpp.read_barcodes(image, formats=zxingcpp.BarcodeFormat.QRCode)
    return str(code.text)


def is_card_of(member: Member, text: str, at: datetime) -> bool:
    card = read_token(text, programme=member.programme, at=at)
    card.require_current()
    return card.card_ref == bytes(member.card_ref)


def test_joining_takes_an_address_a_code_and_a_name(page: Page, demo: None, cafe: Programme) -> None:
    heard = listen(page)
    page.goto("/")
    page.get_by_role("link", name="Join in a minute").first.click()
    page.get_by_label("Your e-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Mail me a code").click()
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the demo's inbox").click()
    code = opened.value.get_by_role("status").first.inner_text()

    page.get_by_label("Code from the mail").fill(code)
    page.get_by_role("button", name="Open my card").click()
    page.get_by_label("Your name").fill("Ada Lovelace")
    page.get_by_role("button", name="Get my card").click()

    expect(page).to_have_title("My card · Cafe")
    member = Member.objects.get(user__email=ADDRESS)
    expect(page.locator(".pass")).to_contain_text("Ada Lovelace")
    assert is_card_of(member, code_on(page), timezone.now())
    assert heard == []


def test_the_whole_path_is_walked_by_keyboard(page: Page, demo: None, cafe: Programme) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Join in a minute").first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your e-mail address")).to_be_focused()
    page.keyboard.type(ADDRESS)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Code from the mail")).to_be_focused()
    inbox = page.context.new_page()
    inbox.goto("/inbox/")
    code = inbox.get_by_role("status").first.inner_text()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your name")).to_be_focused()
    page.keyboard.type("Ada")
    page.keyboard.press("Enter")

    expect(page).to_have_title("My card · Cafe")


def shown_from(phone: Page) -> str:
    """The beginning of the code on the screen, once the page draws codes by itself."""
    card = phone.locator("#code")
    expect(card).to_have_attribute("data-shown-from", re.compile(r"\d+"))
    return card.get_attribute("data-shown-from") or ""


def test_the_code_changes_every_fifteen_seconds_and_is_right_in_light_and_dark(phone: Page, ada: Member) -> None:
    phone.clock.install()
    phone.goto("/me/")
    begun = shown_from(phone)
    first = code_on(phone)
    assert is_card_of(ada, first, timezone.now())

    phone.emulate_media(color_scheme="dark")
    phone.clock.fast_forward(15_000)
    expect(phone.locator("#code")).not_to_have_attribute("data-shown-from", begun)
    second = code_on(phone)

    assert second != first
    assert is_card_of(ada, second, timezone.now() + timedelta(seconds=15))


def test_the_card_works_without_a_connection_for_nine_minutes_then_says_what_to_do(phone: Page, ada: Member) -> None:
    phone.clock.install()
    phone.goto("/me/")
    begun = shown_from(phone)
    phone.context.set_offline(offline=True)

    phone.clock.fast_forward(9 * 60_000)
    expect(phone.locator("#code")).not_to_have_attribute("data-shown-from", begun)
    assert is_card_of(ada, code_on(phone), timezone.now() + timedelta(minutes=9))

    phone.clock.fast_forward(2 * 60_000)
    expect(phone.get_by_text("No connection")).to_be_visible()
    expect(phone.get_by_text(f"{ada.number[:4]} {ada.number[4:8]} {ada.number[8:]}")).to_be_visible()

    phone.context.set_offline(offline=False)
    expect(phone.get_by_text("No connection")).to_be_hidden()
    assert is_card_of(ada, code_on(phone), timezone.now())


def test_a_phone_whose_clock_is_an_hour_late_shows_the_right_code(phone: Page, ada: Member) -> None:
    phone.clock.install(time=timezone.now() - timedelta(hours=1))
    phone.goto("/me/")
    shown_from(phone)

    assert is_card_of(ada, code_on(phone), timezone.now())


def test_the_history_explains_each_row(phone: Page) -> None:
    phone.goto("/me/")
    phone.get_by_role("navigation").get_by_role("link", name="History").click()
    phone.get_by_role("link", name="Older").click()

    row = phone.get_by_role("listitem").filter(has_text="12 points for goods of €12.50: 1 point per whole €1.00").first
    expect(row).to_be_visible()
    expect(row).to_contain_text("+12")


def test_the_shops_question_appears_by_itself_and_yes_spends(phone: Page, ada: Member, ask) -> None:
    heard = listen(phone)
    phone.goto("/me/")
    before = balance(ada, timezone.now())

    redemption = ask()
    expect(phone.get_by_role("heading", name="Coffee for 300 points?")).to_be_focused()
    expect(phone.get_by_text("Harbour asks")).to_be_in_viewport()
    phone.keyboard.press("Tab")
    expect(phone.get_by_role("button", name="Yes, redeem")).to_be_focused()
    phone.keyboard.press("Enter")

    expect(phone.get_by_role("heading", name="Enjoy!")).to_be_visible()
    redemption.refresh_from_db()
    assert redemption.state == Redemption.State.REDEEMED
    assert balance(ada, timezone.now()) == before - 300
    assert heard == []


def test_no_keeps_the_points(phone: Page, ada: Member, ask) -> None:
    before = balance(ada, timezone.now())
    ask()
    phone.goto("/me/rewards/")

    phone.get_by_role("button", name="No", exact=True).click()

    expect(phone.get_by_role("heading", name="Not redeemed")).to_be_visible()
    assert balance(ada, timezone.now()) == before


def test_a_yes_by_the_number_read_out_is_seen_on_the_screen(phone: Page, ada: Member, ask, till) -> None:
    redemption = ask()
    phone.goto("/me/")
    number = pending_confirmation(ada, at=timezone.now()).number
    expect(phone.get_by_text(f"{number[:3]} {number[3:]}")).to_be_visible()

    rewards.confirm_by_number(redemption_id=redemption.pk, number=number, till=till, at=timezone.now())

    expect(phone.get_by_role("heading", name="Enjoy!")).to_be_visible()


def test_without_scripts_the_card_is_shown_and_the_question_answered(
    browser: Browser, browser_context_args, phone: Page, ada: Member, ask
) -> None:
    plain = browser.new_context(**browser_context_args, java_script_enabled=False)
    plain.add_cookies(phone.context.cookies())
    page = plain.new_page()
    ask()

    page.goto("/me/question/")
    page.get_by_role("button", name="Yes, redeem").click()
    expect(page.get_by_role("heading", name="Enjoy!")).to_be_visible()
    page.goto("/me/")

    assert is_card_of(ada, code_on(page), timezone.now())
    plain.close()
