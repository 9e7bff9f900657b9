"""The fixtures of people.py, for the folders whose tests need them."""

import pytest

from tests.counter import people


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
