"""Who calls the API in these tests."""

from tests.integrations.cast import ada, bakery, machine

__all__ = ["ada", "bakery", "machine"]
