"""The programme of these tests."""

from tests.cockpit.cast import ada, at_noon, cafe

__all__ = ["ada", "at_noon", "cafe"]
