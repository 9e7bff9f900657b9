"""Background work about rewards."""

from celery import shared_task
from django.utils import timezone

from rewards import services

BATCH = 500


@shared_task(expires=60)
def give_back_lapsed() -> None:
    """Put the pieces of lapsed reservations back, batch by batch."""
    while services.give_back_lapsed(at=timezone.now(), limit=BATCH) == BATCH:
        pass
