"""The programme of these tests."""

from tests.cockpit.cast import demo

__all__ = ["demo"]
