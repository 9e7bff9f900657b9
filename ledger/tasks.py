"""Background work on the books."""

from celery import shared_task
from django.utils import timezone

from ledger import services
from ledger.services import SealStep


@shared_task(expires=600)
def seal_closed_days() -> None:
    """Seal what is closed; who still writes into it is waited for until the next time."""
    while services.seal_next(at=timezone.now()) in {SealStep.ANNOUNCED, SealStep.SEALED}:
        pass
