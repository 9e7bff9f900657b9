"""Coming in at the counter: a password, tries counted exactly, a role asked anew on every request."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from shops.models import AttemptCount, User
from tests.counter.people import PASSWORD, a_till_with_secret, at_the_till
from tests.crowd import at_once

SIGN_IN = "/counter/sign-in/"


def try_to_sign_in(client, password=PASSWORD, email="eva@bakery.example"):
    return client.post(SIGN_IN, {"email": email, "password": password})


def test_the_right_password_opens_the_counter(client, eva):
    response = try_to_sign_in(client)

    assert (response.status_code, response["Location"]) == (302, "/counter/")
    assert client.session["_auth_user_id"] == str(eva.pk)
    assert not AttemptCount.objects.exists()


def test_the_address_is_typed_in_any_case(client, eva):
    assert try_to_sign_in(client, email="EVA@Bakery.example").status_code == 302


def test_a_sign_in_lasts_a_shift(client, eva):
    try_to_sign_in(client)

    assert client.session.get_expiry_age() == 12 * 60 * 60


@pytest.mark.parametrize(
    ("_case", "email", "password"),
    [
        ("a wrong password", "eva@bakery.example", "wrong"),
        ("nobody", "nobody@bakery.example", PASSWORD),
    ],
)
def test_what_is_wrong_is_not_told(_case, email, password, client, eva):
    response = try_to_sign_in(client, password, email)

    assert response.status_code == 422
    assert "The address or the password is wrong." in response.content.decode()
    assert "_auth_user_id" not in client.session


def test_a_customer_without_a_password_can_not_come_in(client, db):
    User.objects.create_user("ada@example.com")

    assert try_to_sign_in(client, "", "ada@example.com").status_code == 422
    assert try_to_sign_in(client, "!", "ada@example.com").status_code == 422


def test_after_five_wrong_passwords_the_right_one_is_not_looked_at_for_a_quarter_of_an_hour(client, eva, at_noon):
    for _ in range(5):
        try_to_sign_in(client, "wrong")

    locked = try_to_sign_in(client)
    at_noon.shift(timedelta(minutes=15))
    after = try_to_sign_in(client)

    assert locked.status_code == 422
    assert "You can try again at 12:15 UTC." in locked.content.decode()
    assert after.status_code == 302


def test_strangers_can_not_lock_a_cashier_out_of_the_till(client, eva, shop):
    for _ in range(5):
        try_to_sign_in(Client(), "wrong")
    client.cookies["till"] = a_till_with_secret(shop, eva)[1]

    assert try_to_sign_in(client).status_code == 302


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_no_more_than_five_of_sixty_four_passwords_are_looked_at(eva):
    answers = at_once(64, lambda number: try_to_sign_in(Client(), f"wrong {number}").content.decode())

    looked_at = [answer for answer in answers if "The address or the password is wrong." in answer]
    assert len(looked_at) == 5


def test_who_is_not_signed_in_is_sent_to_the_door(client, db):
    assert client.get("/counter/")["Location"] == "/counter/sign-in/?next=/counter/"
    assert client.post("/counter/visits/")["Location"] == "/counter/sign-in/?next=/counter/"


def test_a_step_of_a_page_sends_the_whole_page_to_the_door(client, db):
    response = client.get("/counter/redemptions/1/state/", headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (200, "/counter/sign-in/?next=/counter/")


def test_signing_out_keeps_the_device_for_the_next_person(at_till, eva):
    response = at_till.post("/counter/sign-out/")

    assert response["Location"] == SIGN_IN
    assert "Till 7 in Market Square" in at_till.get(SIGN_IN).content.decode()
    try_to_sign_in(at_till)
    assert at_till.get("/counter/").status_code == 200


def test_a_role_taken_away_counts_at_once(at_till, eva):
    assert at_till.get("/counter/").status_code == 200

    eva.roles.all().delete()

    assert at_till.get("/counter/")["Location"] == "/counter/device/"
    assert "No counter for you yet" in at_till.get("/counter/device/").content.decode()


def test_a_sign_in_switched_off_counts_at_once(at_till, eva):
    User.objects.filter(pk=eva.pk).update(is_active=False)

    assert at_till.get("/counter/")["Location"].startswith(SIGN_IN)


def test_a_shop_that_closed_lets_nobody_enrol(client, shop, eva):
    client.force_login(eva, settings.AUTHENTICATION_BACKENDS[0])
    shop.is_open = False
    shop.save()

    assert "No counter for you yet" in client.get("/counter/device/").content.decode()


def test_forms_from_elsewhere_are_refused(eva, shop):
    client = Client(enforce_csrf_checks=True)
    client.cookies.update(at_the_till(*a_till_with_secret(shop, eva)).cookies)

    assert client.post("/counter/visits/", {"code": "1"}).status_code == 403
    assert client.post(SIGN_IN, {"email": eva.email, "password": PASSWORD}).status_code == 403
    assert client.post("/counter/frames/", b"", content_type="image/jpeg").status_code == 403
