"""The public page promises what is in force, and nothing else."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import services as campaigns
from campaigns.models import Campaign
from ledger import services as ledger
from ledger.policies import Policy
from rewards.models import Reward
from shops.models import Programme
from tests.campaigns import trade
from tests.campaigns.trade import NOON, per_money
from tests.cockpit.people import signed_in, text_of
from tests.counter.people import a_reward


def says(client, address="/") -> str:
    return text_of(client.get(address).content)


def test_it_says_how_points_are_earned_in_the_words_of_the_rule(client, cafe):
    text = says(client)

    assert "You earn 1 point per whole €1.00." in text
    assert "Points expire 365 days after they can be spent." in text


def test_a_rule_published_for_tomorrow_is_not_promised_today(client, cafe):
    trade.change(Campaign.objects.get(), per_money(units=7), at=timezone.now() + timedelta(days=1))

    assert "7 points" not in says(client)


def test_a_rule_published_just_now_replaces_the_one_before(client, cafe):
    trade.change(Campaign.objects.get(), per_money(units=7), at=timezone.now() - timedelta(seconds=1))

    assert "You earn 7 points per whole €1.00." in says(client)


def test_a_stopped_campaign_promises_nothing(client, cafe):
    campaigns.stop_campaign(campaign=Campaign.objects.get(), by="Mara", at=NOON)

    assert "per whole" not in says(client)


def test_rewards_on_offer_are_shown_with_their_price_cheapest_first(client, cafe):
    a_reward(cafe, "dinner", price=900)
    a_reward(cafe, "coffee", price=300)

    text = says(client)

    assert 0 < text.index("Coffee 300 points") < text.index("Dinner 900 points")


def test_rewards_taken_off_or_sold_out_are_not_shown(client, cafe):
    a_reward(cafe, "dinner")
    Reward.objects.update(is_offered=False)
    a_reward(cafe, "coffee", stock=0)

    text = says(client)

    assert "Dinner" not in text
    assert "Coffee" not in text


def test_points_that_never_expire_are_said_not_to(client, db):
    programme = Programme.objects.create(key="tea", name="Tea")
    ledger.open_programme_books(programme_id=programme.pk, policy=Policy())

    assert "Points never expire." in says(client)


def test_each_programme_has_a_page_of_its_own_and_its_key_goes_along_to_the_sign_up(client, cafe):
    trade.a_programme("tea")

    page = client.get("/p/tea/").content.decode()

    assert "<span>Tea</span>" in page
    assert 'href="/accounts/signup/?programme=tea"' in page
    assert "<span>Cafe</span>" in client.get("/").content.decode()


def test_a_sandbox_is_not_on_show_while_a_live_programme_is(client, db):
    trade.a_programme("sandbox", mode=Programme.Mode.SANDBOX)
    trade.a_programme("real")

    assert "<span>Real</span>" in client.get("/").content.decode()


def test_an_unknown_programme_is_not_found(client, cafe):
    response = client.get("/p/nothing/")

    assert response.status_code == 404
    assert "There is no such page." in text_of(response.content)


def test_without_any_programme_the_page_says_what_to_do_next(client, db):
    response = client.get("/")

    assert response.status_code == 200
    assert "There is no programme yet." in text_of(response.content)
    assert 'href="/admin/"' in response.content.decode()


def test_a_member_is_offered_the_card_instead_of_the_sign_in(ada):
    text = says(signed_in(ada))

    assert "My card" in text
    assert "Your first points are one purchase away." not in text


def test_the_brands_colours_are_a_sheet_of_their_own(client, db):
    response = client.get("/brand/ffd400.css")

    assert response.headers["Content-Type"] == "text/css"
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert "--brand: #ffd400;" in response.content.decode()
    assert "--on-brand: #000000;" in response.content.decode()


@pytest.mark.parametrize("colour", ["red", "FFD400", "ffd4000", "ffd400;}"])
def test_nothing_but_a_colour_gets_into_the_sheet(client, db, colour):
    assert client.get(f"/brand/{colour}.css").status_code == 404
