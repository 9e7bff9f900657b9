"""The fixtures of people.py, for the folders whose tests need them."""

import pytest

from tests.admin import people
from tests.admin.people import Role
from tests.campaigns.cast import grocer

__all__ = ["grocer"]


@pytest.fixture
def mara(grocer):
    """The grocer's marketer."""
    return people.staff("Mara", Role.MARKETER, grocer)


@pytest.fixture
def olive(grocer):
    """The grocer's system owner."""
    return people.staff("Olive", Role.OWNER, grocer)


@pytest.fixture
def desk(mara):
    """Mara's browser."""
    return people.at_the_desk(mara)


@pytest.fixture
def owners_desk(olive):
    """Olive's browser."""
    return people.at_the_desk(olive)
