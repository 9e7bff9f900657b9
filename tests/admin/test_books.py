"""The books and the orders at the desk: facts with their reasons, linked to each other."""

import re
from datetime import timedelta

import pytest

from ledger import services as ledger
from orders.facts import LineKind, TenderKind
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import LATER, NOON, entries_of, line
from tests.cockpit.people import text_of


def newest_posting(member):
    return entries_of(member.wallet_id)[0].posting


def posting_page(desk, posting):
    return text_of(desk.get(people.address("ledger.posting", "change", posting.pk)).content)


def test_a_posting_shows_its_entries_its_lot_and_why(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")

    page = posting_page(desk, newest_posting(ada))

    assert "42 points for goods of €42.50: 1 point per whole €1.00 (version 1)" in page
    assert f"Member wallet #{ada.wallet_id} Points +42 42" in page
    assert "Issuance Points \N{MINUS SIGN}42" in page
    assert "Lots it made" in page
    assert "2 Mar 2026, 13:00 \N{EN DASH} 2 Mar 2027 42 0 42" in page
    assert "Order T-1" in page


def test_a_spending_shows_the_lots_it_took_from(desk, ada, standing):
    trade.buy(ada.programme, 40_00, reference="T-1", at=NOON - timedelta(days=1))
    trade.buy(ada.programme, 30_00, reference="T-2")
    earned = list(entries_of(ada.wallet_id))
    trade.spend(ada, 55)

    page = posting_page(desk, newest_posting(ada))

    assert f"posting {earned[1].posting_id} 1 Mar 2026 after 1 Mar 2027 40" in page
    assert f"posting {earned[0].posting_id} 2 Mar 2026 after 2 Mar 2027 15" in page


def test_a_correction_and_the_corrected_lead_to_each_other(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    earned = newest_posting(ada)
    trade.bring_back(ada.programme, (1, 1), of="T-1")
    taken = newest_posting(ada)

    assert f"Corrects posting {earned.pk} (earned)" in posting_page(desk, taken)
    assert f"Corrected by posting {taken.pk} (taken back)" in posting_page(desk, earned)


def test_the_list_of_postings_says_why_and_narrows_by_kind(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    trade.spend(ada, 10)

    listed = text_of(desk.get("/admin/ledger/posting/").content)
    spent = desk.get("/admin/ledger/posting/?kind__exact=BURN").context["cl"].result_list

    assert "42 points for goods of €42.50" in listed
    assert "+42 Points" in listed
    assert [posting.kind for posting in spent] == ["BURN"]


def test_a_unit_shows_where_all_its_points_are(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    trade.spend(ada, 10)
    ledger.expire_lapsed(at=NOON + timedelta(days=400))

    unit = people.unit_of(ada.programme_id, "points")
    page = text_of(desk.get(people.address("ledger.unit", "change", unit.pk)).content)

    assert "Member 0 Issuance \N{MINUS SIGN}42 Redemption 10 Breakage 32 Sum 0".replace("\N{MINUS SIGN}", "-") in page


def test_an_order_shows_its_lines_and_what_they_earned(desk, ada, standing, grocer):
    shop = people.counter.a_shop(grocer, "harbour")
    goods = trade.goods(3000, sku="TEA", name="Tea", pieces=2, tax=500)
    accepted = trade.buy(
        grocer,
        goods,
        line(LineKind.SHIPPING, 390, no=2),
        discount=500,
        tenders=(trade.paid(TenderKind.CARD, 2890),),
        shop_code=shop.code,
        reference="T-1",
    )

    page = text_of(desk.get(people.address("orders.order", "change", accepted.order_id)).content)

    assert "Order T-1" in page
    assert "Tea TEA 2 €5.00 €5.00 €25.00" in page
    assert "SHIPPING shipping 1 €0.00 €0.00 €3.90" in page
    assert "Total €5.00 €5.00 €28.90" in page
    assert "Paid by card €28.90" in page
    assert f"{trade.granted(accepted)} points for goods of" in page
    assert "Harbour" in page
    assert ada.number in page


def test_an_order_that_earned_nothing_says_why(desk, ada, standing, grocer):
    accepted = trade.buy(grocer, 99)

    page = text_of(desk.get(people.address("orders.order", "change", accepted.order_id)).content)

    assert "Goods of €0.99 are less than €1.00, so they earn nothing." in page


def test_a_guests_order_says_that_nobody_was_named(desk, standing, grocer):
    accepted = trade.buy(grocer, 500, customer_source="", customer="")

    page = text_of(desk.get(people.address("orders.order", "change", accepted.order_id)).content)

    assert "A guest: nobody was named." in page
    assert "The order belongs to no member, so nobody could earn." in page


def test_a_return_shows_what_came_back_and_what_was_taken(desk, ada, standing, grocer):
    trade.buy(grocer, 42_50, reference="T-1")
    trade.spend(ada, 40)
    back = trade.bring_back(grocer, (1, 1), of="T-1", at=LATER)

    page = text_of(desk.get(people.address("orders.return", "change", back.registered.return_id)).content)

    assert "BREAD T-1" in page
    assert "42 points that the returned goods had earned" in page
    assert "2 from the wallet" in page
    assert "40 are owed, as they had been spent" in page


def test_what_no_purchase_explains_is_told(desk, ada, standing, grocer):
    back = trade.bring_back(grocer, (2, "UNKNOWN"))

    page = text_of(desk.get(people.address("orders.return", "change", back.registered.return_id)).content)

    assert "No earlier purchase explains these" in page
    assert "UNKNOWN \N{MULTIPLICATION SIGN} 2" in page


@pytest.mark.parametrize("path", ["orders/order/", "orders/return/"])
def test_an_analyst_reads_numbers_and_no_names(path, ada, standing, grocer):
    accepted = trade.buy(grocer, 42_50, reference="T-1")
    trade.bring_back(grocer, (1, 1), of="T-1")
    analyst = people.at_the_desk(people.staff("Ana", Role.ANALYST, grocer))

    listed = analyst.get(f"/admin/{path}").content.decode()
    page = analyst.get(people.address("orders.order", "change", accepted.order_id)).content.decode()

    assert ada.number in listed
    assert ">Ada<" not in listed + page
    assert set(re.findall(r"/admin/members/\w+/", listed + page)) <= {
        "/admin/members/householdterms/",
        "/admin/members/tierladder/",
    }
    assert "Nobody here answers" not in page


def test_nobody_can_write_facts_not_even_the_owner(ada, standing, owners_desk, desk):
    trade.buy(ada.programme, 42_50)
    posting = newest_posting(ada)

    for browser in (desk, owners_desk):
        assert browser.post(people.address("ledger.posting", "change", posting.pk), {"kind": "BURN"}).status_code in {
            403,
            404,
        }
        assert browser.post(people.address("ledger.posting", "delete", posting.pk)).status_code in {403, 404}

    assert newest_posting(ada) == posting
