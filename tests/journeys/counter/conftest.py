"""A bakery with a live server: Eva at the till, and Ada with her phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.counter import people
from tests.counter.cast import bakery, coffee, eva, shop
from tests.journeys.counter.camera import film, playing
from tests.journeys.pages import PHONE

__all__ = ["bakery", "coffee", "eva", "shop"]


@pytest.fixture
def browser_context_args(browser_context_args, live_server):
    """A phone that knows the bakery's address, and stands still to be looked at."""
    return {**browser_context_args, "base_url": live_server.url, "viewport": PHONE, "reduced_motion": "reduce"}


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


@pytest.fixture
def phone(browser, browser_context_args, live_server, client, ada):
    """Ada's, in which she typed her code."""
    client.force_login(ada.user, "allauth.account.auth_backends.AuthenticationBackend")
    context = browser.new_context(**browser_context_args)
    context.add_cookies([{"name": "session", "value": client.cookies["session"].value, "url": live_server.url}])
    yield context.new_page()
    context.close()


@pytest.fixture
def camera(browser_type, browser_type_launch_args, browser_context_args, till_cookies, tmp_path):
    """Start a browser of Eva's whose camera sees what it is given; the film is an argument of the launch."""
    started = []

    def look_at(screen: bytes, *, before: Callable[[Page], object] | None = None) -> Any:
        arguments = [*browser_type_launch_args["args"], *playing(film(screen, tmp_path / "camera.mjpeg"))]
        started.append(browser_type.launch(**{**browser_type_launch_args, "args": arguments}))
        context = started[-1].new_context(**browser_context_args)
        context.add_cookies(till_cookies)
        page = context.new_page()
        if before is not None:
            before(page)
        page.goto("/counter/")
        return page

    yield look_at
    for browser in started:
        browser.close()
