"""What points buy: rewards and their redemptions."""

from datetime import datetime
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Reward(models.Model):
    """Something in the catalogue with a price in points. `stock` counts what is left; empty means no limit."""

    programme = models.ForeignKey(
        "shops.Programme", models.PROTECT, related_name="rewards", verbose_name=_("programme")
    )
    key = models.SlugField(_("key"), max_length=40)
    name = models.CharField(_("name"), max_length=80)
    description = models.TextField(_("description"), blank=True, max_length=500)
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, related_name="+", verbose_name=_("paid in"))
    price = models.BigIntegerField(_("price"), help_text=_("In whole points."))
    stock = models.IntegerField(_("in stock"), null=True, blank=True, help_text=_("Empty: no limit."))
    is_offered = models.BooleanField(_("offered"), default=True)

    class Meta:
        verbose_name = _("reward")
        verbose_name_plural = _("rewards")
        constraints = [
            models.UniqueConstraint("programme", "key", name="reward_key_is_unique_in_programme"),
            models.CheckConstraint(condition=Q(price__gt=0), name="reward_has_a_price"),
            models.CheckConstraint(
                condition=Q(stock__isnull=True) | Q(stock__gte=0), name="reward_stock_is_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Redemption(models.Model):
    """
    One use of a reward: reserved until the customer says yes, then redeemed; voided, expired or refunded otherwise.

    Without a reward it pays `value` of the bill, in minor units of the programme's currency, with points of `unit`.
    `price` is in minor units of the unit it is `paid_in`. `took_stock` tells whether a piece of stock goes back with
    it. A reservation is over at `expires_at` whether or not anybody has written EXPIRED yet: ask `state_at`.
    """

    class State(models.TextChoices):
        RESERVED = "RESERVED", _("waiting for the customer")
        REDEEMED = "REDEEMED", _("redeemed")
        VOIDED = "VOIDED", _("cancelled")
        EXPIRED = "EXPIRED", _("expired")
        REFUNDED = "REFUNDED", _("undone")

    class Yes(models.TextChoices):
        COCKPIT = "COCKPIT", _("on their own screen")
        NUMBER = "NUMBER", _("by the number they read out")

    programme_id = models.BigIntegerField(_("programme"))
    member = models.ForeignKey("members.Member", models.PROTECT, related_name="redemptions", verbose_name=_("member"))
    reward = models.ForeignKey(Reward, models.PROTECT, null=True, related_name="redemptions", verbose_name=_("reward"))
    unit = models.ForeignKey("ledger.Unit", models.PROTECT, null=True, related_name="+", verbose_name=_("paid in"))
    value = models.BigIntegerField(_("of the bill"), null=True)
    price = models.BigIntegerField(_("price"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.RESERVED)
    key = models.CharField(_("key"), max_length=120)
    shop = models.ForeignKey("shops.Shop", models.PROTECT, related_name="+", verbose_name=_("shop"))
    device = models.ForeignKey("shops.Device", models.PROTECT, null=True, related_name="+", verbose_name=_("device"))
    staff = models.ForeignKey("shops.User", models.PROTECT, related_name="+", verbose_name=_("served by"))
    visit = models.ForeignKey(
        "members.Visit", models.PROTECT, null=True, related_name="redemptions", verbose_name=_("visit")
    )
    took_stock = models.BooleanField(_("took stock"), default=False)
    hold = models.OneToOneField("ledger.Hold", models.PROTECT, related_name="+", editable=False)
    burn = models.OneToOneField("ledger.Posting", models.PROTECT, null=True, related_name="+", editable=False)
    wrong_numbers = models.PositiveSmallIntegerField(_("wrong numbers"), default=0)
    reserved_at = models.DateTimeField(_("reserved"))
    expires_at = models.DateTimeField(_("until"))
    redeemed_at = models.DateTimeField(_("redeemed"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    confirmed_by = models.CharField(_("customer said yes"), max_length=8, choices=Yes, blank=True)
    closed_by = models.ForeignKey(
        "shops.User", models.PROTECT, null=True, related_name="+", verbose_name=_("cancelled or undone by")
    )

    class Meta:
        verbose_name = _("redemption")
        verbose_name_plural = _("redemptions")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "key"], name="redemption_happens_once"),
            models.CheckConstraint(condition=Q(price__gt=0), name="redemption_has_a_price"),
            models.CheckConstraint(
                condition=Q(reward__isnull=False, unit__isnull=True, value__isnull=True)
                | Q(reward__isnull=True, unit__isnull=False, value__gt=0, took_stock=False),
                name="redemption_is_of_a_reward_or_of_a_bill",
            ),
            models.CheckConstraint(condition=Q(wrong_numbers__lte=5), name="redemption_number_is_tried_five_times"),
            models.CheckConstraint(
                condition=Q(state__in=["REDEEMED", "REFUNDED"], redeemed_at__isnull=False, burn__isnull=False)
                | Q(state__in=["RESERVED", "VOIDED", "EXPIRED"], redeemed_at__isnull=True, burn__isnull=True),
                name="redemption_redeemed_is_signed",
            ),
            models.CheckConstraint(
                condition=Q(redeemed_at__isnull=True) | Q(redeemed_at__lt=F("expires_at")),
                name="redemption_redeemed_in_time",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["RESERVED", "REDEEMED"], closed_at__isnull=True)
                | Q(state__in=["VOIDED", "EXPIRED", "REFUNDED"], closed_at__isnull=False),
                name="redemption_closed_has_a_time",
            ),
            # Nobody but the customer can spend: without a yes there is nothing redeemed.
            models.CheckConstraint(
                condition=Q(state__in=["REDEEMED", "REFUNDED"], confirmed_by__in=["COCKPIT", "NUMBER"])
                | Q(state__in=["RESERVED", "VOIDED", "EXPIRED"], confirmed_by=""),
                name="redemption_needs_the_customers_yes",
            ),
            models.CheckConstraint(
                condition=~Q(state="REFUNDED") | Q(closed_by__isnull=False), name="redemption_is_undone_by_somebody"
            ),
            models.UniqueConstraint(
                fields=["member"], condition=Q(state="RESERVED"), name="redemption_waits_alone_for_its_member"
            ),
        ]
        indexes = [
            models.Index(fields=["reward", "expires_at"], condition=Q(state="RESERVED"), name="redemption_open"),
            models.Index(fields=["shop", "-reserved_at"], name="redemption_of_shop"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def paid_in(self) -> Any:
        """The unit of the price, read with the redemption."""
        return self.reward.unit if self.reward else self.unit

    def state_at(self, at: datetime) -> State:
        state = self.State(self.state)
        return self.State.EXPIRED if state == self.State.RESERVED and self.expires_at <= at else state
