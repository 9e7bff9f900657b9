"""A member asks to buy points, pays in a shop, and can change their mind."""

import re

import pytest

from events.models import OutboxEvent
from ledger.models import PaymentNotice, Purchase
from ledger.purchases import latest_terms
from ledger.queries import balances_of, unit_of
from tests.campaigns.trade import NOON
from tests.cockpit.people import a_card, signed_in, text_of
from tests.ledger import books, buying
from tests.ledger.books import TestWallet


@pytest.fixture(autouse=True)
def _noon(at_noon):
    pass


@pytest.fixture
def phone(ada):
    return signed_in(ada)


@pytest.fixture
def terms(cafe):
    """15.00 for each 1,000 points and each purchase."""
    return buying.sell(unit_of(cafe.pk, "points"))


def wallet_of(member):
    return TestWallet(member.wallet_id, unit_of(member.programme_id, "points"))


def page_of(browser, query=""):
    return browser.get(f"/me/buy/{query}").content.decode()


def tap(browser, page, amount="5000", **changes):
    """Send the page's form, with the price it shows."""
    fields = {name: field_on(page, name) for name in ("key", "total", "unit")} | {"amount": amount} | changes
    return browser.post("/me/buy/ask/", fields, follow=True)


def field_on(page, name):
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found.group(1)


def test_the_page_says_what_it_costs_and_how_long_it_lives(phone, terms):
    page = text_of(page_of(phone, "?unit=points&amount=5000").encode())

    assert "5000 Points €75.00 Fee for each purchase €15.00 To pay €90.00 Good until March 2, 2027" in page
    assert "1,000 points €30.00" in page
    assert "10,000 points €165.00" in page
    assert "At most 200,000 points a calendar year." in page
    assert "You can withdraw for 14 days after the payment" in page


def test_without_an_amount_the_least_is_chosen(phone, terms):
    page = page_of(phone)

    assert (field_on(page, "total"), field_on(page, "unit")) == ("30.00", "points")
    assert 'aria-current="true"><strong class="figure">1,000 points' in page


def test_asking_gives_a_number_to_pay_in_the_shop(phone, ada, terms):
    answer = tap(phone, page_of(phone, "?unit=points&amount=5000"))

    purchase = Purchase.objects.get()
    assert answer.redirect_chain[-1][0] == f"/me/buy/{purchase.pk}/"
    page = text_of(answer.content)
    assert "€90.00 waiting for the payment" in page
    assert str(purchase) in page
    assert "Good until 3 March, 13:00." in page
    assert balances_of(ada.wallet_id, at=NOON)[0].spendable == 0
    (fact,) = OutboxEvent.objects.filter(type="purchase.requested")
    assert (fact.payload["amount"], fact.payload["total"]) == ("5000", "90.00")


def test_a_second_tap_is_the_first_one_again(phone, terms):
    page = page_of(phone, "?unit=points&amount=5000")

    first, again = tap(phone, page), tap(phone, page)

    assert first.redirect_chain == again.redirect_chain
    assert Purchase.objects.count() == 1


def test_a_price_that_was_not_seen_is_shown_first(phone, terms):
    answer = tap(phone, page_of(phone), amount="5000")

    assert "This costs €90.00. Look at it, and ask again." in text_of(answer.content)
    assert field_on(answer.content.decode(), "total") == "90.00"
    assert Purchase.objects.count() == 0


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("1500", "Not in this amount."),
        ("999000", "Not in this amount."),
        ("many", "Choose an amount."),
        ("", "Choose an amount."),
    ],
)
def test_amounts_that_are_not_for_sale_are_told(amount, told, phone, terms):
    answer = tap(phone, page_of(phone), amount=amount)

    assert told in text_of(answer.content)
    assert Purchase.objects.count() == 0


def test_who_bought_enough_this_year_is_told(phone, ada, terms):
    buying.buy(wallet_of(ada), terms, 200_000)

    page = text_of(page_of(phone).encode())

    assert "you bought 200,000 points. Next year you can buy again." in page
    assert 'name="amount"' not in page_of(phone)


def test_more_than_is_left_of_the_year_is_told(phone, ada, terms):
    page = page_of(phone, "?unit=points&amount=5000")
    buying.buy(wallet_of(ada), terms, 196_000)

    answer = tap(phone, page)

    assert "That is more than you can still buy this year." in text_of(answer.content)
    assert field_on(answer.content.decode(), "total") == "75.00"


def test_five_wait_at_most(phone, ada, terms):
    for _ in range(5):
        buying.ask(wallet_of(ada), terms)

    answer = tap(phone, page_of(phone, "?unit=points&amount=5000"))

    assert "Some purchases wait for their payment already." in text_of(answer.content)


def test_who_does_not_want_it_any_more_cancels(phone, ada, terms):
    purchase = buying.ask(wallet_of(ada), terms).purchase

    answer = phone.post(f"/me/buy/{purchase.pk}/cancel/", follow=True)

    assert "Cancelled. Nothing was paid." in text_of(answer.content)
    assert buying.known(purchase).state == "CANCELLED"
    assert PaymentNotice.objects.get().actor == "member"


def test_what_is_paid_meanwhile_is_not_cancelled(phone, ada, terms):
    purchase = buying.buy(wallet_of(ada), terms)

    answer = phone.post(f"/me/buy/{purchase.pk}/cancel/", follow=True)

    assert "It has ended otherwise meanwhile." in text_of(answer.content)
    assert buying.known(purchase).state == "CAPTURED"


def test_who_used_nothing_withdraws(phone, ada, terms):
    purchase = buying.buy(wallet_of(ada), terms)
    assert "Until March 16, 2026 you can give back all of it" in text_of(phone.get(f"/me/buy/{purchase.pk}/").content)

    answer = phone.post(f"/me/buy/{purchase.pk}/withdraw/", follow=True)

    assert "Withdrawn. Your money is given back the way you paid." in text_of(answer.content)
    assert balances_of(ada.wallet_id, at=NOON)[0].spendable == 0
    assert OutboxEvent.objects.get(type="purchase.refunded").payload["is_withdrawal"] is True


def test_who_used_a_point_is_not_offered_to_withdraw(phone, ada, terms):
    purchase = buying.buy(wallet_of(ada), terms)
    wallet_of(ada).spend(1)

    page = text_of(phone.get(f"/me/buy/{purchase.pk}/").content)
    answer = phone.post(f"/me/buy/{purchase.pk}/withdraw/", follow=True)

    assert "Withdraw" not in page
    assert "This can't be withdrawn" in text_of(answer.content).replace("&#x27;", "'")
    assert buying.known(purchase).state == "CAPTURED"


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (["AUTHORISED"], "Your payment is promised."),
        (["CAPTURED"], "Paid on March 2, 2026. What you bought is on your card."),
        (["CAPTURED", "REFUNDED"], "The money went back, and what it had bought left your card."),
        (["CANCELLED"], "Cancelled. Nothing was paid."),
    ],
)
def test_each_state_is_told_in_words(said, told, phone, ada, terms):
    purchase = buying.ask(wallet_of(ada), terms).purchase
    for kind in said:
        buying.tell(purchase, kind)

    assert told in text_of(phone.get(f"/me/buy/{purchase.pk}/").content)


def test_what_nobody_paid_in_time_is_told(phone, ada, terms, at_noon):
    purchase = buying.ask(wallet_of(ada), terms).purchase
    at_noon.shift(86_400)

    assert "Nobody paid in time, so it ended by itself." in text_of(phone.get(f"/me/buy/{purchase.pk}/").content)


def test_stored_value_is_topped_up_and_partly_given_back(phone, cafe, ada):
    cash = books.a_unit(cafe, "cash", klass="STORED_VALUE", decimals=2)
    buying.sell(cash, buying.TOP_UP, step=500, price=500, minimum=500)
    page = page_of(phone, "?unit=cash&amount=20.00")
    assert "20.00 Cash €20.00 To pay €20.00" in text_of(page.encode())

    tap(phone, page, amount="20.00")
    purchase = Purchase.objects.get()
    buying.tell(purchase, "CAPTURED")
    buying.tell(purchase, "REFUNDED", 500)

    shown = text_of(phone.get(f"/me/buy/{purchase.pk}/").content)
    assert "partly refunded" in shown
    assert "€5.00 of it went back to you." in shown


def test_nobody_sees_anothers_purchases(phone, cafe, terms):
    stranger = a_card(cafe, at=NOON, email="bob@example.com", name="Bob")
    purchase = buying.ask(wallet_of(stranger), terms).purchase

    for address in (f"/me/buy/{purchase.pk}/", f"/me/buy/{purchase.pk}/cancel/"):
        answer = phone.get(address) if address.count("/") == 4 else phone.post(address)
        assert answer.status_code == 404
    assert buying.known(purchase).state == "REQUESTED"


def test_what_is_not_for_sale_is_not_there(phone, cafe, terms):
    buying.sell(unit_of(cafe.pk, "points"), is_offered=False)
    fields = {"unit": "points", "amount": "5000", "total": "90.00", "key": "0" * 32}

    assert "Nothing for sale" in text_of(page_of(phone).encode())
    assert phone.post("/me/buy/ask/", fields).status_code == 404
    assert 'href="/me/buy/"' not in phone.get("/me/").content.decode()


def test_the_card_leads_to_buying(phone, terms):
    assert latest_terms(terms.unit) == terms
    assert 'href="/me/buy/"' in phone.get("/me/").content.decode()
