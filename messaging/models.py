"""Mail that a demo keeps to itself."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class OutgoingMail(models.Model):
    """A mail as it would have been sent; written by `messaging.demo_mail.DemoInbox` only."""

    to = models.CharField(_("to"), max_length=500)
    subject = models.CharField(_("subject"), max_length=500)
    body = models.TextField(_("text"))
    sent_at = models.DateTimeField(_("sent"))

    class Meta:
        verbose_name = _("mail of the demo")
        verbose_name_plural = _("mails of the demo")
        indexes = [models.Index(fields=["-sent_at"], name="mail_newest")]

    def __str__(self) -> str:
        return self.subject
