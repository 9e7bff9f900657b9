"""The member's household on their own pages."""

import re

import pytest

from members.households import queries
from members.households import services as households
from members.models import Household
from tests.campaigns.trade import NOON
from tests.cockpit.people import a_card, earn, signed_in, text_of
from tests.members.families import founded, give, joined, offered, points_of, shares_of


@pytest.fixture(autouse=True)
def _noon(at_noon):
    pass


@pytest.fixture
def bob(cafe):
    return a_card(cafe, at=NOON, email="bob@example.com", name="Bob Lovelace")


@pytest.fixture
def family(cafe, ada, bob):
    """Ada leads, Bob is in it; each has 100 points that never expire, and Bob gave 60."""
    offered(cafe)
    for member in (ada, bob):
        earn(member, 100, at=NOON)
    household = founded(ada, "The Lovelaces")
    joined(ada, bob)
    give(bob, 60)
    return household


def page_of(member):
    return text_of(signed_in(member).get("/me/household/").content)


def tap(member, action, **told):
    return text_of(signed_in(member).post(f"/me/household/{action}/", told, follow=True).content)


def test_without_an_offer_there_is_no_way_there_and_the_page_says_so(ada):
    assert "/me/household/" not in signed_in(ada).get("/me/").content.decode()
    assert "No households here" in page_of(ada)


def test_a_household_is_formed_and_says_what_to_do_next(cafe, ada):
    offered(cafe)
    assert "Collect and spend together with your family" in text_of(signed_in(ada).get("/me/").content)

    page = tap(ada, "found", name="The Lovelaces")

    assert "The Lovelaces is there. Now invite who belongs to it." in page
    assert "Invite somebody" in page
    assert queries.place_of(ada).role == "HEAD"


def test_a_household_needs_a_name(cafe, ada):
    offered(cafe)

    page = tap(ada, "found", name=" ")

    assert "This field is required." in page
    assert Household.objects.count() == 0


def test_an_invitation_by_number_is_answered_on_the_others_card(cafe, ada, bob):
    offered(cafe)
    founded(ada, "The Lovelaces")
    grouped = " ".join(re.findall("....", bob.number))

    told = tap(ada, "invite", number=grouped, role="CONTRIBUTOR")
    assert "Invited." in told
    assert f"{grouped} invited Contributor" in told
    assert "You are invited" in text_of(signed_in(bob).get("/me/").content)
    invited = page_of(bob)
    assert "Ada Lovelace would like you to join, as: Contributor." in invited
    (asked,) = queries.invitations_of(bob, at=NOON)

    joined_page = tap(bob, f"invitation/{asked.pk}/yes")

    assert "You are in." in joined_page
    assert "You give and see; the adults spend." in joined_page


def test_saying_no_and_withdrawing(cafe, ada, bob):
    offered(cafe)
    founded(ada)
    first = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)
    assert "Declined. They are not told why." in tap(bob, f"invitation/{first.pk}/no")
    second = households.invite(by=ada, number=bob.number, role="ADULT", at=NOON)
    assert "The invitation is withdrawn." in tap(ada, f"invitation/{second.pk}/withdraw")
    assert "This invitation is over." in tap(bob, f"invitation/{second.pk}/yes")


def test_an_unknown_number_is_told(cafe, family, ada):
    assert "There is no member with this number." in tap(ada, "invite", number="123", role="ADULT")


def test_the_page_says_what_there_is_and_whose(family, ada, bob):
    page = page_of(bob)

    assert "60 Points 60 Points of it are yours" in page
    assert "Ada Lovelace Head nothing in the purse" in page
    assert "Bob Lovelace you Adult 60 Points of the purse 100 %" in page
    assert "Manage" not in page


def test_giving_is_done_once_for_each_tap(family, ada):
    browser = signed_in(ada)
    key = re.search(r'name="key" value="([0-9a-f]{32})"', browser.get("/me/household/").content.decode()).group(1)

    tap(ada, "give", unit="points", amount="40", key=key)
    page = tap(ada, "give", unit="points", amount="40", key=key)

    assert "40 Points given to the household." in page
    assert (points_of(ada), shares_of(family, ada)) == (60, [40])
    assert "That is more than you have." in tap(ada, "give", unit="points", amount="61", key="0" * 32)
    assert "Say how much" in tap(ada, "give", unit="points", amount="some", key="0" * 32)
    assert points_of(ada) == 60


def test_the_share_is_kept_and_told(family, ada):
    assert "From now on 25 % of what you earn goes to the household." in tap(ada, "share", percent="25")
    assert queries.place_of(ada).share_percent == 25
    assert signed_in(ada).post("/me/household/share/", {"percent": "101"}).status_code == 404
    assert "Nothing goes to the household by itself any more." in tap(ada, "share", percent="0")


def test_leaving_shows_to_the_last_point_what_comes_back(family, ada, bob):
    preview = text_of(signed_in(bob).get("/me/household/leaving/").content)
    assert "Leave The Lovelaces?" in preview
    assert "60 Points 1 part, with its last day 60 Points never expire" in preview
    assert "You can join another household after 30 days." in preview

    page = tap(bob, "leave")

    assert "You left. What was left of yours is on your card again." in page
    assert points_of(bob) == 100
    assert signed_in(bob).get("/me/household/leaving/").status_code == 404


def test_the_head_sees_what_everybody_gets_and_dissolves(family, ada, bob):
    preview = text_of(signed_in(ada).get("/me/household/leaving/").content)
    assert "Dissolve The Lovelaces?" in preview
    assert "Bob Lovelace 60 Points 1 part, with its last day · Bob Lovelace 60 Points never expire" in preview

    assert "The household is dissolved." in tap(ada, "leave")
    assert (points_of(ada), points_of(bob)) == (100, 100)


def test_the_head_manages_and_others_do_not(family, ada, bob):
    assert "Only the head of the household does that." in tap(bob, "role", number=bob.number, role="HEAD")
    assert "Their role is changed." in tap(ada, "role", number=bob.number, role="CONTRIBUTOR")
    assert "Handed over." in tap(ada, "role", number=bob.number, role="HEAD")
    assert "Removed." in tap(bob, "remove", number=ada.number, role="ADULT")
    assert (queries.place_of(ada), queries.place_of(bob).role) == (None, "HEAD")


def test_the_pool_has_a_statement_of_its_own(family, ada, bob):
    browser = signed_in(ada)

    page = text_of(browser.get("/me/household/statement/").content)
    file = browser.get("/me/household/statement/file/")

    assert "Statement of The Lovelaces" in page
    assert "Contributed to the household. +60 60" in page
    assert "cafe-household-" in file.headers["Content-Disposition"]
    assert "Contributed to the household." in file.content.decode()
    assert (
        signed_in(a_card(ada.programme, at=NOON, email="eve@example.com")).get("/me/household/statement/").status_code
        == 404
    )


def test_history_says_where_points_went_and_came_from(family, bob):
    households.leave(member=bob, at=NOON)

    history = text_of(signed_in(bob).get("/me/history/").content)

    assert "Contributed to the household. \N{MINUS SIGN}60" in history
    assert "Came home from the household. +60" in history
