"""Members are found by whatever names them, and seen from all sides."""

from datetime import timedelta

import pytest
import time_machine

from members.admin import spaced
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of
from tests.counter import people as counter


@pytest.fixture
def ben(grocer):
    member = trade.a_member(grocer, "ben")
    member.email = "ben.weiss@example.com"
    member.save()
    return member


def found(desk, question):
    return {member.name for member in desk.get("/admin/members/member/", {"q": question}).context["cl"].result_list}


def test_a_member_is_found_by_name_address_number_and_foreign_id(desk, ada, ben):
    assert found(desk, "weiss@example") == set()
    assert found(desk, "ben.weiss") == {"Ben"}
    assert found(desk, "ADA") == {"Ada"}
    assert found(desk, ada.number) == {"Ada"}
    assert found(desk, ben.number[:7]) == {"Ben"}
    assert found(desk, " ben ") == {"Ben"}
    assert found(desk, "nobody") == set()


@time_machine.travel(NOON, tick=False)
def test_the_list_shows_what_each_can_spend(desk, ada, ben, standing):
    trade.buy(ada.programme, 12_345_00)

    rows = desk.get("/admin/members/member/").context["cl"].result_list

    assert {row.name: [balance.spendable for balance in row.balances] for row in rows} == {"Ada": [12345], "Ben": [0]}
    assert "12,345" in text_of(desk.get("/admin/members/member/").content)


@time_machine.travel(NOON + timedelta(days=340), tick=False)
def test_the_page_tells_the_wallet_and_what_is_about_to_expire(mara, ada, standing):
    trade.buy(ada.programme, 61_50)

    page = text_of(people.at_the_desk(mara).get(people.address("members.member", "change", ada.pk)).content)

    assert "Points to spend 61" in page
    assert "Pending 0" in page
    assert "Reserved 0" in page
    assert "Owed 0" in page
    assert "61 Points expire within 60 days 61 after 2 Mar 2027" in page


def test_the_page_tells_why_for_every_row_of_the_history(desk, ada, standing):
    trade.buy(ada.programme, 42_50, reference="T-1")
    trade.bring_back(ada.programme, (1, 1), of="T-1")

    page = text_of(desk.get(people.address("members.member", "change", ada.pk)).content)

    assert "42 points for goods of €42.50: 1 point per whole €1.00 (version 1)" in page
    assert "+42" in page
    assert "Taken back because goods of order T-1 came back (return R1)." in page
    assert "\N{MINUS SIGN}42" in page


def test_the_page_shows_orders_redemptions_and_foreign_ids(desk, ada, standing, grocer):
    trade.buy(grocer, 500_00, reference="T-1")
    shop = counter.a_shop(grocer, "harbour")
    till = counter.a_till(shop, people.staff("Casey", Role.CASHIER, grocer, shop))
    counter.a_reward(grocer)
    counter.ask_for(ada, till)

    page = text_of(desk.get(people.address("members.member", "change", ada.pk)).content)

    assert "Orders T-1 €500.00" in page
    assert "Redemptions Coffee 300" in page
    assert "till ada" in page
    assert spaced(ada.number) in page


def test_a_long_history_leads_to_the_postings_of_this_wallet(desk, ada, grocer, standing):
    other = trade.a_member(grocer, "ben")
    trade.buy(grocer, 100, reference="of ben", customer="ben")
    for number in range(21):
        trade.buy(grocer, 100, reference=f"T-{number}")

    page = desk.get(people.address("members.member", "change", ada.pk)).content.decode()
    listed = desk.get(f"/admin/ledger/posting/?wallet={ada.wallet_id}").context["cl"].result_list

    assert f"/admin/ledger/posting/?wallet={ada.wallet_id}" in page
    assert len(listed) == 21
    assert len(desk.get(f"/admin/ledger/posting/?wallet={other.wallet_id}").context["cl"].result_list) == 1


def test_an_empty_wallet_says_what_will_fill_it(desk, ada):
    page = text_of(desk.get(people.address("members.member", "change", ada.pk)).content)

    assert "Nothing earned or spent yet. The first order fills this." in page
    assert "No reward taken yet." in page


def test_a_wallet_leads_to_its_member(desk, ada):
    answer = desk.get(f"/admin/members/member/wallet/{ada.wallet_id}/")

    assert answer.url == people.address("members.member", "change", ada.pk)


def test_the_wallet_of_another_programme_leads_nowhere(desk):
    other = trade.a_member(trade.a_programme("baker"))

    assert desk.get(f"/admin/members/member/wallet/{other.wallet_id}/").status_code == 404


def test_what_people_typed_is_shown_and_never_run(desk, ada, standing):
    ada.name = "<script>alert(1)</script>"
    ada.save()

    page = desk.get(people.address("members.member", "change", ada.pk)).content.decode()
    listed = desk.get("/admin/members/member/").content.decode()

    assert "<script>alert(1)</script>" not in page + listed
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
