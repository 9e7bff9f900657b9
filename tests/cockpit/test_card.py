"""The first page: points, what expires, what comes next, and a code that is always right."""

import base64
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from members.card import read_token
from members.models import Member
from tests.campaigns.trade import NOON, a_programme, bring_back, buy, spend
from tests.cockpit.people import a_card, earn, signed_in, text_of
from tests.counter.people import a_reward, ask_for

pytestmark = pytest.mark.usefixtures("at_noon")


def home(member: Member) -> str:
    return text_of(signed_in(member).get("/me/").content)


def picture(code: dict[str, Any]) -> Image.Image:
    """A code as the page draws it, eight pixels a module, with its quiet zone."""
    size = code["size"]
    bits = "".join(f"{byte:08b}" for byte in base64.b64decode(code["bits"]))
    image = Image.new("L", (size + 8, size + 8), 255)
    for place in range(size * size):
        if bits[place] == "1":
            image.putpixel((4 + place % size, 4 + place // size), 0)
    return image.resize((8 * (size + 8), 8 * (size + 8)), Image.Resampling.NEAREST)


def test_the_card_shows_name_number_and_points(ada):
    earn(ada, 1234, at=NOON)

    text = home(ada)

    number = ada.number
    assert "Ada Lovelace" in text
    assert "1,234 Points" in text
    assert f"{number[:4]} {number[4:8]} {number[8:]}" in text


def test_points_that_expire_soon_are_named_with_their_last_day_in_the_programmes_zone(ada):
    # Midnight in Berlin at the end of 11 March, which is 23:00 in UTC.
    earn(ada, 120, at=NOON, until=datetime(2026, 3, 11, 23, tzinfo=UTC))

    assert "120 points good until March 11" in home(ada)


def test_all_last_days_are_listed_when_there_are_several_and_those_far_off_are_not(ada):
    earn(ada, 50, at=NOON, until=datetime(2026, 3, 20, 23, tzinfo=UTC))
    earn(ada, 20, at=NOON, until=datetime(2026, 3, 9, 23, tzinfo=UTC))
    earn(ada, 7, at=NOON, until=NOON + timedelta(days=31))

    text = home(ada)

    assert "20 points good until March 9" in text
    assert "20 points until March 9 50 points until March 20" in text
    assert "7 points" not in text


def test_points_that_wait_are_reserved_or_owed_are_told_apart(ada, cafe, till):
    a_reward(cafe, price=300)
    earn(ada, 700, at=NOON)
    earn(ada, 40, at=NOON, from_=NOON + timedelta(days=2))
    ask_for(ada, till)

    text = home(ada)

    assert "400 Points" in text
    assert "40 points not yet available" in text
    assert "300 points reserved" in text


def test_a_debt_is_said_with_how_it_is_paid_back(cafe, ada):
    ada.identifiers.create(programme=cafe, source="till", external_id="ada")
    buy(cafe, 1000)
    spend(ada, 10)
    bring_back(cafe, (1, 1), of="1", at=NOON)

    assert "10 points to be paid back by what you earn next" in home(ada)


def test_the_next_reward_says_how_much_is_missing(ada, cafe):
    a_reward(cafe, "coffee", price=300)
    a_reward(cafe, "dinner", price=900)
    earn(ada, 350, at=NOON)

    page = signed_in(ada).get("/me/").content.decode()

    assert "You can take now: Coffee" in text_of(page.encode())
    assert "Next: Dinner 550 points to go" in text_of(page.encode())
    assert '<progress class="meter" max="900" value="350"' in page


def test_a_new_member_is_told_what_to_do_next(ada):
    assert "Nothing yet. Show your code at the till with your next purchase" in home(ada)


def test_the_three_latest_movements_stand_on_the_first_page(ada):
    for points in (11, 12, 13, 14):
        earn(ada, points, at=NOON - timedelta(hours=20 - points))

    text = home(ada)

    assert [f"+{points}" in text for points in (11, 12, 13, 14)] == [False, True, True, True]


def test_every_code_of_the_next_ten_minutes_is_accepted_at_its_moment(ada, cafe):
    answer = signed_in(ada).get("/me/codes/").json()

    assert len(answer["codes"]) == 40
    assert abs(answer["now"] - NOON.timestamp()) < 60
    for code in answer["codes"]:
        (found,) = zxingcpp.read_barcodes(picture(code), formats=zxingcpp.BarcodeFormat.QRCode)
        shown_at = datetime.fromtimestamp(code["show_from"], UTC)
        card = read_token(found.text, programme=cafe, at=shown_at)
        card.require_current()
        assert card.card_ref == bytes(ada.card_ref)
    first, last = answer["codes"][0], answer["codes"][-1]
    assert first["show_from"] <= answer["now"] < first["show_until"]
    assert last["show_until"] - first["show_from"] == 600


@pytest.mark.parametrize("address", ["/me/", "/me/codes/", "/me/history/", "/me/rewards/", "/me/question/asked/"])
def test_no_cache_keeps_a_members_page(ada, address):
    assert "no-store" in signed_in(ada).get(address).headers["Cache-Control"]


@pytest.mark.parametrize("address", ["/me/", "/me/codes/", "/me/history/", "/me/rewards/", "/me/question/asked/"])
def test_who_is_not_signed_in_is_asked_to(client, ada, address):
    assert client.get(address).headers["Location"] == f"/accounts/login/?next={address}"


@pytest.mark.parametrize("address", ["/me/", "/me/codes/", "/me/question/asked/"])
def test_a_blocked_member_sees_why_and_gets_no_code(ada, address):
    Member.objects.update(status=Member.Status.BLOCKED)

    response = signed_in(ada).get(address)

    assert response.status_code == 403
    assert "Your card is blocked" in text_of(response.content)


def test_other_cards_of_the_same_customer_are_one_press_away(ada):
    tea = a_programme("tea")
    Member.objects.filter(pk=a_card(tea, at=NOON, email="ada@tea.example").pk).update(user=ada.user)
    browser = signed_in(ada)

    assert 'href="/me/?programme=tea"' in browser.get("/me/").content.decode()
    assert "<span>Tea</span>" in browser.get("/me/?programme=tea").content.decode()
    assert "<span>Tea</span>" in browser.get("/me/history/").content.decode()


def test_a_phone_can_keep_the_card_among_its_apps(ada, cafe):
    answer = signed_in(ada).get("/me/card.webmanifest")

    manifest = answer.json()
    assert answer.headers["Content-Type"] == "application/manifest+json"
    assert (manifest["name"], manifest["start_url"], manifest["display"]) == ("Cafe", "/me/", "standalone")
    assert {icon["sizes"] for icon in manifest["icons"]} == {"192x192", "512x512"}
