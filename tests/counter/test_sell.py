"""Eva takes the money for what Ada wants to buy."""

import re

import pytest

from events.models import OutboxEvent
from ledger.models import PaymentNotice, Purchase
from ledger.queries import unit_of
from members.buying import CODES_BEGIN, QR_PREFIX, scanned_text
from members.card import PREFIX
from tests.cockpit.people import text_of
from tests.counter import people
from tests.counter.people import NOON, scan
from tests.ledger import buying
from tests.ledger.books import MINUTE, TestWallet


@pytest.fixture(autouse=True)
def _noon(at_noon):
    pass


@pytest.fixture
def counter(shop, eva):
    """Eva's browser; her till is `counter.till`."""
    till, secret = people.a_till_with_secret(shop, eva)
    browser = people.at_the_till(till, secret)
    browser.till = till
    return browser


@pytest.fixture
def terms(bakery):
    return buying.sell(unit_of(bakery.pk, "points"))


@pytest.fixture
def visit(counter, ada):
    return scan(ada, counter.till)


@pytest.fixture
def waiting(ada, terms):
    """Ada asked for 5,000 points on her phone."""
    return buying.ask(TestWallet(ada.wallet_id, terms.unit), terms, 5000).purchase


def points_of(member):
    return people.balance(member, NOON + MINUTE)


def said(answer):
    return text_of(answer.content).replace("&#x27;", "'")


def take(counter, purchase, receipt="R-1"):
    return counter.post(f"/counter/purchases/{purchase.pk}/take/", {"receipt": receipt}, follow=True)


def test_a_visit_shows_what_waits_for_its_payment(counter, visit, waiting):
    page = said(counter.get(f"/counter/visits/{visit.pk}/"))

    assert f"To be paid 5,000 points {waiting} €90.00" in page
    assert "Sell points or top up" in page


def test_the_money_is_taken_and_the_points_are_there(counter, ada, waiting):
    assert "Take €90.00 5,000 points for Ada" in said(counter.get(f"/counter/purchases/{waiting.pk}/"))

    answer = take(counter, waiting)

    assert "Paid: €90.00 Ada has 5,000 points more." in said(answer)
    assert points_of(ada) == 5700
    purchase = buying.known(waiting)
    assert (purchase.provider, purchase.payment) == ("counter", "market-square:R-1")
    assert PaymentNotice.objects.get().actor == f"user:{counter.till.staff.pk}"
    assert OutboxEvent.objects.get(type="purchase.captured").payload["provider"] == "counter"


def test_a_second_tap_takes_nothing_more(counter, ada, waiting):
    take(counter, waiting)

    answer = take(counter, waiting)

    assert "Paid: €90.00" in said(answer)
    assert (points_of(ada), PaymentNotice.objects.count()) == (5700, 1)


def test_a_receipt_pays_one_purchase(counter, ada, waiting, terms):
    other = buying.ask(TestWallet(ada.wallet_id, terms.unit), terms).purchase
    take(counter, waiting)

    again, twice = take(counter, other), take(counter, waiting, "R-2")

    assert (again.status_code, twice.status_code) == (409, 409)
    assert "Receipt used before" in said(again)
    assert (points_of(ada), buying.known(other).state) == (5700, "REQUESTED")


@pytest.mark.parametrize("receipt", ["", "  ", "<b>", "x" * 41])
def test_without_a_receipt_nothing_is_taken(receipt, counter, ada, waiting):
    answer = take(counter, waiting, receipt)

    assert answer.status_code == 422
    assert (points_of(ada), buying.known(waiting).state) == (700, "REQUESTED")


def test_points_are_sold_in_an_open_visit(counter, ada, visit, terms):
    page = counter.get(f"/counter/visits/{visit.pk}/buy/").content.decode()
    assert "Points, 1000 to 200000" in page
    key = re.search(r'name="key" value="([^"]+)"', page).group(1)
    fields = {"key": key, "unit": "points", "amount": "10000"}

    asked = [counter.post(f"/counter/visits/{visit.pk}/buy/ask/", fields, follow=True) for _ in range(2)]

    assert all("Take €165.00" in said(answer) for answer in asked)
    purchase = Purchase.objects.get()
    take(counter, purchase)
    assert points_of(ada) == 10_700


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"unit": "points", "amount": "1500"}, "Not so much"),
        ({"unit": "points", "amount": "lots"}, "Not so much"),
        ({"unit": "stars", "amount": "1000"}, "Not for sale"),
    ],
)
def test_what_can_not_be_sold_is_refused(fields, told, counter, visit, terms):
    key = "00000000-0000-4000-8000-000000000000"

    answer = counter.post(f"/counter/visits/{visit.pk}/buy/ask/", {"key": key} | fields)

    assert (answer.status_code, told in said(answer)) == (409, True)
    assert Purchase.objects.count() == 0


def test_who_bought_enough_this_year_is_told(counter, ada, visit, terms):
    buying.buy(TestWallet(ada.wallet_id, terms.unit), terms, 200_000)

    assert "has bought as much as they may this year" in said(counter.get(f"/counter/visits/{visit.pk}/buy/"))


def test_nothing_for_sale_is_told(counter, visit):
    assert "Nothing is for sale right now." in said(counter.get(f"/counter/visits/{visit.pk}/buy/"))
    assert "Sell points" not in said(counter.get(f"/counter/visits/{visit.pk}/"))


@pytest.mark.parametrize("shown", [str, scanned_text, lambda purchase: purchase.number.lower()])
def test_the_number_of_a_purchase_leads_to_it(shown, counter, waiting):
    nonce = "00000000-0000-4000-8000-000000000000"

    answer = counter.post("/counter/visits/", {"code": shown(waiting), "nonce": nonce}, follow=True)

    assert "Take €90.00" in said(answer)


def test_a_number_that_is_none_is_refused(counter, terms):
    nonce = "00000000-0000-4000-8000-000000000000"

    answer = counter.post("/counter/visits/", {"code": "B234-5678", "nonce": nonce})

    assert (answer.status_code, "Unknown number" in said(answer)) == (422, True)


def test_a_camera_looks_for_both_kinds_of_codes(counter):
    assert PREFIX.startswith(CODES_BEGIN)
    assert QR_PREFIX.startswith(CODES_BEGIN)
    assert f'data-prefix="{CODES_BEGIN}"' in counter.get("/counter/").content.decode()


def test_what_the_customer_does_not_want_after_all_is_cancelled(counter, ada, waiting):
    answer = counter.post(f"/counter/purchases/{waiting.pk}/cancel/", follow=True)

    assert "Not bought Take no money: 5,000 points for Ada." in said(answer)
    late = take(counter, waiting)
    assert (late.status_code, "Too late" in said(late)) == (409, True)
    assert points_of(ada) == 700


def test_what_is_paid_is_not_cancelled_here(counter, ada, waiting):
    take(counter, waiting)

    answer = counter.post(f"/counter/purchases/{waiting.pk}/cancel/")

    assert (answer.status_code, "Paid already" in said(answer)) == (409, True)
    assert points_of(ada) == 5700


@pytest.mark.parametrize(
    ("kind", "told"), [("AUTHORISED", "Paid elsewhere"), ("CANCELLED", "Not bought"), (None, "Time is over")]
)
def test_what_is_not_to_be_paid_says_so(kind, told, counter, waiting, at_noon):
    if kind:
        buying.tell(waiting, kind)
    else:
        at_noon.shift(86_400)

    assert told in said(counter.get(f"/counter/purchases/{waiting.pk}/"))


def test_nobody_sells_to_themselves(counter, ada, waiting):
    ada.user = counter.till.staff
    ada.save()

    for answer in (counter.get(f"/counter/purchases/{waiting.pk}/"), take(counter, waiting)):
        assert (answer.status_code, "Your own card" in said(answer)) == (403, True)
    assert points_of(ada) == 700


def test_purchases_of_another_programme_are_unknown(counter, terms):
    elsewhere = people.a_programme("butcher")
    stranger = people.a_member(elsewhere)
    unit = unit_of(elsewhere.pk, "points")
    purchase = buying.ask(TestWallet(stranger.wallet_id, unit), buying.sell(unit)).purchase

    answer = take(counter, purchase)

    assert (answer.status_code, "Unknown number" in said(answer)) == (422, True)
    assert points_of(stranger) == 0
