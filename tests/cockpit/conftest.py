"""The people of these tests."""

from tests.cockpit.cast import ada, at_noon, cafe, demo, till

__all__ = ["ada", "at_noon", "cafe", "demo", "till"]
