"""A bakery with a live server: Eva at the till, and Ada with her phone."""

import pytest

from tests.counter import people
from tests.counter.cast import bakery, coffee, eva, shop
from tests.journeys.pages import PHONE

__all__ = ["bakery", "coffee", "eva", "shop"]


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    """A phone that knows the bakery's address."""
    return {**browser_context_args, "base_url": live_server.url, "viewport": PHONE}


@pytest.fixture
def till_and_secret(live_server, shop, eva):
    return people.a_till_with_secret(shop, eva)


@pytest.fixture
def till(till_and_secret):
    return till_and_secret[0]


@pytest.fixture
def ada(bakery):
    user = people.User.objects.create_user("ada@example.com", name="Ada Lovelace")
    member = people.a_member(bakery, points=700)
    member.user = user
    member.save()
    return member


@pytest.fixture
def till_cookies(till_and_secret, live_server):
    """What makes a browser Eva's till."""
    client = people.at_the_till(*till_and_secret)
    return [{"name": name, "value": client.cookies[name].value, "url": live_server.url} for name in ("session", "till")]


@pytest.fixture
def counter(page, till_cookies):
    """Eva's screen, signed in; this browser has no camera."""
    page.context.add_cookies(till_cookies)
    return page
