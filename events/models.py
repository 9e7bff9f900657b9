"""The outbox: one row per fact, written in the transaction that makes the fact true."""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class OutboxEvent(models.Model):
    """A fact such as `points.accrued`, waiting for or already handed to its subscribers."""

    id = models.BigAutoField(primary_key=True)
    programme_id = models.BigIntegerField(_("programme"))
    type = models.CharField(_("type"), max_length=60)
    payload = models.JSONField(_("payload"))
    occurred_at = models.DateTimeField(_("occurred"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())
    relayed_at = models.DateTimeField(_("relayed"), null=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        # Partial: the relay looks only at what is left, and the index stays as small as the backlog.
        indexes = [models.Index(fields=["id"], condition=models.Q(relayed_at__isnull=True), name="event_waiting")]

    def __str__(self) -> str:
        return f"{self.type} {self.pk}"
