"""Keeping the mails of a demo."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from messaging.models import OutgoingMail

MAILS_KEPT = 500


@transaction.atomic
def keep_mail(*, to: Sequence[str], subject: str, body: str, at: datetime) -> OutgoingMail:
    """Put a mail into the demo's inbox, which keeps the newest `MAILS_KEPT`."""
    kept = OutgoingMail.objects.create(to=", ".join(to), subject=subject, body=body, sent_at=at)
    OutgoingMail.objects.filter(pk__lte=kept.pk - MAILS_KEPT).delete()
    return kept
