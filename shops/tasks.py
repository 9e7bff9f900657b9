"""Background work about shops and staff."""

from celery import shared_task
from django.utils import timezone

from shops import attempts


@shared_task(expires=3600)
def forget_attempts() -> None:
    """Delete counts of tries whose window is over."""
    attempts.clear_ended(at=timezone.now())
