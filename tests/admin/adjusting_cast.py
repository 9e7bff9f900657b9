"""The fixtures of two_people.py, for the files whose tests need them."""

import pytest
from django.utils import timezone

from ledger.queries import unit_of
from tests.admin import people
from tests.admin.people import Role


@pytest.fixture
def sami(grocer):
    return people.staff("Sami", Role.SUPPORT, grocer)


@pytest.fixture
def avery(grocer):
    return people.staff("Avery", Role.APPROVER, grocer)


@pytest.fixture
def support(sami):
    """Sami's browser."""
    return people.at_the_desk(sami)


@pytest.fixture
def approver(avery):
    """Avery's browser."""
    return people.at_the_desk(avery)


@pytest.fixture
def unit(grocer):
    return unit_of(grocer.pk, "points")


@pytest.fixture
def form(ada, unit):
    """What Sami fills in for Ada."""
    return {
        "who": ada.number,
        "unit": unit.pk,
        "direction": "add",
        "amount": "250",
        "expiry": "usual",
        "reason": "COMPLAINT",
        "wording": "For your lost parcel",
        "note": "Ticket 4711",
        "token": "form-1",
    }


@pytest.fixture
def request_of_sami(ada, sami):
    return people.an_adjustment(ada, by=sami, at=timezone.now())
