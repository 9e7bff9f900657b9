"""What all pages of the desk share."""

from datetime import UTC, datetime

import pytest
from django.contrib import admin
from django.test import Client

from shops import services as shops
from shops.desk.bases import DeskAdmin
from shops.models import Programme, StaffRole, User
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.cockpit.people import text_of


def test_no_page_keeps_a_request_for_other_threads_to_read(desk, ada, standing):
    trade.buy(ada.programme, 1250)

    desk.get("/admin/members/member/")
    desk.get(people.address("members.member", "change", ada.pk))
    desk.get("/admin/rewards/reward/add/")

    keepers = [page for page in admin.site._registry.values() if "request" in vars(page) or hasattr(page, "request")]
    assert keepers == []


def test_pages_of_packages_that_know_nothing_of_roles_stay_out():
    assert all(isinstance(page, DeskAdmin) for page in admin.site._registry.values())


def test_lists_and_records_show_the_time_of_the_programme(desk, ada, standing):
    # Half past midnight in Berlin, of the next day.
    accepted = trade.buy(ada.programme, 1250, at=datetime(2026, 3, 2, 23, 30, tzinfo=UTC))

    listed = text_of(desk.get("/admin/orders/order/").content)
    shown = text_of(desk.get(people.address("orders.order", "change", accepted.order_id)).content)

    assert "3 Mar 2026, 00:30" in listed
    assert "3 Mar 2026, 00:30" in shown


@pytest.mark.parametrize("period", ["today", "yesterday", "7-days", "30-days", "month", "last-month", "year"])
def test_a_period_is_whole_days_of_the_programme(period, desk, ada, standing, time_machine):
    # In Berlin the second day of March has just begun.
    time_machine.move_to(datetime(2026, 3, 1, 23, 30, tzinfo=UTC), tick=False)
    moments = {
        "new year": datetime(2025, 12, 31, 23, 0, tzinfo=UTC),
        "end of january": datetime(2026, 1, 31, 22, 59, 59, tzinfo=UTC),
        "february": datetime(2026, 1, 31, 23, 0, tzinfo=UTC),
        "end of february": datetime(2026, 2, 28, 22, 59, 59, tzinfo=UTC),
        "the first of march": datetime(2026, 2, 28, 23, 0, tzinfo=UTC),
        "the second": datetime(2026, 3, 1, 23, 0, tzinfo=UTC),
    }
    for name, at in moments.items():
        trade.buy(ada.programme, 100, reference=name, at=at)

    found = desk.get(f"/admin/orders/order/?when={period}").context["cl"].result_list

    assert {order.reference for order in found} == {
        "today": {"the second"},
        "yesterday": {"the first of march"},
        "7-days": {"the second", "the first of march", "end of february"},
        "30-days": {"the second", "the first of march", "end of february", "february"},
        "month": {"the second", "the first of march"},
        "last-month": {"end of february", "february"},
        "year": set(moments),
    }[period]


def test_a_period_nobody_knows_narrows_nothing(desk, ada, standing):
    trade.buy(ada.programme, 100)

    found = desk.get("/admin/orders/order/?when=tomorrow").context["cl"].result_list

    assert len(found) == 1


def test_who_works_for_two_programmes_sees_which_and_can_narrow_to_one(mara, desk, ada):
    baker = trade.a_programme("baker")
    trade.a_member(baker, "ben")
    shops.grant_role(user=mara, programme=baker, role=Role.MARKETER)

    both = desk.get("/admin/members/member/")
    one = desk.get("/admin/members/member/?programme=baker")

    assert {member.name for member in both.context["cl"].result_list} == {"Ada", "Ben"}
    assert {"Grocer", "Baker"} <= set(text_of(both.content).split())
    assert [member.name for member in one.context["cl"].result_list] == ["Ben"]


def test_the_programme_is_no_question_to_who_works_for_one(desk, ada):
    listed = desk.get("/admin/members/member/")

    assert "By programme" not in text_of(listed.content)


def test_the_search_finds_pages_and_rows_by_name(desk, ada):
    found = text_of(desk.get("/admin/search/?s=ada&extended=1").content)
    pages = text_of(desk.get("/admin/search/?s=redempt&extended=1").content)

    assert "Ada" in found
    assert "Redemptions" in pages


def test_the_search_forgets_what_a_role_that_is_gone_could_see(mara, desk, ada, olive, grocer):
    assert "Ada" in text_of(desk.get("/admin/search/?s=ada&extended=1").content)

    shops.revoke_role(role=StaffRole.objects.get(user=mara))
    shops.grant_role(user=mara, programme=grocer, role=Role.ANALYST)

    assert "Ada" not in text_of(desk.get("/admin/search/?s=ada&extended=1").content)


def test_the_search_shows_nothing_of_other_programmes(ada):
    baker = trade.a_programme("baker")
    stranger = people.at_the_desk(people.staff("Ben", Role.MARKETER, baker))

    found = text_of(stranger.get("/admin/search/?s=ada&extended=1").content)

    assert "Ada" not in found


def test_the_menu_leads_only_to_pages_that_open(mara, desk, olive, owners_desk):
    for browser in (desk, owners_desk):
        groups = browser.get("/admin/").context["sidebar_navigation"]
        links = [item["link"] for group in groups for item in group["items"]]

        assert [browser.get(link).status_code for link in links] == [200] * len(links)
        assert len(links) >= 8


def test_a_superuser_of_an_empty_installation_can_look_around(db):
    root = people.at_the_desk(User.objects.create_superuser("root@example.com"))

    answer = root.get("/admin/")

    assert answer.status_code == 200
    assert Programme.objects.count() == 0


def test_the_sign_in_page_asks_no_questions_to_nobody(db):
    page = Client().get("/admin/login/")

    assert page.status_code == 200
    assert "Sign in to Laurel" in text_of(page.content)
