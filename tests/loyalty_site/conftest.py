"""A programme with points, as the books' own tests have it."""

from tests.ledger.conftest import programme, unit

__all__ = ["programme", "unit"]
