"""A programme with points, and wallets of it. Each test leaves books that add up."""

import pytest

from tests.ledger import books


@pytest.fixture
def programme(db):
    return books.a_programme()


@pytest.fixture
def unit(programme):
    return books.a_unit(programme)


@pytest.fixture
def wallet(unit):
    return books.a_wallet(unit)


@pytest.fixture
def wallet_with(unit):
    """`wallet_with(300)` has 300 points that never expire."""

    def make(points, *, until=None):
        return books.a_wallet(unit, points, until=until)

    return make


@pytest.fixture
def breaking(db):
    """The owner of the database, with its guards switched off: `breaking("UPDATE ...")`."""
    return books.break_books


@pytest.fixture(autouse=True)
def _books_add_up(db, request):
    """Whatever a test did, the books agree; only tests that break them on purpose are let off."""
    yield
    if "breaking" not in request.fixturenames:
        assert books.findings() == []
