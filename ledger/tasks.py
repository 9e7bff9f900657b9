"""Background work of the books."""

import logging
import time

from celery import shared_task
from django.utils import timezone

from ledger import services
from ledger.nightly import runs
from ledger.nightly.runs import Went
from ledger.services import SealStep

log = logging.getLogger(__name__)

# Less than any broker's patience with a task; what is left is taken by the next one.
_AT_MOST_NANOSECONDS = 50 * 10**9


@shared_task(expires=60)
def work_through_the_night() -> None:
    """Begin what is due and work on what is not finished, run by run."""
    end = time.monotonic_ns() + _AT_MOST_NANOSECONDS
    extend_begun(end=end)
    runs.begin_due(at=timezone.now())
    for run in runs.unfinished():
        work_on(run.pk, end=end)


def extend_begun(*, end: int) -> None:
    """What a policy that began promised to points members have is carried out at once, not only at night."""
    for policy in services.unfinished_extensions(at=timezone.now()):
        while time.monotonic_ns() < end and services.extend_lots(policy=policy, at=timezone.now()):
            pass


def work_on(run_id: int, *, end: int) -> None:
    """Do batches of a run until it is over, in somebody else's hands, or `time.monotonic_ns` is past `end`."""
    while time.monotonic_ns() < end:
        try:
            went = runs.work(run_id=run_id, at=timezone.now())
        except Exception as problem:
            # Whatever it was, the other programmes' runs go on, and people read about it on the run's page.
            log.exception("the nightly run %s met a problem", run_id)
            runs.met(run_id=run_id, problem=f"{type(problem).__name__}: {problem}")
            return
        if went is not Went.ON:
            return


@shared_task(expires=600)
def seal_closed_days() -> None:
    """Seal what is closed; who still writes into it is waited for until the next time."""
    while services.seal_next(at=timezone.now()) in {SealStep.ANNOUNCED, SealStep.SEALED}:
        pass
