"""A browser becomes a device of a shop: chosen once, known by a cookie, refused from the moment it is revoked."""

import pytest

from shops import services as shops
from shops.models import Device
from tests.counter.people import NOON, a_programme, a_shop, somebody

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def eva_signed_in(client, eva):
    client.force_login(eva, BACKEND)
    return client


def enrol(client, shop, name="Eva's phone"):
    return client.post("/counter/device/", {"shop": shop.pk, "name": name})


def test_the_shop_is_chosen_once(eva_signed_in, shop, eva):
    response = enrol(eva_signed_in, shop)

    device = Device.objects.get()
    assert response["Location"] == "/counter/"
    assert (device.shop, device.name, device.enrolled_by) == (shop, "Eva's phone", eva)
    assert eva_signed_in.get("/counter/").status_code == 200


def test_scripts_and_other_sites_never_see_the_cookie(eva_signed_in, shop):
    cookie = enrol(eva_signed_in, shop).cookies["till"]

    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["max-age"] == 400 * 24 * 60 * 60
    assert cookie["path"] == "/"


def test_over_https_the_cookie_stays_on_this_host_and_line(eva_signed_in, shop, settings):
    settings.SESSION_COOKIE_SECURE = True

    cookie = enrol(eva_signed_in, shop).cookies["__Host-till"]

    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")


def test_only_shops_where_one_serves_are_offered_and_accepted(eva_signed_in, bakery, shop):
    foreign = a_shop(a_programme("bookshop"), "airport")
    other = a_shop(bakery, "harbour")

    page = eva_signed_in.get("/counter/device/").content.decode()

    assert "Market Square" in page
    assert "Harbour" not in page
    assert "Airport" not in page
    for place in (foreign, other):
        assert enrol(eva_signed_in, place).status_code == 422
    assert not Device.objects.exists()


def test_a_revoked_device_is_refused_at_once_and_asks_for_the_password(at_till):
    assert at_till.get("/counter/").status_code == 200
    shops.revoke_device(device=Device.objects.get(), at=NOON)

    response = at_till.get("/counter/")

    assert response["Location"] == "/counter/sign-in/"
    assert "_auth_user_id" not in at_till.session
    assert at_till.cookies["till"].value == ""
    assert "This device was signed off." in at_till.get("/counter/sign-in/").content.decode()


def test_a_made_up_device_is_refused(at_till):
    at_till.cookies["till"] = "made up"

    assert at_till.get("/counter/")["Location"] == "/counter/sign-in/"


def test_a_browser_never_enrolled_chooses_first(eva_signed_in):
    assert eva_signed_in.get("/counter/")["Location"] == "/counter/device/"


def test_a_colleague_of_another_shop_is_told_whose_device_it_is(at_till, bakery):
    ben = somebody("Ben", a_shop(bakery, "harbour"))
    at_till.force_login(ben, BACKEND)

    assert at_till.get("/counter/")["Location"] == "/counter/device/"
    page = at_till.get("/counter/device/").content.decode()
    assert "This device is a till of Market Square, where you don't serve." in page


def test_a_device_that_moves_is_no_till_of_the_old_shop_any_more(at_till, bakery, eva):
    harbour = a_shop(bakery, "harbour")
    shops.grant_role(user=eva, programme=bakery, role="CASHIER", shop=harbour)

    enrol(at_till, harbour, "Till 7")

    moved = Device.objects.get(shop=harbour)
    assert moved.revoked_at is None
    assert Device.objects.exclude(pk=moved.pk).get().revoked_at is not None
    assert "Harbour" in at_till.get("/counter/").content.decode()


def test_leaving_signs_the_device_off(at_till):
    response = at_till.post("/counter/till/leave/")

    assert response["Location"] == "/counter/device/"
    assert Device.objects.get().revoked_at is not None
    assert at_till.get("/counter/")["Location"] == "/counter/device/"
