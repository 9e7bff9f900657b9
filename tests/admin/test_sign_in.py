"""Staff come in by address and password, and are out as soon as their role is gone."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client

from shops import services as shops
from shops.models import AttemptCount, StaffRole, User
from tests.admin import people
from tests.admin.people import PASSWORD, Role
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


def try_to_sign_in(client, address, password=PASSWORD, **headers):
    return client.post("/admin/login/", {"username": address, "password": password, "next": "/admin/"}, **headers)


def test_a_marketer_signs_in_and_sees_today(mara):
    client = Client()

    answer = try_to_sign_in(client, "MARA@grocer.example")

    assert (answer.status_code, answer.url) == (302, "/admin/")
    assert "Points earned today" in text_of(client.get("/admin/").content)


def test_the_sign_in_leads_to_where_one_wanted_to_go_but_never_to_another_site(mara):
    credentials = {"username": mara.email, "password": PASSWORD}

    inside = Client().post("/admin/login/", credentials | {"next": "/admin/members/member/"})
    outside = Client().post("/admin/login/", credentials | {"next": "https://evil.example/"})

    assert inside.url == "/admin/members/member/"
    assert not outside.url.startswith("https://")


@pytest.mark.parametrize(
    ("_case", "address"),
    [
        ("nobody", "nobody@grocer.example"),
        ("a customer", "ada@grocer.example"),
        ("a cashier", "casey@grocer.example"),
        ("a wrong password", "mara@grocer.example"),
    ],
)
def test_everybody_who_may_not_come_in_reads_the_same(_case, address, grocer, mara):
    User.objects.create_user("ada@grocer.example", "not " + PASSWORD)
    shop = people.counter.a_shop(grocer)
    people.staff("Casey", Role.CASHIER, grocer, shop)
    password = PASSWORD if _case == "a cashier" else "wrong " + PASSWORD

    answer = try_to_sign_in(Client(), address, password)

    assert answer.status_code == 200
    assert "Please enter the correct e-mail address and password for a staff account." in text_of(answer.content)
    assert "_auth_user_id" not in answer.wsgi_request.session


@time_machine.travel(NOON, tick=False)
def test_after_five_wrong_tries_the_right_password_is_refused_for_a_quarter_of_an_hour(mara):
    for _ in range(5):
        try_to_sign_in(Client(), mara.email, "guess")

    refused = try_to_sign_in(Client(), mara.email)

    assert "Too many tries with this address. You can try again at 12:15 UTC." in text_of(refused.content)
    assert "_auth_user_id" not in refused.wsgi_request.session
    with time_machine.travel(NOON + timedelta(minutes=15), tick=False):
        assert try_to_sign_in(Client(), mara.email).status_code == 302


def test_others_come_in_while_somebody_is_locked_out(mara, olive):
    for _ in range(6):
        try_to_sign_in(Client(), mara.email, "guess")

    assert try_to_sign_in(Client(), olive.email).status_code == 302


def test_a_success_forgets_the_tries_before(mara):
    for _ in range(4):
        try_to_sign_in(Client(), mara.email, "guess")

    try_to_sign_in(Client(), mara.email)

    assert not AttemptCount.objects.exists()


def test_an_empty_form_is_no_try(mara):
    try_to_sign_in(Client(), mara.email, "")

    assert not AttemptCount.objects.exists()


def test_a_role_taken_away_counts_with_the_next_click(mara, desk):
    assert desk.get("/admin/members/member/").status_code == 200

    shops.revoke_role(role=StaffRole.objects.get(user=mara))

    answer = desk.get("/admin/members/member/", follow=True)
    assert "Your role was taken away, so you were signed out." in text_of(answer.content)
    assert "_auth_user_id" not in desk.session


def test_somebody_switched_off_is_out_with_the_next_click(mara, desk):
    shops.change_sign_in(user=mara, name=mara.name, is_active=False)

    answer = desk.get("/admin/members/member/")

    assert answer.url.startswith("/admin/login/")


def test_a_new_password_ends_the_sessions_of_the_old_one(mara, desk):
    shops.give_password(user=mara, password="another " + PASSWORD)

    assert desk.get("/admin/").url.startswith("/admin/login/")
    assert try_to_sign_in(Client(), mara.email, "another " + PASSWORD).status_code == 302


def test_a_customer_at_the_wrong_door_stays_signed_in_elsewhere(grocer):
    customer = User.objects.create_user("ada@grocer.example")
    browser = people.at_the_desk(customer)

    browser.get("/admin/", follow=True)

    assert "_auth_user_id" in browser.session
