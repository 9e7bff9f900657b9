"""Who is in segments here."""

from tests.campaigns.cast import ada, grocer

__all__ = ["ada", "grocer"]
