"""The fixtures of people.py, for the folders whose tests need them."""

import pytest
import time_machine

from tests.counter import people


@pytest.fixture
def at_noon():
    """Pages ask the clock, which says noon of 2 March 2026 and goes on from there."""
    with time_machine.travel(people.NOON) as clock:
        yield clock


@pytest.fixture
def bakery(db):
    return people.a_programme()


@pytest.fixture
def shop(bakery):
    return people.a_shop(bakery)


@pytest.fixture
def eva(shop):
    return people.somebody("Eva", shop)


@pytest.fixture
def till(shop, eva):
    return people.a_till(shop, eva)


@pytest.fixture
def ada(bakery):
    return people.a_member(bakery, points=700)


@pytest.fixture
def coffee(bakery):
    return people.a_reward(bakery)
