"""The fixtures of shopkeepers.py, for the folders whose tests need them."""

import pytest

from tests.integrations import shopkeepers


@pytest.fixture
def bakery(db):
    return shopkeepers.a_programme()


@pytest.fixture
def ada(bakery):
    shopkeepers.a_campaign(bakery)
    return shopkeepers.a_member(bakery)


@pytest.fixture
def machine(bakery, ada):
    return shopkeepers.a_machine(bakery)
