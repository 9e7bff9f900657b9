"""The people of these tests."""

from tests.counter.cast import ada, bakery, coffee, eva, shop, till

__all__ = ["ada", "bakery", "coffee", "eva", "shop", "till"]
