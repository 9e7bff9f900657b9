"""Amounts of one unit that become amounts of another."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.books import Posting
from ledger.models.units import Unit


class ConversionTerms(models.Model):
    """
    Each whole `chunk` of one unit becomes `gives` of another (minor units of each). Members may do it themselves while
    it `is_offered`; the night does it for everybody while it `is_automatic`.
    """

    source_unit = models.ForeignKey(Unit, models.PROTECT, related_name="conversions", verbose_name=_("from"))
    target_unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name=_("to"))
    chunk = models.BigIntegerField(_("each"))
    gives = models.BigIntegerField(_("becomes"))
    is_offered = models.BooleanField(_("members may do it themselves"), default=True)
    is_automatic = models.BooleanField(_("done for everybody each night"), default=False)

    class Meta:
        verbose_name = _("conversion")
        verbose_name_plural = _("conversions")
        constraints = [
            models.UniqueConstraint(fields=["source_unit", "target_unit"], name="conversion_is_one_between_two_units"),
            models.CheckConstraint(condition=~Q(source_unit=F("target_unit")), name="conversion_changes_the_unit"),
            models.CheckConstraint(condition=Q(chunk__gt=0, gives__gt=0), name="conversion_moves_something"),
        ]

    def __str__(self) -> str:
        return f"{self.source_unit} → {self.target_unit}"


class Conversion(models.Model):
    """What one conversion did, with the terms as they were: `chunks` of `chunk` became as many times `gives`."""

    posting = models.OneToOneField(Posting, models.PROTECT, related_name="conversion", db_constraint=False)
    terms = models.ForeignKey(ConversionTerms, models.PROTECT, related_name="done", verbose_name=_("terms"))
    chunks = models.BigIntegerField(_("times"))
    chunk = models.BigIntegerField(_("each"))
    gives = models.BigIntegerField(_("became"))

    class Meta:
        verbose_name = _("conversion that was done")
        verbose_name_plural = _("conversions that were done")
        constraints = [models.CheckConstraint(condition=Q(chunks__gt=0), name="conversion_did_something")]

    def __str__(self) -> str:
        return f"{self.chunks} * {self.chunk}"
