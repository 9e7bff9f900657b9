"""How often each page asks the database, with a full page of history and a catalogue to show."""

from datetime import timedelta

import pytest
from django.utils import timezone

from campaigns import services as campaigns
from ledger.queries import unit_of
from members import transferring
from members.models import Member
from members.transferring import Sending
from tests.campaigns import trade
from tests.cockpit.people import a_card, earn, signed_in
from tests.counter.people import a_reward
from tests.ledger.sending import may_be_sent

PAGES = {
    "cockpit: card": "/me/",
    "cockpit: codes ahead": "/me/codes/",
    "cockpit: history": "/me/history/",
    "cockpit: statement": "/me/statement/?since=2020-01-01",
    "cockpit: rewards": "/me/rewards/",
    "cockpit: sending": "/me/send/",
    "cockpit: is anything asked": "/me/question/asked/",
    "landing: programme": "/",
    "landing: brand sheet": "/brand/1f6f54.css",
}


@pytest.fixture
def busy_ada(cafe, ada) -> Member:
    """A member with a full page of history, and a catalogue to look at."""
    now = timezone.now()
    ada.identifiers.create(programme=cafe, source="till", external_id="ada")
    for number in range(25):
        earn(ada, 10 + number, at=now - timedelta(days=number), until=now + timedelta(days=10 + number))
        draft = trade.order(1250, reference=str(number), at=now - timedelta(days=1 + number))
        campaigns.accept_order(programme=cafe, draft=draft, actor="test")
        a_reward(cafe, f"reward-{number}", price=100 * (number + 1))
    may_be_sent(unit_of(cafe.pk, "points"), needs_acceptance=True)
    for number in range(3):
        friend = a_card(cafe, at=now, email=f"friend{number}@example.com", name="Ben Kaya")
        transferring.send(
            sending=Sending(ada, friend, unit_of(cafe.pk, "points"), 5),
            source="test",
            key=str(number),
            at=now,
            actor="m",
        )
    return ada


@pytest.mark.parametrize(("name", "address"), PAGES.items())
def test_a_page(busy_ada, count_queries, name, address):
    phone = signed_in(busy_ada)
    phone.get(address)

    with count_queries(name):
        response = phone.get(address)

    assert response.status_code in {200, 204}
