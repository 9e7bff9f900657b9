"""At the counter: choose, ask, wait, hand out, undo; and the list of what was done."""

import json
import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from rewards.models import Redemption
from rewards.services import confirm, decline
from shops.models import StaffRole
from tests.counter.people import (
    NOON,
    a_member,
    a_reward,
    a_shop,
    a_till_with_secret,
    at_the_till,
    balance,
    number_shown_to,
    shown_card,
    somebody,
)


def said(response):
    """What a page says, without its markup, in single spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


def scan(client, member):
    code = shown_card(member, timezone.now())
    return client.post("/counter/visits/", {"code": code, "nonce": uuid4()})["Location"]


def choose(client, member, reward="coffee", key=None):
    """Scan the member and press the reward's button."""
    return client.post(f"{scan(client, member)}rewards/", {"reward": reward, "key": key or uuid4()})


@pytest.fixture
def asked(at_till, ada, coffee):
    """Ada was asked about a coffee; the address of the waiting page."""
    return choose(at_till, ada)["Location"]


@pytest.fixture
def redeemed(asked, ada):
    """Ada said yes; the address of the page that says so."""
    confirm(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())
    return asked


def test_choosing_a_reward_asks_the_customer(at_till, asked, ada):
    page = said(at_till.get(asked))

    assert "Ask Ada Coffee for 300 points?" in page
    assert number_shown_to(ada, timezone.now()) not in page
    assert balance(ada) == 400


def test_pressing_twice_asks_once(at_till, ada, coffee):
    visit, key = scan(at_till, ada), uuid4()

    first, again = (at_till.post(f"{visit}rewards/", {"reward": "coffee", "key": key}) for _ in range(2))

    assert first["Location"] == again["Location"]
    assert Redemption.objects.count() == 1


def test_two_buttons_of_one_page_are_two_questions(at_till, ada, coffee, bakery):
    a_reward(bakery, "tea", price=100)
    visit, key = scan(at_till, ada), uuid4()
    address = at_till.post(f"{visit}rewards/", {"reward": "coffee", "key": key})["Location"]
    at_till.post(f"{address}cancel/")

    second = at_till.post(f"{visit}rewards/", {"reward": "tea", "key": key})

    assert "Ask Ada Tea for 100 points?" in said(at_till.get(second["Location"]))


@pytest.mark.parametrize(
    ("change", "title"),
    [
        ({"price": 701}, "Not enough points 1 point short."),
        ({"stock": 0}, "Sold out"),
        ({"is_offered": False}, "Not offered"),
    ],
)
def test_a_refusal_says_why_and_leads_back(change, title, at_till, ada, coffee):
    type(coffee).objects.update(**change)

    response = choose(at_till, ada)

    assert response.status_code == 409
    assert title in said(response)
    assert "Back to the customer" in said(response)
    assert balance(ada) == 700


@pytest.mark.parametrize("form", [{}, {"reward": "coffee"}, {"reward": "no slug!", "key": str(uuid4())}])
def test_an_odd_form_is_refused(form, at_till, ada, coffee):
    response = at_till.post(f"{scan(at_till, ada)}rewards/", form)

    assert response.status_code == 409
    assert not Redemption.objects.exists()


def test_a_customer_asked_already_is_shown_as_asked(at_till, ada, asked, at_noon):
    at_noon.shift(15)

    page = at_till.get(scan(at_till, ada))
    at_noon.shift(15)
    second = choose(at_till, ada)

    assert "The customer is being asked something." in said(page)
    assert asked in page.content.decode()
    assert (second.status_code, "Already asked" in said(second)) == (409, True)


def test_the_waiting_page_is_told_nothing_until_there_is_an_answer(at_till, asked, ada):
    waiting = at_till.get(f"{asked}state/")
    confirm(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())
    answered = at_till.get(f"{asked}state/")

    assert waiting.status_code == 204
    assert json.loads(answered["HX-Location"]) == {"path": asked, "target": "#stage"}


def test_yes_turns_the_page_green(at_till, redeemed):
    page = said(at_till.get(redeemed))

    assert "Give: Coffee Ada paid 300 points." in page
    assert "Undo" in page


@pytest.mark.parametrize(("end", "title"), [("no", "Not redeemed"), ("time", "Time is over")])
def test_everything_else_turns_it_red(end, title, at_till, asked, ada, at_noon):
    if end == "no":
        decline(redemption_id=Redemption.objects.get().pk, member=ada, at=timezone.now())
    else:
        at_noon.shift(timedelta(minutes=5))

    page = said(at_till.get(asked))

    assert at_till.get(f"{asked}state/").status_code == 200
    assert f"{title} Don't hand out Coffee. Ada keeps 300 points." in page


def test_the_number_read_out_is_a_yes(at_till, asked, ada):
    response = at_till.post(f"{asked}number/", {"number": number_shown_to(ada, timezone.now())})

    assert response["Location"] == asked
    assert "Give: Coffee" in said(at_till.get(asked))


def test_wrong_numbers_are_counted_and_end(at_till, asked, ada):
    wrong = str((int(number_shown_to(ada, timezone.now())) + 1) % 10**6).zfill(6)

    pages = [said(at_till.post(f"{asked}number/", {"number": wrong})) for _ in range(6)]

    assert "Wrong number. 4 tries left." in pages[0]
    assert "Wrong number. 1 try left." in pages[3]
    assert "Wrong number. 0 tries left." in pages[4]
    assert "Too many wrong numbers. Only the customer can say yes now" in pages[5]
    assert balance(ada) == 400


def test_a_number_for_what_has_ended_shows_how_it_ended(at_till, asked, ada):
    at_till.post(f"{asked}cancel/")

    response = at_till.post(f"{asked}number/", {"number": "123456"})

    assert response["Location"] == asked
    assert "Not redeemed" in said(at_till.get(asked))


def test_cancelling_gives_everything_back(at_till, asked, ada, coffee):
    response = at_till.post(f"{asked}cancel/")

    coffee.refresh_from_db()
    assert response["Location"] == asked
    assert (balance(ada), coffee.stock) == (700, 5)


def test_cancelling_what_was_redeemed_shows_that_it_was(at_till, redeemed):
    assert at_till.post(f"{redeemed}cancel/")["Location"] == redeemed
    assert "Give: Coffee" in said(at_till.get(redeemed))


def test_undo_gives_everything_back(at_till, redeemed, ada, coffee, eva):
    response = at_till.post(f"{redeemed}undo/")

    coffee.refresh_from_db()
    assert "Undone Ada has 300 points back." in said(at_till.get(response["Location"]))
    assert (balance(ada), coffee.stock) == (700, 5)
    assert Redemption.objects.get().closed_by == eva


def test_after_a_quarter_of_an_hour_only_a_manager_undoes(at_till, redeemed, shop, at_noon):
    at_noon.shift(timedelta(minutes=15))
    boss = at_the_till(*a_till_with_secret(shop, somebody("Mia", shop, StaffRole.Role.SHOP_MANAGER), "Manager's phone"))

    refused = at_till.post(f"{redeemed}undo/")
    page = said(at_till.get(redeemed))

    assert (refused.status_code, "Can't be undone" in said(refused).replace("&#x27;", "'")) == (403, True)
    assert "Undo" not in page
    assert boss.post(f"{redeemed}undo/").status_code == 302


def test_another_shop_sees_and_touches_nothing(redeemed, bakery):
    harbour = a_shop(bakery, "harbour")
    elsewhere = at_the_till(*a_till_with_secret(harbour, somebody("Hal", harbour, StaffRole.Role.SHOP_MANAGER)))

    answers = [
        elsewhere.get(redeemed),
        elsewhere.get(f"{redeemed}state/"),
        elsewhere.post(f"{redeemed}number/", {"number": "1"}),
        elsewhere.post(f"{redeemed}cancel/"),
        elsewhere.post(f"{redeemed}undo/"),
    ]

    assert [answer.status_code for answer in answers] == [404] * 5
    assert Redemption.objects.get().state == Redemption.State.REDEEMED


def test_the_list_shows_this_device_and_for_a_manager_the_shop(at_till, redeemed, shop, ada, at_noon):
    at_noon.shift(15)
    ben = at_the_till(*a_till_with_secret(shop, somebody("Ben", shop), "Till 2"))
    choose(ben, ada)
    boss = at_the_till(*a_till_with_secret(shop, somebody("Mia", shop, StaffRole.Role.SHOP_MANAGER), "Manager's phone"))

    mine = said(at_till.get("/counter/redemptions/"))
    mine_too = said(at_till.get("/counter/redemptions/?of=shop"))
    empty = said(boss.get("/counter/redemptions/"))
    whole = said(boss.get("/counter/redemptions/?of=shop"))

    assert "Coffee redeemed Mon 13:00 · Ada · 300 points · Eva Undo" in mine
    assert "being asked" not in mine
    assert mine_too == mine
    assert "Nothing yet" in empty
    assert "Coffee being asked Mon 13:00 · Ada · 300 points · Ben · Till 2" in whole
    assert "Eva · Till 7 Undo" in whole


def test_how_many_queries_the_pages_take(at_till, ada, bakery, coffee, count_queries):
    for number in range(3):
        member = a_member(bakery, f"Customer {number}", points=300)
        choose(at_till, member)
        confirm(redemption_id=Redemption.objects.get(member=member).pk, member=member, at=NOON)
    redemption_page = f"/counter/redemptions/{Redemption.objects.latest('pk').pk}/"
    visit = scan(at_till, ada)

    with count_queries("counter: reserve"):
        asked = at_till.post(f"{visit}rewards/", {"reward": "coffee", "key": uuid4()})["Location"]
    with count_queries("counter: is there an answer"):
        at_till.get(f"{asked}state/")
    with count_queries("counter: confirm by number"):
        at_till.post(f"{asked}number/", {"number": number_shown_to(ada, timezone.now())})
    with count_queries("counter: redemption"):
        at_till.get(redemption_page)
    with count_queries("counter: last redemptions"):
        at_till.get("/counter/redemptions/")
    with count_queries("counter: undo"):
        at_till.post(f"{redemption_page}undo/")
