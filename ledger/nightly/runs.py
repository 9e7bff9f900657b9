"""Runs: begun once for each local day, worked on by whoever is there, stopped and taken up again by people."""

from datetime import datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import F

from events import outbox
from kernel.periods import local_day
from ledger import nightly
from ledger.models import NightlyRun, NightlyStep
from shops.models import Programme


class Went(StrEnum):
    """What came of a try: `BUSY` is somebody else at work on it, `WAITS` is what is left being in use."""

    ON = "on"
    OVER = "over"
    BUSY = "busy"
    WAITS = "waits"


def begin_due(*, at: datetime) -> list[NightlyRun]:
    """
    Begin the run of each programme whose local day has none yet, whatever the hour: late is as good as on time, and
    two at once begin one.
    """
    begun = []
    for programme in Programme.objects.order_by("pk"):
        day = local_day(at, programme.zone)
        with transaction.atomic():
            run, is_new = NightlyRun.objects.get_or_create(programme=programme, day=day, defaults={"at": at})
            if is_new:
                NightlyStep.objects.bulk_create(
                    NightlyStep(run=run, position=position, name=step.name) for position, step in nightly.steps()
                )
                begun.append(run)
    return begun


def unfinished() -> list[NightlyRun]:
    """Runs that are to be worked on, oldest first."""
    return list(NightlyRun.objects.filter(finished_at__isnull=True, stopped_at__isnull=True).order_by("at", "pk"))


@transaction.atomic
def work(*, run_id: int, at: datetime) -> Went:
    """
    Do the next batch of a run. A batch and its place in the run are one transaction: what is counted is done.
    """
    run = NightlyRun.objects.select_for_update(skip_locked=True).filter(pk=run_id).first()
    if run is None:
        return Went.BUSY
    if run.finished_at or run.stopped_at:
        return Went.OVER
    step = NightlyStep.objects.filter(run=run, finished_at__isnull=True).order_by("position").first()
    if step is None:
        _finish(run, at)
        return Went.OVER
    if run.problem:
        NightlyRun.objects.filter(pk=run.pk).update(problem="")
    return _work_on(run, step, at)


def _work_on(run: NightlyRun, step: NightlyStep, at: datetime) -> Went:
    told = nightly.step_of(step.name)
    if told is None:
        # A step of another version of the program: there is nobody to do it any more.
        step.finished_at = at
        step.save(update_fields=["finished_at"])
        return Went.ON
    if step.total is None:
        step.total = told.count(run)
    batch = told.work(run, step.cursor)
    step.done += batch.done
    if batch.cursor is None:
        step.finished_at = at
    else:
        step.cursor = batch.cursor
    step.save(update_fields=["total", "done", "cursor", "finished_at"])
    return Went.WAITS if batch.waits else Went.ON


def met(*, run_id: int, problem: str) -> None:
    """Keep what a try met; the next one takes the run up where the last batch that went well left it."""
    NightlyRun.objects.filter(pk=run_id).update(problem=problem[:2000], failures=F("failures") + 1)


def stop(*, run: NightlyRun, by: str, at: datetime) -> None:
    """Let the batch at work be the last one; stopping twice is stopping once."""
    NightlyRun.objects.filter(pk=run.pk, finished_at__isnull=True, stopped_at__isnull=True).update(
        stopped_at=at, stopped_by=by
    )


def go_on(*, run: NightlyRun) -> None:
    """Take a stopped run up again where it was."""
    NightlyRun.objects.filter(pk=run.pk, finished_at__isnull=True).update(stopped_at=None, stopped_by="")


def _finish(run: NightlyRun, at: datetime) -> None:
    run.finished_at, run.problem = at, ""
    run.save(update_fields=["finished_at", "problem"])
    done = dict(NightlyStep.objects.filter(run=run).values_list("name", "done"))
    payload = {"day": run.day.isoformat(), "at": run.at.isoformat(), "done": done}
    outbox.record([outbox.Fact(run.programme_id, "night.finished", payload, at)])
