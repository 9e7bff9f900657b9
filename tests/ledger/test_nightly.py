"""The night's run: once a local day, in its order, resumable, and of no weight for what can be spent."""

from datetime import UTC, date, datetime

import pytest

from events.models import OutboxEvent
from ledger import nightly
from ledger import services as ledger
from ledger.models import Lot, NightlyRun, NightlyStep, Posting
from ledger.nightly import Batch, Step, runs
from ledger.nightly.runs import Went
from ledger.policies import Decay, Policy, after
from ledger.tasks import extend_begun, work_on
from shops.models import Programme
from tests.crowd import at_once
from tests.ledger import books
from tests.ledger.books import DAY, NOON, SECOND, Figures

FOREVER = 2**63


def night(at=NOON):
    runs.begin_due(at=at)
    for run in runs.unfinished():
        while runs.work(run_id=run.pk, at=at) is Went.ON:
            pass


def steps(run):
    return [(step.name, step.done, step.finished_at is not None) for step in run.steps.order_by("position")]


@pytest.fixture
def another_step():
    """A step of a room above, taken out again after the test."""
    added = []

    def add(position, step):
        nightly.add(position, step)
        added.append(position)

    yield add
    for position in added:
        nightly._steps.pop(position)


def test_a_night_does_everything_in_its_order(unit):
    expiring, silent, owing = (books.a_wallet(unit) for _ in range(3))
    expiring.earn(100, at=NOON + 80 * DAY, until=NOON + 81 * DAY)
    silent.earn(200)
    gone = owing.earn(50)
    owing.spend(50)
    owing.claw_back(gone, 50)
    owing.earn(80, at=NOON + 87 * DAY, active=NOON + 90 * DAY)
    books.says(unit, Policy(decay=Decay(12, 50, 5)))

    night(at=NOON + 91 * DAY)

    (run,) = NightlyRun.objects.all()
    assert steps(run) == [
        ("offers", 0, True),
        ("activate", 1, True),
        ("extend", 0, True),
        ("convert", 0, True),
        ("tiers", 0, True),
        ("decay", 1, True),
        ("expire", 1, True),
        ("send_home", 0, True),
        ("tiers_again", 0, True),
        ("segments", 0, True),
        ("birthdays", 0, True),
        ("anniversaries", 0, True),
        ("schedule", 0, True),
    ]
    assert (run.day, run.finished_at) == (date(2026, 6, 1), NOON + 91 * DAY)
    assert [wallet.figures(NOON + 91 * DAY) for wallet in (expiring, silent, owing)] == [
        Figures(0),
        Figures(190),
        Figures(30),
    ]
    kinds = list(Posting.objects.order_by("pk").values_list("kind", flat=True))[-3:]
    assert kinds == ["SETTLE", "EXPIRE", "EXPIRE"]
    (fact,) = OutboxEvent.objects.filter(type="night.finished")
    done = {"offers": 0, "activate": 1, "extend": 0, "convert": 0, "tiers": 0, "decay": 1, "expire": 1}
    done |= {"send_home": 0, "tiers_again": 0}
    assert fact.payload["done"] == done | {"segments": 0, "birthdays": 0, "anniversaries": 0, "schedule": 0}


def test_points_are_worthless_the_second_they_lapse_although_no_night_came_by(unit):
    wallet = books.a_wallet(unit, 100, until=NOON + DAY)

    assert wallet.figures(NOON + DAY - SECOND) == Figures(100)
    assert wallet.figures(NOON + DAY) == Figures(0)


@pytest.mark.parametrize(
    ("zone", "instant", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 22, 59, tzinfo=UTC), date(2026, 3, 28)),
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        ("America/New_York", datetime(2026, 11, 2, 4, 59, tzinfo=UTC), date(2026, 11, 1)),
        ("Pacific/Auckland", datetime(2026, 4, 4, 11, 0, tzinfo=UTC), date(2026, 4, 5)),
    ],
)
def test_a_day_is_the_programmes_own_over_both_changes_of_the_clock(zone, instant, day, programme):
    Programme.objects.update(time_zone=zone)

    (run,) = runs.begin_due(at=instant)

    assert run.day == day


def test_a_day_has_one_run_however_often_it_is_asked_for(programme):
    runs.begin_due(at=NOON)

    assert runs.begin_due(at=NOON + SECOND) == []
    assert len(runs.begin_due(at=NOON + DAY)) == 1
    assert NightlyRun.objects.count() == 2


def test_nights_that_were_missed_are_made_up_by_the_next(unit):
    for days in (1, 2, 3):
        books.a_wallet(unit, 10, until=NOON + days * DAY)

    night(at=NOON + 10 * DAY)

    assert NightlyRun.objects.count() == 1
    assert Lot.objects.filter(remaining__gt=0).count() == 0


def test_a_second_night_of_a_day_posts_nothing(unit):
    books.a_wallet(unit, 10, until=NOON + SECOND)
    night(at=NOON + SECOND)

    with books.unchanged():
        night(at=NOON + 2 * SECOND)


def test_an_extension_is_done_before_anything_expires(unit):
    wallet = books.a_wallet(unit, 10, until=NOON + 5 * DAY)
    ledger.save_policy_draft(unit=unit, policy=after(30), by="Mara", at=NOON)
    ledger.publish_policy(unit=unit, by="Mara", at=NOON, extends=True, effective_from=NOON + DAY)

    night(at=NOON + 2 * DAY)

    assert wallet.figures(NOON + 6 * DAY) == Figures(10)
    assert steps(NightlyRun.objects.get())[2] == ("extend", 1, True)


def test_a_stopped_run_does_nothing_until_it_goes_on(unit):
    books.a_wallet(unit, 10, until=NOON + SECOND)
    (run,) = runs.begin_due(at=NOON + SECOND)
    runs.stop(run=run, by="Olive", at=NOON + SECOND)

    with books.unchanged():
        assert runs.work(run_id=run.pk, at=NOON + SECOND) is Went.OVER
    assert runs.unfinished() == []
    runs.go_on(run=run)
    night(at=NOON + SECOND)

    run.refresh_from_db()
    assert (run.finished_at, run.stopped_by) == (NOON + SECOND, "")
    assert Lot.objects.get().remaining == 0


def test_what_a_try_meets_is_told_and_the_next_try_goes_on_where_the_last_good_batch_ended(unit, another_step):
    done: list[str] = []

    def work(_run, cursor):
        if cursor == 1 and not done:
            done.append("met")
            raise RuntimeError("the disk is full")
        return Batch(10, cursor + 1 if cursor < 2 else None)

    another_step(nightly.TIERS, Step("tiers", "Tiers", lambda _run: 30, work))
    (run,) = runs.begin_due(at=NOON)

    work_on(run.pk, end=FOREVER)
    run.refresh_from_db()
    assert (run.problem, run.failures, run.finished_at) == ("RuntimeError: the disk is full", 1, None)
    step = run.steps.get(name="tiers")
    assert (step.total, step.done, step.cursor) == (30, 10, 1)
    work_on(run.pk, end=FOREVER)

    run.refresh_from_db()
    assert (run.problem, run.failures, run.finished_at is not None) == ("", 1, True)
    assert run.steps.get(name="tiers").done == 30


def test_a_step_that_nobody_knows_any_more_is_passed_over(programme):
    (run,) = runs.begin_due(at=NOON)
    NightlyStep.objects.create(run=run, position=99, name="of another version")

    night()

    run.refresh_from_db()
    assert run.finished_at == NOON


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_eight_workers_begin_one_run_and_do_each_batch_once(unit):
    for number in range(20):
        books.a_wallet(unit, 10 + number, until=NOON + SECOND)

    at_once(8, lambda _: night(at=NOON + SECOND))
    night(at=NOON + SECOND)

    (run,) = NightlyRun.objects.all()
    assert ("expire", 20, True) in steps(run)
    assert Posting.objects.filter(kind="EXPIRE").count() == 20
    assert OutboxEvent.objects.filter(type="night.finished").count() == 1


@pytest.mark.django_db(transaction=True, serialized_rollback=True)
def test_what_somebody_else_has_in_use_is_waited_for(unit):
    wallet = books.a_wallet(unit, 10, until=NOON + SECOND)
    (run,) = runs.begin_due(at=NOON + SECOND)

    with books.locked(wallet.wallet_id):
        tries = [runs.work(run_id=run.pk, at=NOON + SECOND) for _ in range(10)]
    night(at=NOON + SECOND)

    assert Went.WAITS in tries
    run.refresh_from_db()
    assert run.finished_at == NOON + SECOND
    assert wallet.left() == [0]


def test_what_would_end_tonight_lives_on_if_a_policy_of_today_says_so(unit):
    wallet = books.a_wallet(unit, 10, until=NOON + DAY)
    ledger.save_policy_draft(unit=unit, policy=after(30), by="Mara", at=NOON)
    ledger.publish_policy(unit=unit, by="Mara", at=NOON, extends=True, effective_from=NOON + SECOND)

    night(at=NOON + DAY + SECOND)

    assert wallet.figures(NOON + DAY + SECOND) == Figures(10)
    assert not Posting.objects.filter(kind="EXPIRE").exists()


def test_an_extension_does_not_wait_for_the_night(unit, time_machine):
    wallet = books.a_wallet(unit, 10, until=NOON + DAY)
    ledger.save_policy_draft(unit=unit, policy=after(30), by="Mara", at=NOON)
    ledger.publish_policy(unit=unit, by="Mara", at=NOON, extends=True, effective_from=NOON + SECOND)
    time_machine.move_to(NOON + 2 * SECOND, tick=False)

    extend_begun(end=FOREVER)

    assert wallet.figures(NOON + 2 * DAY) == Figures(10)
