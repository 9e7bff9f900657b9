"""What units are worth at the checkout."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.units import Unit


class PaymentTerms(models.Model):
    """
    What a unit is worth at the checkout: `units` minor units of it pay `money` minor units of the programme's currency.

    `minimum`, `maximum` and `step` are minor units of the unit for one order, `share_percent` the part of an order that
    may be paid with it. `earns` says whether the part that it paid earns points like money does.
    """

    unit = models.OneToOneField(Unit, models.PROTECT, related_name="payment", verbose_name=_("unit"))
    is_accepted = models.BooleanField(_("accepted"), default=True)
    units = models.BigIntegerField(_("units"))
    money = models.BigIntegerField(_("money"))
    minimum = models.BigIntegerField(_("at least"), default=1)
    maximum = models.BigIntegerField(_("at most"), null=True, blank=True)
    step = models.BigIntegerField(_("in steps of"), default=1)
    share_percent = models.PositiveSmallIntegerField(_("at most of an order"), default=100)
    earns = models.BooleanField(_("earns"), default=False)

    class Meta:
        verbose_name = _("payment terms")
        verbose_name_plural = _("payment terms")
        constraints = [
            models.CheckConstraint(condition=Q(units__gt=0, money__gt=0), name="payment_is_worth_something"),
            models.CheckConstraint(
                condition=Q(minimum__gt=0, step__gt=0) & (Q(maximum__isnull=True) | Q(maximum__gte=F("minimum"))),
                name="payment_limits_make_sense",
            ),
            models.CheckConstraint(
                condition=Q(share_percent__gte=1, share_percent__lte=100), name="payment_share_is_a_percentage"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.units}:{self.money}"
