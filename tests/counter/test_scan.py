"""A scan or a typed number opens a visit; the page shows a first name, points, and what they buy."""

import re
from uuid import uuid4

import pytest

from members.models import Member, Visit
from rewards.models import Reward
from tests.counter.people import (
    NOON,
    a_member,
    a_programme,
    a_reward,
    a_till_with_secret,
    at_the_till,
    shown_card,
    somebody,
)


def scan(client, code, nonce=None, **headers):
    return client.post("/counter/visits/", {"code": code, "nonce": nonce or uuid4()}, headers=headers)


def said(response):
    """What a page says, without its markup, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def test_a_code_leads_to_the_customer(at_till, ada, coffee):
    response = scan(at_till, shown_card(ada))

    visit = Visit.objects.get()
    page = said(at_till.get(response["Location"]))
    assert response["Location"] == f"/counter/visits/{visit.pk}/"
    assert visit.method == Visit.Method.CARD
    assert "Ada 700 points" in page
    assert "Can have now Coffee 300 points" in page


def test_of_the_customer_s_data_only_the_first_name_is_shown(at_till, ada):
    ada.email = "ada@private.example"
    ada.save()

    page = at_till.get(scan(at_till, shown_card(ada))["Location"]).content.decode()

    assert "Lovelace" not in page
    assert "private" not in page
    assert ada.number not in page


def test_a_member_without_a_name_is_called_by_the_end_of_the_number(at_till, bakery):
    nameless = a_member(bakery, name="")

    page = said(at_till.get(scan(at_till, shown_card(nameless))["Location"]))

    assert f"Member …{nameless.number[-4:]}" in page


def test_rewards_out_of_reach_say_why(at_till, ada, bakery):
    a_reward(bakery, "breakfast", price=1900)
    a_reward(bakery, "mug", price=450, stock=0)

    page = said(at_till.get(scan(at_till, shown_card(ada))["Location"]))

    assert "Mug 450 points Sold out Breakfast 1,900 points 1,200 points short" in page
    assert "Can have now" not in page


def test_a_typed_number_shows_points_and_no_button_to_spend_them(at_till, ada, coffee):
    page = said(at_till.get(scan(at_till, ada.number)["Location"]))

    assert "Ada 700 points" in page
    assert "Found by the number." in page
    assert "Coffee 300 points Scan the code" in page
    assert Visit.objects.get().method == Visit.Method.NUMBER


def test_a_scan_sent_twice_is_one_visit(at_till, ada):
    nonce = uuid4()

    first = scan(at_till, shown_card(ada), nonce)
    again = scan(at_till, shown_card(ada), nonce)

    assert again["Location"] == first["Location"]
    assert Visit.objects.count() == 1


def test_a_code_used_at_another_till_is_told_in_the_shop_s_time(at_till, ada, shop):
    ben = at_the_till(*a_till_with_secret(shop, somebody("Ben", shop), "Till 2"))
    scan(ben, shown_card(ada))

    response = scan(at_till, shown_card(ada))

    assert response.status_code == 409
    assert "Already used Used at 13:00 in Market Square by Ben." in said(response)
    assert "Go on with this customer" not in said(response)


@pytest.mark.parametrize(
    ("code", "status", "title"),
    [
        ("https://example.com/menu", 422, "Not valid here"),
        ("LR1" + "0" * 52, 422, "Not valid here"),
        ("", 422, "Not valid here"),
        ("x" * 201, 422, "Not valid here"),
        ("1234 5678", 422, "Mistyped"),
        ("000000000000", 422, "Unknown number"),
    ],
)
def test_a_refusal_is_a_page_that_says_what_to_do(code, status, title, at_till):
    response = scan(at_till, code)

    assert response.status_code == status
    assert f"{title} " in said(response)
    assert "Scan again" in said(response)
    assert not Visit.objects.exists()


def test_a_scan_without_a_name_of_its_own_is_refused(at_till, ada):
    assert scan(at_till, shown_card(ada), nonce="1").status_code == 422
    assert not Visit.objects.exists()


def test_a_code_that_ran_out_is_too_old(at_till, ada, at_noon):
    code = shown_card(ada)
    at_noon.shift(30)

    response = scan(at_till, code)

    assert (response.status_code, "Too old" in said(response)) == (422, True)


@pytest.mark.parametrize(("change", "title"), [({"status": "BLOCKED"}, "Blocked"), ({"user": "eva"}, "Your own card")])
def test_who_may_not_be_served_is_not(change, title, at_till, ada, eva):
    Member.objects.filter(pk=ada.pk).update(
        **{name: eva if value == "eva" else value for name, value in change.items()}
    )

    response = scan(at_till, shown_card(ada))

    assert (response.status_code, title in said(response)) == (403, True)


def test_a_customer_of_another_programme_is_not_shown(at_till):
    stranger = a_member(a_programme("bookshop"), "Bob Stranger")

    for code in (shown_card(stranger), stranger.number):
        response = scan(at_till, code)
        assert response.status_code == 422
        assert "Bob" not in said(response)


def test_another_till_s_visit_is_not_shown(at_till, ada, shop):
    ben = at_the_till(*a_till_with_secret(shop, somebody("Ben", shop), "Till 2"))
    address = scan(ben, shown_card(ada))["Location"]

    response = at_till.get(address)

    assert response.status_code == 409
    assert "Ada" not in said(response)


def test_within_a_page_only_the_stage_is_sent_and_a_refusal_keeps_the_address(at_till, ada):
    whole, part = at_till.get("/counter/"), at_till.get("/counter/", headers={"HX-Request": "true"})
    refused = scan(at_till, "123", **{"HX-Request": "true"})

    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert part.content.decode().startswith("<title>Scan · Market Square</title>")
    assert refused["HX-Push-Url"] == "false"


def test_a_page_restored_from_the_browser_s_history_is_a_whole_one(at_till):
    headers = {"HX-Request": "true", "HX-History-Restore-Request": "true"}

    assert b"<html" in at_till.get("/counter/", headers=headers).content


def test_nobody_keeps_the_pages(at_till, ada):
    response = at_till.get(scan(at_till, shown_card(ada))["Location"])

    assert "no-store" in response["Cache-Control"]


def test_how_many_queries_the_pages_take(at_till, ada, bakery, count_queries):
    for number in range(5):
        a_reward(bakery, f"reward-{number}", price=100 * number + 1)
    Reward.objects.filter(key="reward-4").update(stock=None)

    with count_queries("counter: scan page"):
        at_till.get("/counter/")
    with count_queries("counter: open a visit"):
        response = scan(at_till, shown_card(ada, NOON))
    with count_queries("counter: visit"):
        at_till.get(response["Location"])
