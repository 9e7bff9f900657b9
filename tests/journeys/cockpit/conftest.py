"""A café with a live server, its demo inbox, and Ada with her phone."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from campaigns import services as campaigns
from members.models import Member
from rewards.models import Redemption
from tests.campaigns import trade
from tests.cockpit import people
from tests.cockpit.cast import cafe, demo, till
from tests.counter.people import a_reward, ask_for
from tests.journeys.pages import PHONE

__all__ = ["cafe", "demo", "till"]


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    """A phone that knows the café's address."""
    return {**browser_context_args, "base_url": live_server.url, "viewport": PHONE}


@pytest.fixture
def ada(live_server, demo, cafe):
    """A member for whom every part of the first page has something to say."""
    now = timezone.now()
    member = people.a_card(cafe, at=now)
    member.identifiers.create(programme=cafe, source="till", external_id="ada")
    a_reward(cafe, "coffee", price=300)
    a_reward(cafe, "dinner", price=9000)
    people.earn(member, 700, at=now - timedelta(days=3))
    people.earn(member, 25, at=now - timedelta(days=2), until=now + timedelta(days=3))
    people.earn(member, 30, at=now - timedelta(days=2), until=now + timedelta(days=12))
    people.earn(member, 40, at=now - timedelta(hours=1), from_=now + timedelta(days=1))
    for number in range(20):
        at = now - timedelta(days=4 + number)
        draft = trade.order(1250, reference=str(number), at=at)
        campaigns.accept_order(programme=cafe, draft=draft, actor="test")
    return member


@pytest.fixture
def phone(page: Page, ada: Member, live_server) -> Page:
    """Ada's, in which she typed her code."""
    session = people.signed_in(ada).cookies["session"].value
    page.context.add_cookies([{"name": "session", "value": session, "url": live_server.url}])
    return page


@pytest.fixture
def ask(ada, till):
    """Eva asks Ada for a coffee."""

    def ask_now() -> Redemption:
        return ask_for(ada, till, at=timezone.now())

    return ask_now
