"""Who trades in these tests."""

from tests.campaigns.cast import ada, grocer, standing

__all__ = ["ada", "grocer", "standing"]
