"""Marketers and owners say what a unit is worth at the checkout, and read what that means before they save."""

import pytest

from campaigns import services as campaigns
from campaigns.payments import CHECKOUT
from ledger import services as ledger
from ledger.checkout import stored_terms
from ledger.models import PaymentTerms
from ledger.paying import Terms
from ledger.queries import unit_of
from ledger.services import accept_as_payment, open_unit
from orders.facts import Tender, TenderKind
from shops.models import Programme
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import LATER, NOON
from tests.cockpit.people import text_of

TOLD = {
    "is_accepted": "on",
    "units": "1000",
    "money": "100.00",
    "minimum": "100",
    "maximum": "",
    "step": "10",
    "share_percent": "50",
    "earns": "0",
}


@pytest.fixture
def unit(grocer):
    return unit_of(grocer.pk, "points")


def page_of(unit):
    return f"/admin/ledger/unit/{unit.pk}/payment/"


def test_a_unit_says_that_it_pays_nothing_yet(desk, unit):
    page = text_of(desk.get(people.address("ledger.unit", "change", unit.pk)).content)

    assert "Paying with it not accepted" in page
    assert "Customers can't pay with it." in page


def test_the_terms_are_saved_and_told_by_an_example(desk, unit):
    answer = desk.post(page_of(unit), TOLD)

    assert answer.url == people.address("ledger.unit", "change", unit.pk)
    assert stored_terms(unit) == (Terms(1000, 10_000, minimum=100, step=10, share_percent=50), True)
    page = text_of(desk.get(answer.url).content)
    assert "accepted at the checkout" in page
    assert "1,000 Points are worth €100.00." in page
    assert (
        "For an order of €200.00 a customer can give 100 Points to 1,000 Points, in steps of 10 Points. "
        "With 500 Points, €50.00 are paid and €150.00 are left for money. What is paid so earns nothing."
    ) in page


def test_the_example_follows_the_form_and_saves_nothing(desk, unit):
    answer = desk.post(page_of(unit) + "?example", TOLD | {"units": "500", "earns": "1"})

    assert "500 Points are worth €100.00." in text_of(answer.content)
    assert "What is paid so earns like money." in text_of(answer.content)
    assert stored_terms(unit) is None


def test_an_unfinished_form_has_no_example(desk, unit):
    answer = desk.post(page_of(unit) + "?example", TOLD | {"units": ""})

    assert "As soon as every field holds a number, an example stands here." in text_of(answer.content)


def test_terms_that_no_order_could_meet_say_so(desk, unit):
    answer = desk.post(page_of(unit) + "?example", TOLD | {"minimum": "5000"})

    assert "For an order of €200.00 nobody could pay with it: the least is 5,000 Points." in text_of(answer.content)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("units", "ten", "Write a plain number with at most 0 decimals, such as 1."),
        ("units", "1.5", "Write a plain number with at most 0 decimals, such as 1."),
        ("money", "0.001", "Write a plain number with at most 2 decimals, such as 1.00."),
        ("step", "0", "It has to be more than 0."),
        ("maximum", "99", "Not less than the least."),
        ("share_percent", "101", "less than or equal to 100"),
        ("share_percent", "0", "greater than or equal to 1"),
    ],
)
def test_a_field_that_makes_no_sense_is_refused(field, value, told, desk, unit):
    page = desk.post(page_of(unit), TOLD | {field: value})

    assert told in text_of(page.content)
    assert stored_terms(unit) is None


def test_terms_can_be_switched_off_and_are_kept(desk, unit):
    desk.post(page_of(unit), TOLD)

    desk.post(page_of(unit), {name: value for name, value in TOLD.items() if name != "is_accepted"})

    assert stored_terms(unit) == (Terms(1000, 10_000, minimum=100, step=10, share_percent=50), False)


def test_stored_value_is_money_and_nobody_is_asked_what_it_is_worth(desk, grocer):
    money = open_unit(programme_id=grocer.pk, code="wallet", name="Wallet", klass="STORED_VALUE", decimals=2)

    page = desk.get(page_of(money)).content.decode()
    desk.post(page_of(money), TOLD | {"minimum": "1.00", "step": "0.01", "earns": "1"})

    assert 'name="units"' not in page
    assert stored_terms(money) == (Terms(100, 100, minimum=100, step=1, share_percent=50, earns=True), True)


def test_qualifying_points_buy_nothing(desk, grocer):
    stars = open_unit(programme_id=grocer.pk, code="stars", name="Stars", klass="QUALIFYING")

    assert desk.get(page_of(stars)).status_code == 403
    assert desk.post(page_of(stars), TOLD).status_code == 403
    assert "Paying with it" not in text_of(desk.get(people.address("ledger.unit", "change", stars.pk)).content)
    with pytest.raises(ValueError, match="no means of payment"):
        accept_as_payment(unit=stars, terms=Terms(1, 1))
    assert stored_terms(stars) is None


def test_who_only_reads_the_books_sees_the_terms_and_no_way_to_change_them(desk, grocer, unit):
    desk.post(page_of(unit), TOLD)
    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    page = text_of(analyst.get(people.address("ledger.unit", "change", unit.pk)).content)

    assert "1,000 Points are worth €100.00." in page
    assert page_of(unit) not in page
    assert analyst.post(page_of(unit), TOLD | {"units": "1"}).status_code == 403
    assert PaymentTerms.objects.get(unit=unit).units == 1000


def test_an_owner_chooses_what_refunds_give_back_first(grocer):
    owner = people.at_the_desk(people.staff("Olive", Role.OWNER, grocer))
    told = {"name": "Grocer", "time_zone": "Europe/Berlin", "colour": "#1f6f54"}

    owner.post(people.address("shops.programme", "change", grocer.pk), told | {"refund_order": "MONEY_FIRST"})

    assert Programme.objects.get(pk=grocer.pk).refund_order == "MONEY_FIRST"


def test_a_return_says_what_is_to_be_paid_out_and_what_is_back_in_the_wallet(desk, grocer, ada, standing, unit):
    accept_as_payment(unit=unit, terms=Terms(10, 100))
    trade.buy(grocer, 500_00, reference="earned")
    hold = ledger.reserve(
        programme_id=grocer.pk,
        wallet_id=ada.wallet_id,
        unit_id=unit.pk,
        amount=200,
        source=CHECKOUT,
        reference="till:c1",
        at=NOON,
        until=LATER,
    )
    tenders = (Tender(TenderKind.POINTS, 20_00, hold=hold.hold_id), Tender(TenderKind.CARD, 80_00))
    draft = trade.order(100_00, reference="paid", tenders=tenders)
    campaigns.accept_order(programme=grocer, draft=draft, actor="test", at=NOON)
    back = trade.bring_back(grocer, (1, 1), of="paid").registered.return_id

    page = text_of(desk.get(people.address("orders.return", "change", back)).content)

    assert "What is given back By what had paid for it" in page
    assert "200 points, back in the wallet €20.00" in page
    assert "To be paid out: card €80.00" in page
