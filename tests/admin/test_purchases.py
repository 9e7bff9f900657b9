"""Marketers say what units cost, support gives money back, and everybody sees what it adds up to."""

import pytest

from events.models import OutboxEvent
from ledger.buying import Offer
from ledger.models import Purchase, PurchaseTerms
from ledger.purchases import latest_terms, offer_of
from ledger.queries import unit_of
from ledger.services import Notice, refuse_notice
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of
from tests.ledger import books, buying
from tests.ledger.books import TestWallet

ASKED = {
    "is_offered": "on",
    "step": "1000",
    "price": "15.00",
    "fee": "15.00",
    "minimum": "1000",
    "maximum": "200000",
    "max_per_year": "200000",
    "withdrawal_days": "14",
}


@pytest.fixture
def unit(grocer):
    return unit_of(grocer.pk, "points")


@pytest.fixture
def cash(grocer):
    return books.a_unit(grocer, "cash", klass="STORED_VALUE", decimals=2)


@pytest.fixture
def ada(grocer):
    return trade.a_member(grocer)


@pytest.fixture
def support(grocer):
    return people.at_the_desk(people.staff("Sami", Role.SUPPORT, grocer))


def said(answer):
    return text_of(answer.content).replace("&#x27;", "'")


def terms_page(unit):
    return f"/admin/ledger/unit/{unit.pk}/purchase/"


def verb(purchase, name):
    return f"/admin/ledger/purchase/{purchase.pk}/{name}/"


def test_a_unit_says_that_it_is_not_for_sale(desk, unit):
    page = said(desk.get(people.address("ledger.unit", "change", unit.pk)))

    assert "Selling it not for sale" in page


def test_the_terms_are_saved_as_a_version_and_told_by_examples(desk, unit):
    desk.post(terms_page(unit), ASKED | {"price": "10.00"})

    answer = desk.post(terms_page(unit), ASKED)

    assert answer.url == people.address("ledger.unit", "change", unit.pk)
    assert offer_of(latest_terms(unit)) == Offer(1000, 1500, 1500, 1000, 200_000, 200_000, 14)
    assert list(PurchaseTerms.objects.order_by("number").values_list("number", "price")) == [(1, 1000), (2, 1500)]
    page = said(desk.get(answer.url))
    assert "for sale Version 2, Mara" in page
    assert "1,000 Points cost €15.00, and each purchase €15.00 besides." in page
    assert "In all: 1,000 Points €30.00, 5,000 Points €90.00, 10,000 Points €165.00." in page
    assert "At most 200,000 Points a member and calendar year. Who used nothing of it can withdraw for 14 days." in page


def test_the_example_follows_the_form_and_saves_nothing(desk, unit):
    answer = desk.post(terms_page(unit) + "?example", ASKED | {"fee": "", "withdrawal_days": "0"})

    assert "1,000 Points cost €15.00. In all: 1,000 Points €15.00" in said(answer)
    assert "There is no right to withdraw." in said(answer)
    assert latest_terms(unit) is None


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"minimum": "1500"}, "It has to be whole steps."),
        ({"maximum": "0"}, "It has to be more than 0."),
        ({"minimum": "5000", "maximum": "2000"}, "Not less than the least."),
        ({"max_per_year": "500"}, "Not less than the least."),
        ({"maximum": "999999999999000"}, "So much is not sold at once."),
        ({"price": ""}, "This field is required."),
        ({"withdrawal_days": "400"}, "Ensure this value is less than or equal to 366."),
    ],
)
def test_terms_that_make_no_sense_are_not_saved(changes, told, desk, unit):
    answer = desk.post(terms_page(unit), ASKED | changes)

    assert told in said(answer)
    assert latest_terms(unit) is None


def test_stored_value_is_sold_for_what_it_is_worth(desk, cash):
    fields = {**ASKED, "step": "5.00", "minimum": "5.00", "maximum": "200.00", "max_per_year": "", "fee": "0"}
    assert "Price of a step" not in said(desk.get(terms_page(cash)))

    desk.post(terms_page(cash), fields)

    assert offer_of(latest_terms(cash)) == Offer(500, 500, 0, 500, 20_000, None, 14)


def test_qualifying_points_are_not_sold(desk, grocer):
    status = books.a_unit(grocer, "status", klass="QUALIFYING")

    assert desk.get(terms_page(status)).status_code == 403
    assert "Selling it" not in said(desk.get(people.address("ledger.unit", "change", status.pk)))


def test_the_list_shows_every_state_and_narrows_to_one(support, ada):
    paid, waiting = people.a_purchase(ada), people.a_purchase(ada, 1000, is_paid=False)
    lapsed = people.a_purchase(ada, 2000, is_paid=False, at=NOON - 3 * books.DAY)
    listed = people.address("ledger.purchase", "changelist")

    page = said(support.get(listed))
    assert all(str(purchase) in page for purchase in (paid, waiting, lapsed))
    assert "5,000 Points €90.00" in page

    # The clock of the desk is not the trade's: everything that waits has lapsed by now.
    for state, shown in (
        ("captured", {paid}),
        ("requested", set()),
        ("lapsed", {waiting, lapsed}),
        ("refunded", set()),
    ):
        found = support.get(listed, {"state": state}).context["cl"].result_list
        assert set(found) == shown, state
    assert set(support.get(listed, {"provider": "stripe"}).context["cl"].result_list) == {paid}
    assert set(support.get(listed, {"q": paid.number[:5].lower()}).context["cl"].result_list) == {paid}


def test_a_purchase_shows_what_was_said_and_what_it_moved(support, ada):
    purchase = people.a_purchase(ada)
    notice = Notice("stripe", "evt_wrong", buying.Kind.CAPTURED, "test", payment="pi_2", amount=100)
    refuse_notice(
        programme_id=purchase.programme_id,
        purchase_id=purchase.pk,
        notice=notice,
        refusal="payment_contradicted",
        at=NOON,
    )
    buying.tell(purchase, "AUTHORISED")

    page = said(support.get(people.address("ledger.purchase", "change", purchase.pk)))

    assert "Payment made" in page
    assert "Payment made: €1.00 refused" in page
    assert "Another payment pays this purchase" in page
    assert "Payment authorised nothing new" in page
    assert f"Posting {purchase.posting_id}: bought" in page
    assert "Points, version 1" in page


def test_support_books_a_refund_once_the_money_was_given_back(support, ada):
    purchase = people.a_purchase(ada)
    assert "€90.00 at most, by stripe" in said(support.get(verb(purchase, "refund")))

    empty = support.post(verb(purchase, "refund"), {})
    done = support.post(verb(purchase, "refund"), {"is_given": "on"}, follow=True)
    again = support.post(verb(purchase, "refund"), {"is_given": "on"}, follow=True)

    assert "Give the money back first." in said(empty)
    assert "Booked. What the money had bought left the wallet." in said(done)
    assert "There is nothing of it to give back." in said(again)
    assert buying.states(purchase) == ("REFUNDED", 9000, 9000, 5000)
    told = purchase.notices.get(provider="desk")
    assert (told.kind, told.actor.startswith("user:")) == ("REFUNDED", True)
    assert OutboxEvent.objects.get(type="purchase.refunded").payload["is_withdrawal"] is False


def test_stored_value_is_refunded_in_parts(support, ada, cash):
    purchase = buying.buy(TestWallet(ada.wallet_id, cash), buying.sell(cash, buying.TOP_UP), 2000)

    too_much = support.post(verb(purchase, "refund"), {"is_given": "on", "money": "20.01"})
    for _ in range(2):
        support.post(verb(purchase, "refund"), {"is_given": "on", "money": "5.00"})

    assert "Not more than was paid and not given back yet." in said(too_much)
    assert buying.states(purchase) == ("CAPTURED", 2000, 1000, 1000)


def test_what_is_not_paid_is_cancelled_by_a_post(support, ada):
    purchase = people.a_purchase(ada, is_paid=False)

    support.get(verb(purchase, "cancel"))
    assert buying.known(purchase).state == "REQUESTED"
    done = support.post(verb(purchase, "cancel"), follow=True)

    assert "Cancelled. Nothing was paid." in said(done)
    assert buying.known(purchase).state == "CANCELLED"


def test_what_was_paid_meanwhile_is_not_cancelled(support, ada):
    purchase = people.a_purchase(ada)

    answer = support.post(verb(purchase, "cancel"), follow=True)

    assert "It is paid: it can be refunded, and not cancelled." in said(answer)
    assert buying.known(purchase).state == "CAPTURED"


def test_others_see_a_purchase_and_give_nothing_back(desk, ada):
    purchase = people.a_purchase(ada)

    page = desk.get(people.address("ledger.purchase", "change", purchase.pk)).content.decode()
    answers = [desk.post(verb(purchase, name), {"is_given": "on"}) for name in ("refund", "cancel")]

    assert "/refund/" not in page
    assert [answer.status_code for answer in answers] == [403, 403]
    assert buying.known(purchase).state == "CAPTURED"


def test_clearing_adds_up_and_agrees_with_the_books(support, ada, breaking_books):
    people.a_purchase(ada)
    buying.tell(people.a_purchase(ada, 1000), "REFUNDED")

    page = said(support.get("/admin/ledger/purchase/clearing/"))
    assert "2026-03 stripe Points €120.00 €30.00 €90.00 5,000 Points" in page
    assert "Points 5,000 Points -5,000 Points yes" in page

    breaking_books("UPDATE ledger_purchase SET amount = amount + 1 WHERE state = 'CAPTURED'")
    assert "no: run verify_ledger" in said(support.get("/admin/ledger/purchase/clearing/"))


@pytest.fixture
def breaking_books():
    return books.break_books


def test_clearing_of_another_programme_is_not_shown(support, ada):
    elsewhere = trade.a_programme("elsewhere")
    people.a_purchase(trade.a_member(elsewhere))

    assert "Nothing was bought yet." in said(support.get("/admin/ledger/purchase/clearing/"))


def test_who_sees_no_books_sees_no_clearing(grocer):
    owner = people.at_the_desk(people.staff("Olive", Role.OWNER, grocer))

    assert owner.get("/admin/ledger/purchase/clearing/").status_code == 403


def test_a_members_page_lists_what_they_bought(support, ada):
    page = people.address("members.member", "change", ada.pk)
    assert "Purchases for money" not in said(support.get(page))

    people.a_purchase(ada)

    assert "Purchases for money 5,000 Points paid €90.00" in said(support.get(page))
    assert Purchase.objects.count() == 1
