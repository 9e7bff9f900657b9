"""The fixtures of people.py, for the folders whose tests need them."""

import pytest
import time_machine

from tests.campaigns import trade
from tests.campaigns.trade import NOON
from tests.cockpit import people
from tests.counter import people as staff


@pytest.fixture
def at_noon():
    """Pages ask the clock, which says noon of 2 March 2026 and goes on from there."""
    with time_machine.travel(NOON) as clock:
        yield clock


@pytest.fixture
def demo(settings):
    """Mail stays here, to be read in the inbox."""
    settings.DEMO = True
    settings.EMAIL_BACKEND = "messaging.demo_mail.DemoInbox"


@pytest.fixture
def cafe(db):
    """A programme in euro and Berlin: 1 point per whole euro since New Year."""
    programme = trade.a_programme("cafe")
    trade.a_campaign(programme)
    return programme


@pytest.fixture
def ada(cafe):
    """A member with a sign-in and no points."""
    return people.a_card(cafe, at=NOON)


@pytest.fixture
def till(cafe):
    """Eva's till in the shop "Harbour"."""
    shop = staff.a_shop(cafe, "harbour")
    return staff.a_till(shop, staff.somebody("Eva", shop))
