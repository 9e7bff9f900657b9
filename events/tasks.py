"""Facts on their way, every second."""

import time

from celery import shared_task
from django.utils import timezone

from events import outbox

# Less than any broker's patience with a task; what is left is taken by the next one.
_AT_MOST_SECONDS = 50


@shared_task(expires=10)
def relay() -> int:
    """Hand waiting facts to their subscribers until none waits; return how many there were."""
    end = time.monotonic() + _AT_MOST_SECONDS
    total = 0
    while (relayed := outbox.relay_batch(at=timezone.now())) and time.monotonic() < end:
        total += relayed
    return total


@shared_task(expires=3600)
def forget_old() -> int:
    """Remove facts that were handed on long ago; return how many."""
    return outbox.forget_relayed(at=timezone.now())
