"""Points as money on the member's own pages: what they are worth, and the question of a till about a bill."""

import pytest

from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment
from rewards.models import Redemption
from rewards.services import Bill, reserve_payment
from tests.campaigns.trade import NOON
from tests.cockpit.people import earn, signed_in, text_of
from tests.counter.people import a_shop, a_till, balance, scan, somebody

pytestmark = pytest.mark.usefixtures("at_noon")


@pytest.fixture
def unit(ada):
    unit = unit_of(ada.programme_id, "points")
    accept_as_payment(unit=unit, terms=Terms(10, 100))
    earn(ada, 1234, at=NOON)
    return unit


@pytest.fixture
def asked(ada, unit):
    """Ada was asked for 200 points of a bill of 25.00."""
    shop = a_shop(ada.programme)
    till = a_till(shop, somebody("Eva", shop))
    bill = Bill(total=2500, unit_id=unit.pk, points=200)
    return reserve_payment(visit_id=scan(ada, till).pk, bill=bill, till=till, key="k", at=NOON)


def test_the_card_says_what_points_are_worth_where_they_pay(ada, unit):
    assert "1,234 Points worth €123.40 when you pay with them" in text_of(signed_in(ada).get("/me/").content)


def test_where_points_pay_nothing_the_card_says_nothing_of_money(ada, unit):
    accept_as_payment(unit=unit, terms=Terms(10, 100), is_accepted=False)

    assert "worth" not in text_of(signed_in(ada).get("/me/").content)


def test_the_question_says_what_of_the_bill_for_how_many_points(ada, asked):
    page = text_of(signed_in(ada).get(f"/me/question/{asked.pk}/").content)

    assert f"{asked.shop.name} asks" in page
    assert "€20.00 of the bill for 200 points? You keep 1,034." in page
    assert "Yes, pay" in page


def test_a_yes_pays_and_says_so(ada, asked):
    phone = signed_in(ada)

    phone.post(f"/me/question/{asked.pk}/yes/")

    page = text_of(phone.get(f"/me/question/{asked.pk}/").content)
    assert f"Paid €20.00 of the bill for 200 points at {asked.shop.name}. You have 1,034 left." in page
    assert f"Paid a part of the bill at {asked.shop.name}." in text_of(phone.get("/me/history/").content)


def test_a_no_keeps_the_points(ada, asked):
    phone = signed_in(ada)

    phone.post(f"/me/question/{asked.pk}/no/")

    assert "Not paid with points You keep your 200 points." in text_of(phone.get(f"/me/question/{asked.pk}/").content)
    assert Redemption.objects.get().state == "VOIDED"
    assert balance(ada) == 1234
