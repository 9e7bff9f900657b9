"""Becoming a member: a name, a wallet, once."""

import pytest
from django.test import Client

from events.models import OutboxEvent
from ledger.queries import balances_of
from members import joining
from members import services as members
from members.errors import MemberExists
from members.models import Member
from tests.campaigns.trade import NOON, a_programme
from tests.cockpit.people import ADDRESS, a_card, a_customer, earn, signed_in, text_of
from tests.counter.people import a_shop, somebody
from tests.crowd import at_once

JOIN = "/me/join/"


@pytest.fixture
def newcomer(cafe):
    """Somebody whose address is proven, and who is no member yet."""
    return a_customer()


@pytest.fixture
def phone(newcomer):
    """The newcomer's."""
    client = Client()
    client.force_login(newcomer, "allauth.account.auth_backends.AuthenticationBackend")
    return client


def told() -> list[str]:
    """What other rooms learn about members."""
    return list(OutboxEvent.objects.filter(type__startswith="member.").order_by("pk").values_list("type", flat=True))


def test_a_name_makes_a_member_with_an_empty_wallet(phone, newcomer, cafe):
    response = phone.post(JOIN, {"name": " Ada Lovelace "})

    member = Member.objects.get()
    assert response.headers["Location"] == "/me/"
    assert (member.name, member.email, member.user, member.programme) == ("Ada Lovelace", ADDRESS, newcomer, cafe)
    assert [(balance.unit.code, balance.spendable) for balance in balances_of(member.wallet_id, at=NOON)] == [
        ("points", 0)
    ]
    assert told() == ["member.enrolled"]


def test_without_a_name_nobody_is_enrolled(phone):
    page = phone.post(JOIN, {"name": "  "}).content.decode()

    assert 'id="id_name_error"' in page
    assert not Member.objects.exists()


def test_the_form_is_sent_twice_and_one_member_is_made(phone):
    for _ in range(2):
        assert phone.post(JOIN, {"name": "Ada"}).headers["Location"] == "/me/"

    assert Member.objects.count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_ten_impatient_presses_make_one_member(newcomer, cafe):
    answers = at_once(10, lambda _: joining.join(programme=cafe, user=newcomer, name="Ada", at=NOON).pk)

    assert answers == [Member.objects.get().pk] * 10
    assert told() == ["member.enrolled"]


def test_a_member_whom_a_shop_reported_by_this_address_is_theirs_with_all_points(phone, newcomer, cafe):
    reported = members.enrol(programme=cafe, at=NOON, email="ADA@example.com", identifiers=[("till", "c-17")])
    earn(reported, 250, at=NOON)

    phone.post(JOIN, {"name": "Ada Lovelace"})

    member = Member.objects.get()
    assert (member.pk, member.user, member.name) == (reported.pk, newcomer, "Ada Lovelace")
    assert "250" in text_of(phone.get("/me/").content)
    assert told() == ["member.enrolled", "member.claimed"]


def test_a_name_that_the_shop_knows_is_kept(newcomer, cafe):
    members.enrol(programme=cafe, at=NOON, name="Augusta Ada King", email=ADDRESS)

    joined = joining.join(programme=cafe, user=newcomer, name="Ada", at=NOON)

    assert joined.name == "Augusta Ada King"


def test_an_address_that_is_another_sign_ins_is_refused_and_changes_nothing(phone, newcomer, cafe):
    theirs = members.enrol(programme=cafe, at=NOON, email=ADDRESS, user=a_customer("other@example.com"))

    page = phone.post(JOIN, {"name": "Ada"})

    assert "Another card has your e-mail address." in text_of(page.content)
    assert list(Member.objects.all()) == [theirs]
    with pytest.raises(MemberExists):
        joining.join(programme=cafe, user=newcomer, name="Ada", at=NOON)


def test_staff_who_came_in_by_their_own_door_get_no_card_of_an_unproven_address(client, cafe):
    members.enrol(programme=cafe, at=NOON, email="eva@cafe.example")
    client.force_login(somebody("Eva", a_shop(cafe)), "django.contrib.auth.backends.ModelBackend")

    response = client.post(JOIN, {"name": "Eva"})

    assert response.status_code == 403
    assert "You are signed in as staff" in text_of(response.content)
    assert Member.objects.get().user is None


def test_a_member_is_sent_to_the_card(ada):
    assert signed_in(ada).get(JOIN).headers["Location"] == "/me/"


def test_a_second_programme_is_joined_with_the_same_sign_in(ada):
    tea = a_programme("tea")
    phone = signed_in(ada)

    assert phone.get("/me/?programme=tea").headers["Location"] == JOIN
    phone.post(JOIN, {"name": "Ada"})

    assert Member.objects.get(programme=tea).user == ada.user
    assert "<span>Tea</span>" in phone.get("/me/").content.decode()


def test_who_is_not_signed_in_is_asked_to(client, cafe):
    assert client.get(JOIN).headers["Location"] == "/accounts/login/?next=/me/join/"


def test_a_member_of_one_programme_sees_it_whichever_is_on_show(cafe):
    tea = a_programme("tea")
    member = a_card(tea, at=NOON)

    assert "<span>Tea</span>" in signed_in(member).get("/me/").content.decode()
