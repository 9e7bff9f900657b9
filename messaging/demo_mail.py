"""The mail transport of a demo: no mail leaves the machine, everything can be read in its inbox."""

from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from messaging import services


class DemoInbox(BaseEmailBackend):
    """Keeps each mail as a row. Set by the settings of a demo that names no mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        at = timezone.now()
        for mail in email_messages:
            services.keep_mail(to=mail.recipients(), subject=str(mail.subject), body=str(mail.body), at=at)
        return len(email_messages)
