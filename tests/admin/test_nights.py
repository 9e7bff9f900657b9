"""The night at the desk: how far it is, what it met, and the button that stops it."""

import pytest

from ledger.nightly import runs
from ledger.nightly.runs import Went
from tests.admin import people
from tests.campaigns.trade import NOON
from tests.cockpit.people import text_of


@pytest.fixture(autouse=True)
def _noon(time_machine):
    time_machine.move_to(NOON, tick=False)


@pytest.fixture
def run(grocer):
    return people.a_night(grocer)


def page(desk, run):
    return text_of(desk.get(people.address("ledger.nightlyrun", "change", run.pk)).content)


def through(run):
    while runs.work(run_id=run.pk, at=NOON) is Went.ON:
        pass


def test_the_page_shows_the_steps_and_how_far_they_are(owners_desk, run):
    runs.work(run_id=run.pk, at=NOON)
    runs.work(run_id=run.pk, at=NOON)

    shown = page(owners_desk, run)

    assert "The night of 2 Mar 2026 at work" in shown
    assert "Close offers that nobody answered in time done Nothing to do." in shown
    assert "Offset arrears against what became active done Nothing to do." in shown
    assert "Write down what expired to come Not begun." in shown


def test_the_page_follows_the_run_while_it_is_at_work_and_rests_when_it_is_over(owners_desk, run):
    address = people.address("ledger.nightlyrun", "change", run.pk)
    at_work = owners_desk.get(address).content.decode()
    through(run)

    over = owners_desk.get(address).content.decode()

    assert 'hx-trigger="every 3s"' in at_work
    assert 'hx-trigger="every 3s"' not in over
    assert "The night of 2 Mar 2026 over" in text_of(over.encode())


def test_the_owner_stops_it_and_lets_it_go_on(owners_desk, run):
    owners_desk.post(people.address("ledger.nightlyrun", "stop", run.pk))
    stopped = page(owners_desk, run)
    through(run)
    assert run.steps.filter(finished_at__isnull=False).count() == 0

    owners_desk.post(people.address("ledger.nightlyrun", "resume", run.pk))
    through(run)

    assert "Stopped by Olive on 2 Mar 2026, 13:00." in stopped
    assert "over" in page(owners_desk, run)


def test_what_it_met_is_told(owners_desk, run):
    runs.met(run_id=run.pk, problem="OperationalError: the disk is full")

    shown = page(owners_desk, run)

    assert "It met a problem 1 time and is tried again every minute. OperationalError: the disk is full" in shown


def test_the_list_says_what_each_night_did(owners_desk, run):
    through(run)

    listed = text_of(owners_desk.get("/admin/ledger/nightlyrun/").content)

    assert "March 2, 2026" in listed
    assert "over" in listed
