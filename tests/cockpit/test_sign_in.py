"""Customers come in by a code mailed to their address, and nobody learns who is one."""

import re
from datetime import timedelta

import pytest
from allauth.account.models import EmailAddress
from django.contrib.auth import get_user
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from messaging.models import OutgoingMail
from shops.models import StaffRole, User
from tests.campaigns.trade import a_programme
from tests.cockpit.people import ADDRESS, a_customer, ask_for_code, code_mailed_to, text_of
from tests.counter.people import a_shop, somebody

CONFIRM = "/accounts/login/code/confirm/"

pytestmark = pytest.mark.usefixtures("demo", "cafe")


def type_code(client: Client, code: str):
    return client.post(CONFIRM, {"code": code})


def signed_in_user(client: Client):
    return get_user(client)


def without_token(page: bytes) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", page.decode())


def test_a_newcomer_types_address_and_code_and_is_asked_for_the_name(client):
    response = client.post("/accounts/signup/?programme=cafe", {"email": " Ada@Example.com"})
    assert response.headers["Location"].startswith(CONFIRM)

    response = type_code(client, code_mailed_to("ada@example.com"))

    assert response.headers["Location"] == "/me/"
    assert client.get("/me/").headers["Location"] == "/me/join/"
    assert signed_in_user(client).email == "ada@example.com"
    assert EmailAddress.objects.get().verified


def test_a_member_goes_straight_to_the_card(client, ada):
    ask_for_code(client)

    type_code(client, code_mailed_to(ADDRESS))

    assert client.get("/me/").status_code == 200
    assert User.objects.count() == 1


def test_the_code_may_be_pasted_in_small_letters_with_blanks_and_no_dash(client, ada):
    ask_for_code(client)

    type_code(client, f"  {code_mailed_to(ADDRESS).replace('-', ' ').lower()} ")

    assert signed_in_user(client) == ada.user


def test_the_mail_names_the_programme_in_its_subject(client):
    ask_for_code(client)

    assert re.fullmatch(r"[A-Z]{4}-[A-Z]{4} is your code for Cafe", OutgoingMail.objects.get().subject)


def test_the_answer_is_the_same_for_known_unknown_staff_and_closed_addresses(cafe, ada):
    somebody("Eva", a_shop(cafe))
    User.objects.create_user("gone@example.com", is_active=False)
    addresses = [ADDRESS, "new@example.com", "eva@cafe.example", "gone@example.com"]

    answers = []
    for address in addresses:
        client = Client()
        first = client.post("/accounts/login/", {"email": address})
        page = client.get(first.headers["Location"])
        answers.append((first.status_code, first.headers["Location"], without_token(page.content).replace(address, "")))

    assert len(set(answers)) == 1


def test_the_same_work_is_done_for_known_and_unknown_addresses(ada):
    ask_for_code(Client(), "warm-up@example.com")

    counted = []
    for address in (ADDRESS, "new@example.com"):
        with CaptureQueriesContext(connection) as queries:
            ask_for_code(Client(), address)
        counted.append(len(queries))

    assert counted[0] == counted[1]
    assert User.objects.count() == 1


@pytest.mark.parametrize("role", [StaffRole.Role.CASHIER, StaffRole.Role.OWNER])
def test_staff_get_no_code_but_are_told_why_by_mail(client, cafe, role):
    eva = somebody("Eva", a_shop(cafe), role)

    ask_for_code(client, eva.email)

    mail = OutgoingMail.objects.get()
    assert "the address is used by staff" in mail.body
    assert not re.search(r"[A-Z]{4}-[A-Z]{4}", mail.body)
    type_code(client, "")
    assert signed_in_user(client).is_anonymous


def test_who_may_open_the_admin_gets_no_code_either(client):
    User.objects.create_superuser("root@example.com", "x")

    ask_for_code(client, "ROOT@example.com")

    assert "used by staff" in OutgoingMail.objects.get().body
    assert User.objects.count() == 1


def test_a_wrong_code_lets_nobody_in_and_says_so(client, ada):
    ask_for_code(client)

    response = type_code(client, "BBBB-BBBB")

    assert response.status_code == 200
    assert "That is not the code" in text_of(response.content)
    assert signed_in_user(client).is_anonymous


def test_a_code_works_in_the_browser_that_asked_for_it_only(client, ada):
    ask_for_code(client)
    elsewhere = Client()
    ask_for_code(elsewhere, "mallory@example.com")

    type_code(elsewhere, code_mailed_to(ADDRESS))

    assert signed_in_user(elsewhere).is_anonymous


def test_a_code_works_once(client, ada):
    ask_for_code(client)
    code = code_mailed_to(ADDRESS)
    type_code(client, code)
    client.post("/accounts/logout/")

    response = type_code(client, code)

    assert response.status_code == 302
    assert signed_in_user(client).is_anonymous


@pytest.mark.parametrize(("minutes", "is_in"), [(9, True), (11, False)])
def test_a_code_works_for_ten_minutes(client, ada, at_noon, minutes, is_in):
    ask_for_code(client)
    at_noon.shift(timedelta(minutes=minutes))

    type_code(client, code_mailed_to(ADDRESS))

    assert signed_in_user(client).is_authenticated is is_in


def test_another_code_can_be_sent_and_replaces_the_first(client, ada):
    ask_for_code(client)
    first = code_mailed_to(ADDRESS)

    client.post(CONFIRM, {"action": "resend"})
    second = code_mailed_to(ADDRESS)
    type_code(client, first)
    assert signed_in_user(client).is_anonymous
    type_code(client, second)

    assert signed_in_user(client) == ada.user


def test_an_address_typed_by_somebody_who_never_confirmed_it_is_still_the_owners(client):
    ask_for_code(Client())

    ask_for_code(client)
    type_code(client, code_mailed_to(ADDRESS))

    assert signed_in_user(client) == User.objects.get(email=ADDRESS)


@pytest.mark.parametrize("address", ["", "ada", "ada@", "ada example.com"])
def test_what_is_no_address_is_refused_in_words_beside_the_field(client, address):
    page = client.post("/accounts/login/", {"email": address}).content.decode()

    assert 'id="id_email_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'aria-describedby="id_email_error"' in page
    assert not OutgoingMail.objects.exists()


def test_a_customer_stays_signed_in_for_ninety_days(client, ada):
    ask_for_code(client)
    type_code(client, code_mailed_to(ADDRESS))

    assert client.session.get_expiry_age() == 90 * 24 * 3600


def test_signing_out_asks_first_and_then_forgets(client):
    client.force_login(a_customer(), "allauth.account.auth_backends.AuthenticationBackend")

    assert "Sign out on this device?" in text_of(client.get("/accounts/logout/").content)
    assert signed_in_user(client).is_authenticated
    response = client.post("/accounts/logout/")

    assert response.headers["Location"] == "/"
    assert signed_in_user(client).is_anonymous


def test_the_programme_of_the_link_is_the_programme_of_the_mail(client):
    a_programme("tea")

    client.post("/accounts/signup/?programme=tea", {"email": ADDRESS})

    assert OutgoingMail.objects.get().subject.endswith("is your code for Tea")


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/password/change/",
        "/accounts/password/reset/",
        "/accounts/email/",
        "/accounts/confirm-email/",
        "/accounts/reauthenticate/",
    ],
)
def test_pages_that_customers_have_no_use_for_are_not_served(client, address):
    assert client.get(address).status_code == 404
