"""The people of these tests, and Eva's browser."""

import pytest

from tests.counter import people
from tests.counter.cast import ada, at_noon, bakery, coffee, eva, shop, till

__all__ = ["ada", "at_noon", "bakery", "coffee", "eva", "shop", "till"]


@pytest.fixture
def at_till(at_noon, shop, eva):
    """Eva's browser at her till."""
    return people.at_the_till(*people.a_till_with_secret(shop, eva, "Till 7"))
