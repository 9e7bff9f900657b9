"""Campaigns, their versions, and why a member got what."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _


class Campaign(models.Model):
    """A named set of rules. The standing earning programme is a campaign that never ends."""

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="campaigns", verbose_name=_("programme")
    )
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    stopped_by = models.CharField(_("stopped by"), max_length=120, blank=True)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        constraints = [models.UniqueConstraint("programme", "key", name="campaign_key_is_unique_in_programme")]

    def __str__(self) -> str:
        return self.name


class CampaignVersion(models.Model):
    """
    What a campaign says from `effective_from` until the next version. Frozen by the database once published.

    `definition` is the JSON form of `campaigns.definitions.Definition`.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        PUBLISHED = "PUBLISHED", _("published")

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="versions", verbose_name=_("campaign"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    definition = models.JSONField(_("definition"))
    effective_from = models.DateTimeField(_("in force from"), null=True)
    edited_by = models.CharField(_("edited by"), max_length=120)
    edited_at = models.DateTimeField(_("edited"))
    published_by = models.CharField(_("published by"), max_length=120, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [
            models.UniqueConstraint("campaign", "number", name="version_number_is_unique_in_campaign"),
            models.UniqueConstraint(fields=["campaign"], condition=Q(state="DRAFT"), name="campaign_has_one_draft"),
            models.UniqueConstraint(
                fields=["campaign", "effective_from"], condition=Q(state="PUBLISHED"), name="version_begins_alone"
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", effective_from__isnull=True, published_at__isnull=True)
                | Q(state="PUBLISHED", effective_from__isnull=False, published_at__isnull=False),
                name="version_published_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {self.number}"


class Counter(models.Model):
    """
    How much of a limit is used: `slot` names campaign, rule and what is counted, `place` whose use it is and in which
    period.
    """

    programme_id = models.BigIntegerField(_("programme"))
    slot = models.CharField(_("limit"), max_length=160)
    place = models.CharField(_("place"), max_length=80)
    used = models.BigIntegerField(_("used"))

    class Meta:
        verbose_name = _("counter")
        verbose_name_plural = _("counters")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "slot", "place"], name="counter_is_one_per_place"),
            models.CheckConstraint(condition=Q(used__gte=0), name="counter_is_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.slot} {self.place}"


class Decision(models.Model):
    """
    The engine's full answer for one order, return or event: `outcome` lists grants and rejections with their numbers.

    Exactly one of `order`, `order_return` and `event` is set. The database does not check order and event a second
    time: they are written by the same statement, and never removed.
    """

    programme_id = models.BigIntegerField(_("programme"))
    order = models.OneToOneField(
        "orders.Order",
        models.PROTECT,
        null=True,
        related_name="decision",
        db_constraint=False,
        verbose_name=_("order"),
    )
    order_return = models.OneToOneField(
        "orders.Return", models.PROTECT, null=True, related_name="decision", verbose_name=_("return")
    )
    event = models.ForeignKey(
        "orders.Event",
        models.PROTECT,
        null=True,
        related_name="decisions",
        db_constraint=False,
        db_index=False,
        verbose_name=_("event"),
    )
    outcome = models.JSONField(_("outcome"))
    decided_at = models.DateTimeField(_("decided"), db_default=Now())

    class Meta:
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        constraints = [
            # Partial, so that orders do not pay for it.
            models.UniqueConstraint(
                fields=["event"], condition=Q(event__isnull=False), name="decision_is_one_per_event"
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


class Award(models.Model):
    """
    What one rule of one version granted for one order or one event, and the posting that did it. Amounts in the unit's
    minor units.

    No foreign key is checked here: published versions, units with accounts, orders, events and postings are never
    removed, and the checks took a tenth of what an order takes the database.
    """

    programme_id = models.BigIntegerField(_("programme"))
    order = models.ForeignKey(
        "orders.Order", models.PROTECT, null=True, related_name="awards", db_constraint=False, verbose_name=_("order")
    )
    event = models.ForeignKey(
        "orders.Event",
        models.PROTECT,
        null=True,
        related_name="awards",
        db_constraint=False,
        db_index=False,
        verbose_name=_("event"),
    )
    version = models.ForeignKey(
        CampaignVersion,
        models.PROTECT,
        related_name="awards",
        db_constraint=False,
        db_index=False,
        verbose_name=_("version"),
    )
    rule = models.CharField(_("rule"), max_length=40)
    unit = models.ForeignKey(
        "ledger.Unit", models.PROTECT, related_name="+", db_constraint=False, db_index=False, verbose_name=_("unit")
    )
    posting = models.OneToOneField("ledger.Posting", models.PROTECT, related_name="+", db_constraint=False)
    granted = models.BigIntegerField(_("granted"))

    class Meta:
        verbose_name = _("award")
        verbose_name_plural = _("awards")
        indexes = [models.Index(fields=["event"], condition=Q(event__isnull=False), name="award_of_event")]

    def __str__(self) -> str:
        return f"{self.granted} ({self.rule})"


class Payment(models.Model):
    """
    Points that paid a part of an order: the tender at `place` of it, the hold that kept them and the posting that spent
    them. `points` are minor units of the unit, `value` those of the order's currency.

    `earns` and `refund_order` are the terms of the moment of the sale, so that returns go by them for ever.
    """

    programme_id = models.BigIntegerField(_("programme"))
    order = models.ForeignKey(
        "orders.Order",
        models.PROTECT,
        related_name="payments",
        db_constraint=False,
        db_index=False,
        verbose_name=_("order"),
    )
    place = models.PositiveSmallIntegerField(_("tender"))
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, related_name="+", db_index=False, verbose_name=_("unit"))
    hold = models.OneToOneField("ledger.Hold", models.PROTECT, related_name="+")
    posting = models.OneToOneField("ledger.Posting", models.PROTECT, related_name="+", db_constraint=False)
    points = models.BigIntegerField(_("points"))
    value = models.BigIntegerField(_("value"))
    earns = models.BooleanField(_("earns"))
    refund_order = models.CharField(_("refund order"), max_length=12)

    class Meta:
        verbose_name = _("payment with points")
        verbose_name_plural = _("payments with points")
        constraints = [
            models.UniqueConstraint(fields=["order", "place"], name="payment_is_one_per_tender"),
            models.CheckConstraint(condition=Q(points__gt=0, value__gt=0), name="payment_pays_something"),
        ]

    def __str__(self) -> str:
        return f"{self.points}"
