"""Background work about members."""

import time

from celery import shared_task
from django.utils import timezone

from ledger.adjustments import Adjustment, adjustments_to_post
from members import adjusting
from members.households import automatic
from members.segments import keeping
from members.tiers import services as tiers

# Less than any broker's patience with a task; what is left is taken by the next one.
_AT_MOST_SECONDS = 50


@shared_task(expires=10)
def post_adjustments() -> int:
    """Post what was approved and waits, batch by batch; return how many lines."""
    end = time.monotonic() + _AT_MOST_SECONDS
    total = 0
    for adjustment_id in adjustments_to_post():
        adjustment = Adjustment.objects.select_related("unit").get(pk=adjustment_id)
        while time.monotonic() < end and (posted := adjusting.post_batch(adjustment=adjustment, at=timezone.now())):
            total += posted
    return total


@shared_task(expires=30)
def give_to_households() -> int:
    """Give households their share of what became active; return the last earning looked at."""
    end = time.monotonic() + _AT_MOST_SECONDS
    last, at = 0, timezone.now()
    while time.monotonic() < end and (upto := automatic.give_next(at=at, after=last)):
        last = upto
    return last


@shared_task(expires=30)
def look_at_segments() -> int:
    """Look anew at members to whom something happened; return at how many."""
    end = time.monotonic() + _AT_MOST_SECONDS
    total = 0
    while time.monotonic() < end and (looked_at := keeping.look_at_touched(at=timezone.now())):
        total += looked_at
    return total


@shared_task(expires=60)
def review_new_ladders() -> int:
    """Let members move by versions of ladders that began; return how many were looked at."""
    end = time.monotonic() + _AT_MOST_SECONDS
    total = 0
    while time.monotonic() < end and (looked := tiers.review_next_of_new_versions(at=timezone.now())):
        total += looked
    return total
