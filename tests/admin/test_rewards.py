"""Marketers keep the catalogue; a piece that goes while they edit is never put back by mistake."""

import pytest

from rewards.models import Redemption, Reward
from rewards.services import cancel, confirm
from tests.admin import people
from tests.admin.people import Role
from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of
from tests.counter import people as counter

NEW = {"name": "Free tea", "key": "free-tea", "price": "150", "stock": "20", "is_offered": "on", "description": "Any."}


@pytest.fixture
def coffee(grocer):
    return counter.a_reward(grocer)


@pytest.fixture
def till(grocer):
    shop = counter.a_shop(grocer, "harbour")
    return counter.a_till(shop, people.staff("Casey", Role.CASHIER, grocer, shop))


@pytest.fixture
def asked(ada, standing, coffee, till):
    """Ada was asked about a coffee."""
    trade.buy(ada.programme, 700_00)
    return counter.ask_for(ada, till)


def changed(desk, reward, **fields):
    told = {"name": "Coffee", "price": "300", "stock": "5", "stock_seen": "5", "is_offered": "on", "description": ""}
    return desk.post(people.address("rewards.reward", "change", reward.pk), told | fields)


def test_a_reward_is_added_with_everything_customers_are_told(desk, grocer):
    answer = desk.post("/admin/rewards/reward/add/", NEW)

    reward = Reward.objects.get(programme=grocer, key="free-tea")
    assert answer.url == people.address("rewards.reward", "change", reward.pk)
    assert (reward.name, reward.price, reward.stock, reward.is_offered, reward.description, reward.unit.code) == (
        "Free tea",
        150,
        20,
        True,
        "Any.",
        "points",
    )


def test_an_empty_stock_is_no_limit(desk, grocer):
    desk.post("/admin/rewards/reward/add/", NEW | {"stock": ""})

    assert Reward.objects.get(key="free-tea").stock is None


@pytest.mark.parametrize(
    ("field", "value", "complaint"),
    [
        ("name", "", "This field is required."),
        ("key", "free tea", "Enter a valid “slug” consisting of letters, numbers, underscores or hyphens."),
        ("key", "coffee", "Another reward has this key."),
        ("price", "cheap", "Write a plain number of points, such as 100."),
        ("price", "1.5", "Write a plain number of points, such as 100."),
        ("price", "0", "A reward costs at least one point."),
        ("stock", "-1", "Ensure this value is greater than or equal to 0."),
        ("stock", "99999999999", "Ensure this value is less than or equal to 2147483647."),
    ],
)
def test_what_is_wrong_is_told_at_its_field_and_nothing_is_added(field, value, complaint, desk, coffee):
    answer = desk.post("/admin/rewards/reward/add/", NEW | {field: value})

    assert answer.context["form"].errors == {field: [complaint]}
    assert list(Reward.objects.values_list("key", flat=True)) == ["coffee"]


def test_a_reward_of_a_marketer_of_two_programmes_goes_where_it_is_said(desk, mara, grocer):
    baker = trade.a_programme("baker")
    people.shops.grant_role(user=mara, programme=baker, role=Role.MARKETER)

    desk.post("/admin/rewards/reward/add/", NEW | {"programme": str(baker.pk)})

    assert Reward.objects.get(key="free-tea").programme == baker


def test_a_reward_is_changed(desk, coffee):
    changed(desk, coffee, name="Espresso", price="250", stock="12", is_offered="")

    coffee.refresh_from_db()
    assert (coffee.name, coffee.price, coffee.stock, coffee.is_offered) == ("Espresso", 250, 12, False)


def test_a_piece_taken_while_the_form_was_open_is_not_put_back(desk, coffee, asked):
    coffee.refresh_from_db()
    assert coffee.stock == 4

    answer = changed(desk, coffee, stock="10", name="Espresso")

    coffee.refresh_from_db()
    assert (coffee.stock, coffee.name) == (4, "Coffee")
    assert "The stock moved while you were editing: now it is 4." in text_of(answer.content)
    # Saving again is about the stock that was told.
    assert 'name="stock_seen" value="4"' in answer.content.decode()


def test_other_fields_can_be_saved_while_the_stock_moves(desk, coffee, asked):
    answer = changed(desk, coffee, name="Espresso")

    coffee.refresh_from_db()
    assert answer.status_code == 302
    assert (coffee.stock, coffee.name) == (4, "Espresso")


def test_the_page_tells_how_a_reward_is_used(desk, coffee, asked, ada, till):
    confirm(redemption_id=asked.pk, member=ada, at=NOON)

    page = text_of(desk.get(people.address("rewards.reward", "change", coffee.pk)).content)
    listed = desk.get("/admin/rewards/reward/").context["cl"].result_list

    assert "Redeemed in all 1" in page
    assert "Waiting for a customer's yes 0" in page.replace("&#x27;", "'")
    assert [(row.key, row.redeemed) for row in listed] == [("coffee", 1)]


def test_a_redemption_tells_its_story(desk, asked, ada):
    confirm(redemption_id=asked.pk, member=ada, at=NOON)

    page = text_of(desk.get(people.address("rewards.redemption", "change", asked.pk)).content)

    assert "Reserved by Casey in Harbour" in page
    assert "The customer said yes on their own screen: the points were spent" in page
    assert f"Posting {Redemption.objects.get().burn_id}" in page


def test_a_cancelled_redemption_tells_by_whom(desk, asked, till):
    cancel(redemption_id=asked.pk, till=till, at=NOON)

    page = text_of(desk.get(people.address("rewards.redemption", "change", asked.pk)).content)

    assert "Cancelled by Casey: the points are free again" in page


def test_a_reservation_whose_time_is_over_reads_expired(desk, asked):
    page = text_of(desk.get(people.address("rewards.redemption", "change", asked.pk)).content)

    assert "Nobody said yes in time: the points are free again" in page
