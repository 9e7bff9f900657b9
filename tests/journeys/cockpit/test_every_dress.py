"""Every page of the customer, on phone and desk, light and dark: clean for axe, never wider than the screen."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Page, expect

from ledger import services as ledger
from ledger.policies import BirthMonth, Policy
from ledger.queries import unit_of
from members.households.queries import invitations_of
from members.households.services import accept
from members.models import Member
from members.tiers.definitions import Definition, Grace, Rolling, WhileMet
from shops.models import Programme
from tests.cockpit.people import ADDRESS, a_customer, earn
from tests.journeys.pages import complaints_in_every_dress, listen
from tests.ledger import books
from tests.members.families import a_member, offered
from tests.members.tiers.ladders import A, harder
from tests.members.tiers.people import a_ladder, edit, looked_at


def test_the_pages_of_a_member(phone: Page) -> None:
    addresses = [
        *("/me/", "/me/history/", "/me/rewards/", "/me/question/", "/accounts/logout/", "/nothing/here/"),
        *("/me/statement/?since=2020-01-01", "/me/statement/?since=yesterday", "/me/statement/?until=2020-01-01"),
    ]
    for address in addresses:
        phone.goto(address)
        assert complaints_in_every_dress(phone) == [], address


def test_the_card_of_who_is_on_the_way_to_a_tier_and_to_keep_one(phone: Page, ada: Member) -> None:
    now = timezone.now()
    before = now - timedelta(minutes=1)
    ladder = a_ladder(ada.programme, Definition(harder(A.tiers, 2), Rolling(12), WhileMet(), Grace(3)), at=before)
    earn(ada, 200, at=before)
    looked_at(ada, at=before)
    edit(ladder, Definition(harder(A.tiers, 6), Rolling(12), WhileMet(), Grace(3)), at=now)

    phone.goto("/me/")

    expect(phone.get_by_role("progressbar", name="Progress to keep Silver")).to_be_visible()
    expect(phone.get_by_role("progressbar", name="Progress to Gold")).to_be_visible()
    assert complaints_in_every_dress(phone) == []


def test_a_birthday_is_asked_for_refused_and_noted(phone: Page, ada: Member) -> None:
    books.says(unit_of(ada.programme_id, "points"), Policy(BirthMonth(3)))
    phone.goto("/me/")
    assert complaints_in_every_dress(phone) == []
    phone.get_by_role("link", name="When is your birthday?").click()
    assert complaints_in_every_dress(phone) == []

    phone.get_by_label("Day").select_option("30")
    phone.get_by_label("Month").select_option("February")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_text("This month has no such day.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []

    phone.get_by_label("Day").select_option("29")
    phone.get_by_role("button", name="Save").click()
    expect(phone.get_by_role("heading", name="29 February")).to_be_visible()
    assert complaints_in_every_dress(phone) == []


def test_the_exchange_before_and_after(phone: Page, ada: Member) -> None:
    credit = ledger.open_unit(
        programme_id=ada.programme_id, code="credit", name="Credit", klass="CREDIT", decimals=2, symbol="€"
    )
    points = unit_of(ada.programme_id, "points")
    for chunk in (10, 10**6):
        terms = ledger.NewTerms(chunk=chunk, gives=chunk * 10, is_offered=True, is_automatic=False)
        target = credit if chunk == 10 else ledger.open_unit(programme_id=ada.programme_id, code="stars", name="Stars")
        ledger.add_conversion(source=points, target=target, terms=terms)
    earn(ada, 250, at=timezone.now())
    phone.goto("/me/")
    phone.get_by_role("link", name="Exchange").click()
    assert complaints_in_every_dress(phone) == []

    phone.get_by_label("How much?").select_option("100 Points for 10 €")
    phone.get_by_role("button", name="Exchange").click()

    expect(phone.get_by_text("100 Points became 10 €.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []


def test_a_household_is_formed_filled_and_dissolved(phone: Page, ada: Member) -> None:
    offered(ada.programme)
    bob = a_member(ada.programme, "Bob Lovelace", 100)
    earn(ada, 250, at=timezone.now())
    phone.goto("/me/")
    phone.get_by_role("link", name="Household").click()
    assert complaints_in_every_dress(phone) == []

    phone.get_by_label("What is your household called?").fill("The Lovelaces")
    phone.get_by_role("button", name="Form a household").click()
    phone.get_by_label("Their member number").fill(bob.number)
    phone.get_by_role("button", name="Invite").click()
    expect(phone.get_by_text("Invited.")).to_be_visible()
    assert complaints_in_every_dress(phone) == []

    (asked,) = invitations_of(bob, at=timezone.now())
    accept(member=bob, invitation_id=asked.pk, at=timezone.now())
    phone.goto("/me/household/")
    phone.get_by_label("How much?").fill("200")
    phone.get_by_role("button", name="Give").click()
    expect(phone.get_by_text("200 Points given to the household.")).to_be_visible()
    phone.get_by_label("Share of what you earn from now on").fill("40")
    expect(phone.locator("[data-share] output")).to_have_text("40 %")
    phone.get_by_role("button", name="Save the share").click()
    phone.get_by_text("Manage Bob Lovelace").click()
    # Wherever the page is scrolled to something lies half under the tabs: here nothing to tap.
    phone.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert complaints_in_every_dress(phone) == []

    for address in ("/me/household/statement/", "/me/rewards/", "/me/", "/me/household/leaving/"):
        phone.goto(address)
        assert complaints_in_every_dress(phone) == [], address
    phone.get_by_role("button", name="Dissolve it").click()
    expect(phone.get_by_text("The household is dissolved.")).to_be_visible()


def test_the_pages_of_somebody_who_wants_to_join(page: Page, ada: Member) -> None:
    for address in ("/", "/accounts/signup/", "/inbox/"):
        page.goto(address)
        assert complaints_in_every_dress(page) == [], address


def test_the_public_page_with_all_questions_open(phone: Page) -> None:
    phone.goto("/")
    for summary in phone.locator("summary").all():
        summary.click()

    assert complaints_in_every_dress(phone) == []


def test_the_code_page_with_a_wrong_code(page: Page, ada: Member) -> None:
    heard = listen(page)
    page.goto("/accounts/login/")
    page.get_by_label("Your e-mail address").fill(ADDRESS)
    page.get_by_role("button", name="Mail me a code").click()
    page.get_by_label("Code from the mail").fill("BBBB-BBBB")
    page.get_by_role("button", name="Open my card").click()
    expect(page.get_by_text("That is not the code")).to_be_visible()

    assert complaints_in_every_dress(page) == []
    page.goto("/inbox/")
    assert complaints_in_every_dress(page) == []
    assert heard == []


def test_the_shops_question_and_its_end(phone: Page, ask) -> None:
    ask()
    phone.goto("/me/")
    assert complaints_in_every_dress(phone) == []

    phone.get_by_role("button", name="Yes, redeem").click()
    expect(phone.get_by_role("heading", name="Enjoy!")).to_be_visible()

    assert complaints_in_every_dress(phone) == []


def test_a_newcomers_pages(page: Page, live_server, demo, cafe, client) -> None:
    client.force_login(a_customer(), "allauth.account.auth_backends.AuthenticationBackend")
    page.context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    page.goto("/me/join/")
    assert complaints_in_every_dress(page) == []
    page.get_by_label("Your name").fill("Ada")
    page.get_by_role("button", name="Get my card").click()
    expect(page).to_have_title("My card · Cafe")

    for address in ("/me/", "/me/history/", "/me/rewards/"):
        page.goto(address)
        assert complaints_in_every_dress(page) == []


def test_the_pages_of_a_brand_with_a_light_colour(phone: Page, cafe: Programme) -> None:
    cafe.colour = "#ffd400"
    cafe.save()

    for address in ("/", "/me/"):
        phone.goto(address)
        assert complaints_in_every_dress(phone) == []
