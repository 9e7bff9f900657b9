"""The demo: made once through the real services, alive on every page, harmless to make again."""

import io
from datetime import UTC, datetime, timedelta

import pytest
from allauth.account.models import EmailAddress
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from events.models import OutboxEvent
from integrations.models import ApiKey, Scope
from integrations.services import keys
from ledger import queries as ledger
from ledger.figures import lapsing, points_of
from loyalty_site.demo import people
from loyalty_site.demo.seeding import KEY, seed
from members.models import Member
from orders.models import Order, Return
from reports.queries import today
from rewards.models import Redemption, Reward
from shops.models import Programme, User
from tests.campaigns.trade import books_are_sound

NOON = datetime(2026, 11, 20, 11, 0, tzinfo=UTC)


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "kept" / "demo-api-key"


def everything():
    """How many rows the demo consists of, and the newest fact."""
    counted = [Programme, User, Member, Order, Return, Reward, Redemption, ApiKey, OutboxEvent]
    return [model.objects.count() for model in counted]


@pytest.mark.django_db
def test_the_demo_is_alive_on_every_page_and_made_once(key_file):
    seeded = seed(at=NOON, key_file=key_file)

    assert seeded.is_new
    assert books_are_sound()
    figures = today(seeded.programme, at=NOON)
    assert figures is not None
    assert min(figures.orders.now, figures.orders.yesterday, figures.earned.now, figures.active.before) > 0
    assert all(day.orders for day in figures.days)
    assert sum(day.points.spent > 0 for day in figures.days) > 20
    assert lapsing(points_of(seeded.programme.pk), at=NOON, within=timedelta(days=30)).amount > 0
    assert Return.objects.exists()

    before, secret = everything(), key_file.read_text(encoding="ascii")
    assert not seed(at=NOON + timedelta(days=3), key_file=key_file).is_new
    assert (everything(), key_file.read_text(encoding="ascii")) == (before, secret)


@pytest.mark.django_db
def test_everybody_of_the_demo_can_come_in(key_file):
    seed(at=NOON, key_file=key_file, days=2)

    for colleague in people.STAFF:
        user = User.objects.get(email=colleague.email)
        assert user.check_password(people.PASSWORD)
        assert user.is_staff == (not colleague.shop)
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        assert client.get("/admin/").status_code == (302 if colleague.shop else 200)
    assert EmailAddress.objects.get(email=people.CUSTOMER_EMAIL).verified
    assert keys.recognise(key_file.read_text(encoding="ascii").strip(), at=NOON).scopes == set(Scope)
    assert key_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.django_db
def test_the_customer_has_points_to_spend_a_history_and_some_that_expire(key_file):
    seed(at=NOON, key_file=key_file, days=2)
    ada = Member.objects.get(email=people.CUSTOMER_EMAIL)
    reward = Reward.objects.get()

    (balance,) = ledger.balances_of(ada.wallet_id, at=NOON)
    assert balance.spendable > reward.price
    assert ledger.expiring(ada.wallet_id, at=NOON, within=timedelta(days=30))
    assert {entry.posting.kind for entry in ledger.entries_of(ada.wallet_id)} == {"ACCRUE", "BURN", "PURCHASE"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "at",
    [
        datetime(2025, 12, 31, 23, 0, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, tzinfo=UTC),
        datetime(2026, 10, 25, 1, 30, tzinfo=UTC),
        datetime(2028, 2, 29, 12, 0, tzinfo=UTC),
    ],
    ids=["first second of the year", "clocks go forward", "clocks go back", "leap day"],
)
def test_the_demo_can_be_made_at_any_moment(at, key_file):
    seed(at=at, key_file=key_file, days=2)

    assert books_are_sound()
    assert not Order.objects.filter(placed_at__gt=at).exists()
    assert not Redemption.objects.filter(redeemed_at__gt=at).exists()
    assert not Member.objects.filter(joined_at__gt=at).exists()


@pytest.mark.django_db
def test_a_key_that_cannot_be_kept_leaves_nothing_behind(tmp_path):
    in_the_way = tmp_path / "kept"
    in_the_way.write_text("a file where a folder should be")

    with pytest.raises(OSError, match="kept"):
        seed(at=NOON, key_file=in_the_way / "demo-api-key", days=2)

    assert not Programme.objects.filter(key=KEY).exists()


@pytest.mark.django_db
def test_the_command_prints_who_can_come_in(settings, tmp_path):
    settings.DEMO, settings.DATA_DIR = True, tmp_path
    seed(at=timezone.now(), key_file=tmp_path / "demo-api-key", days=2)
    said = io.StringIO()

    call_command("demo", stdout=said)

    lines = said.getvalue().splitlines()
    assert [line.split()[0] for line in lines] == ["Marketer", "Cashier", "Customer", "API"]
    assert f"{people.MARKETER.email}  password {people.PASSWORD}" in lines[0]
    assert str(tmp_path / "demo-api-key") in lines[3]


@pytest.mark.django_db
def test_outside_a_demo_the_command_refuses(settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="DEMO is off"):
        call_command("demo")

    assert not Programme.objects.exists()
