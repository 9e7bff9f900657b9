"""A member turns points into credit, once for each tap."""

import re

import pytest

from events.models import OutboxEvent
from ledger import services as ledger
from ledger.models import Conversion
from ledger.queries import balances_of, unit_of
from tests.campaigns.trade import LATER, NOON
from tests.cockpit.people import earn, signed_in, text_of


@pytest.fixture(autouse=True)
def _noon(at_noon):
    pass


@pytest.fixture
def phone(ada):
    return signed_in(ada)


@pytest.fixture
def terms(cafe):
    credit = ledger.open_unit(
        programme_id=cafe.pk, code="credit", name="Credit", klass="CREDIT", decimals=2, symbol="€"
    )
    terms = ledger.NewTerms(chunk=100, gives=1000, is_offered=True, is_automatic=False)
    return ledger.add_conversion(source=unit_of(cafe.pk, "points"), target=credit, terms=terms)


def balances(member):
    return {row.unit.code: row.spendable for row in balances_of(member.wallet_id, at=LATER)}


def page_of(browser):
    return browser.get("/me/exchange/").content.decode()


def key_on(page):
    return re.search(r'name="key" value="([0-9a-f]{32})"', page).group(1)


def tap(browser, terms, chunks, key):
    return browser.post(f"/me/exchange/{terms.pk}/", {"chunks": chunks, "key": key}, follow=True)


def test_the_page_offers_all_at_first_and_less_below(phone, ada, terms):
    earn(ada, 250, at=NOON)

    page = page_of(phone)

    assert "100 Points become 10 €" in text_of(page.encode())
    assert re.findall(r"<option[^>]*>([^<]+)</option>", page) == ["200 Points for 20 €", "100 Points for 10 €"]


def test_what_was_chosen_is_converted_and_told(phone, ada, terms):
    earn(ada, 250, at=NOON)

    answer = tap(phone, terms, 2, key_on(page_of(phone)))

    assert "200 Points became 20 €." in text_of(answer.content)
    assert balances(ada) == {"points": 50, "credit": 2000}
    (fact,) = OutboxEvent.objects.filter(type="points.converted")
    assert fact.payload["from"] == {"unit": "points", "amount": "200"}
    assert fact.payload["to"] == {"unit": "credit", "amount": "20.00"}


def test_a_second_tap_is_the_first_one_again(phone, ada, terms):
    earn(ada, 250, at=NOON)
    key = key_on(page_of(phone))
    tap(phone, terms, 1, key)

    again = tap(phone, terms, 1, key)

    assert "100 Points became 10 €." in text_of(again.content)
    assert balances(ada) == {"points": 150, "credit": 1000}
    assert OutboxEvent.objects.filter(type="points.converted").count() == 1


def test_who_has_less_than_a_chunk_sees_how_much_is_missing(phone, ada, terms):
    earn(ada, 30, at=NOON)

    page = text_of(page_of(phone).encode())

    assert "You have 30 Points" in page
    assert "70 Points to go." in page


def test_what_was_spent_meanwhile_is_told_and_nothing_is_converted(phone, ada, terms):
    earn(ada, 250, at=NOON)
    key = key_on(page_of(phone))

    answer = tap(phone, terms, 3, key)

    assert "That is not there any more." in text_of(answer.content)
    assert balances(ada) == {"points": 250}


@pytest.mark.parametrize(("chunks", "key"), [("0", "0" * 32), ("-1", "0" * 32), ("many", "0" * 32), ("1", "nonsense")])
def test_what_no_page_sends_is_refused(chunks, key, phone, ada, terms):
    earn(ada, 250, at=NOON)

    answer = tap(phone, terms, chunks, key)

    assert answer.status_code == 404
    assert Conversion.objects.count() == 0


def test_what_is_not_on_offer_is_not_there(phone, ada, terms):
    earn(ada, 250, at=NOON)
    ledger.change_conversion(
        conversion=terms, terms=ledger.NewTerms(chunk=100, gives=1000, is_offered=False, is_automatic=True)
    )

    answer = tap(phone, terms, 1, "0" * 32)

    assert answer.status_code == 404
    assert "Nothing to exchange" in text_of(page_of(phone).encode())
    assert "Exchange" not in text_of(phone.get("/me/").content)


def test_the_card_leads_to_the_exchange(phone, ada, terms):
    assert 'href="/me/exchange/"' in phone.get("/me/").content.decode()
