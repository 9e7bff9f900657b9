"""What is counted, and what holds for it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Unit(models.Model):
    """
    What an account counts. Amounts are integers in its minor units (`decimals` places).

    When they become active and how long they live is said by its policies (`UnitPolicy`), which are versions;
    `spend_order` says which lots pay first and counts at once.
    """

    class Klass(models.TextChoices):
        POINTS = "POINTS", _("points")
        QUALIFYING = "QUALIFYING", _("qualifying points")
        CREDIT = "CREDIT", _("promotional credit")
        STORED_VALUE = "STORED_VALUE", _("stored value")

    class SpendOrder(models.TextChoices):
        SOONEST = "SOONEST", _("what expires soonest")
        NEWEST = "NEWEST", _("what was earned last")

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="units", verbose_name=_("programme"))
    code = models.SlugField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=40)
    klass = models.CharField(_("class"), max_length=12, choices=Klass, default=Klass.POINTS)
    decimals = models.PositiveSmallIntegerField(_("decimals"), default=0)
    symbol = models.CharField(
        _("symbol"), max_length=8, blank=True, help_text=_("Stands beside amounts, such as ★ or €. May be empty.")
    )
    spend_order = models.CharField(
        _("spent first"), max_length=8, choices=SpendOrder, default=SpendOrder.SOONEST, db_default=SpendOrder.SOONEST
    )
    adjustment_limit = models.BigIntegerField(
        _("limit of manual adjustments"),
        null=True,
        blank=True,
        help_text=_("What one person may ask for within 24 hours, plus and minus added up. Empty: no limit."),
    )

    class Meta:
        verbose_name = _("unit")
        verbose_name_plural = _("units")
        constraints = [
            models.UniqueConstraint("programme", "code", name="unit_code_is_unique_in_programme"),
            models.CheckConstraint(condition=Q(decimals__lte=4), name="unit_has_at_most_4_decimals"),
            models.CheckConstraint(
                condition=Q(spend_order__in=["SOONEST", "NEWEST"]), name="unit_spend_order_is_known"
            ),
            models.UniqueConstraint("programme", "id", name="unit_belongs_to_one_programme"),
            models.CheckConstraint(
                condition=Q(adjustment_limit__isnull=True) | Q(adjustment_limit__gte=0),
                name="unit_adjustment_limit_is_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class UnitPolicy(models.Model):
    """
    What holds for earnings of a unit from `effective_from` until the next version. Frozen by the database once
    published.

    `definition` is the JSON form of `ledger.policies.Policy`. A version that `extends` lets points that members have
    already live as long as new ones, never shorter: `extended_upto` is the wallet until which that is done,
    `extended_at` when it was over.
    """

    class State(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        PUBLISHED = "PUBLISHED", _("published")

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="policies", verbose_name=_("unit"))
    number = models.PositiveIntegerField(_("version"))
    state = models.CharField(_("state"), max_length=9, choices=State, default=State.DRAFT)
    definition = models.JSONField(_("definition"))
    effective_from = models.DateTimeField(_("in force from"), null=True)
    edited_by = models.CharField(_("edited by"), max_length=120)
    edited_at = models.DateTimeField(_("edited"))
    published_by = models.CharField(_("published by"), max_length=120, blank=True)
    published_at = models.DateTimeField(_("published"), null=True)
    extends = models.BooleanField(_("extends earlier points"), default=False)
    extended_upto = models.BigIntegerField(_("extended up to wallet"), default=0)
    extended_lots = models.PositiveIntegerField(_("extended lots"), default=0)
    extended_at = models.DateTimeField(_("extended"), null=True)

    class Meta:
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        constraints = [
            models.UniqueConstraint("unit", "number", name="policy_number_is_unique_in_unit"),
            models.UniqueConstraint(fields=["unit"], condition=Q(state="DRAFT"), name="unit_has_one_draft_policy"),
            models.UniqueConstraint(
                fields=["unit", "effective_from"], condition=Q(state="PUBLISHED"), name="policy_begins_alone"
            ),
            models.CheckConstraint(
                condition=Q(state="DRAFT", effective_from__isnull=True, published_at__isnull=True, extends=False)
                | Q(state="PUBLISHED", effective_from__isnull=False, published_at__isnull=False),
                name="policy_published_has_its_times",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.unit} {self.number}"
