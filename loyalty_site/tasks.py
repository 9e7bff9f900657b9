"""Background work of the site itself."""

from celery import shared_task
from django.utils import timezone

from loyalty_site.models import Heartbeat


@shared_task(expires=60)
def beat_heart() -> None:
    """Write down that scheduler, queue and worker work together; /health/ready reads it."""
    Heartbeat.objects.update_or_create(process=Heartbeat.WORKER, defaults={"beat_at": timezone.now()})
