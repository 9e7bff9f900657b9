"""The fixtures of trade.py, for the folders whose tests need them."""

import pytest

from tests.campaigns import trade


@pytest.fixture
def grocer(db):
    """A programme in euro and Berlin that gives nothing yet."""
    return trade.a_programme()


@pytest.fixture
def ada(grocer):
    """A member; the till knows her as "ada"."""
    return trade.a_member(grocer)


@pytest.fixture
def standing(grocer):
    """The campaign that never ends: 1 point per whole euro since New Year."""
    return trade.a_campaign(grocer)
