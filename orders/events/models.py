"""Types of events, and events."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class EventType(models.Model):
    """
    What a shop's own events of one kind carry. `attributes` is the JSON of `orders.events.types.Attribute`s: the
    database lets it grow only.
    """

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="event_types", verbose_name=_("programme")
    )
    key = models.CharField(_("key"), max_length=60)
    name = models.CharField(_("name"), max_length=80)
    attributes = models.JSONField(_("attributes"), default=list)
    declared_at = models.DateTimeField(_("declared"))
    declared_by = models.CharField(_("declared by"), max_length=120)
    retired_at = models.DateTimeField(_("retired"), null=True)

    class Meta:
        verbose_name = _("type of events")
        verbose_name_plural = _("types of events")
        constraints = [models.UniqueConstraint("programme", "key", name="event_type_key_is_unique_in_programme")]

    def __str__(self) -> str:
        return self.name


class Event(models.Model):
    """
    Something that happened. `(programme, source, reference)` is its identity, `fingerprint` the SHA-256 of what was
    reported. `payload` holds plain values of what was sent: money in minor units, quantities in thousandths, no
    defaults.
    """

    programme_id = models.BigIntegerField(_("programme"))
    member = models.ForeignKey(
        "members.Member", models.PROTECT, null=True, related_name="events", db_index=False, verbose_name=_("member")
    )
    shop = models.ForeignKey(
        "shops.Shop", models.PROTECT, null=True, related_name="+", db_index=False, verbose_name=_("shop")
    )
    type = models.CharField(_("type"), max_length=60)
    source = models.CharField(_("source"), max_length=40)
    reference = models.CharField(_("reference"), max_length=120)
    fingerprint = models.BinaryField(max_length=32)
    customer = models.CharField(_("customer as reported"), max_length=170, blank=True)
    payload = models.JSONField(_("payload"))
    occurred_at = models.DateTimeField(_("happened"))
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events of members")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "source", "reference"], name="event_is_registered_once")
        ]
        indexes = [
            models.Index(
                fields=["member", "type", "-occurred_at"], condition=Q(member__isnull=False), name="event_of_member"
            ),
            models.Index(fields=["programme_id", "-occurred_at"], name="happened_by_time"),
        ]

    def __str__(self) -> str:
        return self.reference
