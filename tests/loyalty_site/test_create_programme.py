"""An installation without the demo begins with one command."""

import io
import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from campaigns.services import accept_order
from shops.models import Programme, User
from tests.admin import people
from tests.campaigns import trade

pytestmark = pytest.mark.django_db


def create(*arguments):
    said = io.StringIO()
    call_command("create_programme", *arguments, stdout=said)
    return said.getvalue()


def test_a_new_programme_earns_at_once():
    create("corner-shop", "Corner shop", "--owner", "olive@example.com", "--currency", "USD")

    programme = Programme.objects.get(key="corner-shop")
    trade.a_member(programme)
    draft = trade.order(42_50, at=timezone.now(), currency="USD")
    assert trade.granted(accept_order(programme=programme, draft=draft, actor="test")) == 42


def test_the_owner_can_come_in_with_the_password_that_is_told_once():
    said = create("corner-shop", "Corner shop", "--owner", "olive@example.com", "--time-zone", "Asia/Jakarta")

    owner = User.objects.get(email="olive@example.com")
    (password,) = re.findall(r"First password: (\S+)", said)
    assert owner.check_password(password)
    assert people.at_the_desk(owner).get("/admin/shops/staffrole/add/").status_code == 200


def test_somebody_known_keeps_the_password():
    User.objects.create_user("olive@example.com", people.PASSWORD)

    said = create("corner-shop", "Corner shop", "--owner", "Olive@example.com")

    assert "First password" not in said
    assert User.objects.get().check_password(people.PASSWORD)


@pytest.mark.parametrize(
    ("_case", "arguments"),
    [
        ("a key with a blank", ["corner shop", "Corner shop", "--owner", "olive@example.com"]),
        ("no address", ["corner-shop", "Corner shop", "--owner", "olive"]),
        ("a made-up zone", ["corner-shop", "Corner shop", "--owner", "olive@example.com", "--time-zone", "Mars/Base"]),
        ("a made-up currency", ["corner-shop", "Corner shop", "--owner", "olive@example.com", "--currency", "euro"]),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(_case, arguments):
    with pytest.raises(CommandError):
        create(*arguments)

    assert not Programme.objects.exists()
    assert not User.objects.exists()


def test_a_key_is_given_once():
    create("corner-shop", "Corner shop", "--owner", "olive@example.com")

    with pytest.raises(CommandError, match="key corner-shop already"):
        create("corner-shop", "Other shop", "--owner", "otto@example.com")

    assert list(User.objects.values_list("email", flat=True)) == ["olive@example.com"]
