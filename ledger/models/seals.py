"""Closed stretches of the books, and the seals on them."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class Sealing(models.Model):
    """
    A stretch of postings, by number, that is closed: nothing may be posted into it any more.

    First it is announced, then those who could not know of it are waited for, then it is sealed (`sql/sealing.sql`).
    """

    after = models.BigIntegerField(_("after posting"), unique=True)
    until = models.BigIntegerField(_("up to posting"), unique=True)
    closes_at = models.DateTimeField(_("closed"))
    waits_for = ArrayField(models.TextField(), null=True)
    sealed_at = models.DateTimeField(_("sealed"), null=True)

    class Meta:
        verbose_name = _("closed stretch")
        verbose_name_plural = _("closed stretches")
        constraints = [models.CheckConstraint(condition=Q(until__gt=F("after")), name="sealing_holds_something")]

    def __str__(self) -> str:
        return f"{self.after + 1}-{self.until}"


class Seal(models.Model):
    """One programme's part of a closed stretch. `hash` covers every row of it, and the programme's seal before."""

    programme_id = models.BigIntegerField(_("programme"))
    number = models.BigIntegerField(_("number"))
    sealing = models.ForeignKey(Sealing, models.PROTECT, related_name="seals", verbose_name=_("closed stretch"))
    rows = models.BigIntegerField(_("rows"))
    previous = models.BinaryField(_("seal before"))
    hash = models.BinaryField(_("hash"))

    class Meta:
        verbose_name = _("seal")
        verbose_name_plural = _("seals")
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "number"], name="seal_number_is_unique_in_programme"),
            models.UniqueConstraint(fields=["sealing", "programme_id"], name="seal_is_one_per_stretch"),
        ]

    def __str__(self) -> str:
        return f"#{self.number}"


class SealPart(models.Model):
    """A thousand postings of a seal. `prints` has the first four bytes of each row's hash, to name what changed."""

    seal = models.ForeignKey(Seal, models.PROTECT, related_name="parts", db_index=False)
    bucket = models.BigIntegerField()
    rows = models.IntegerField()
    hash = models.BinaryField()
    prints = models.BinaryField()

    class Meta:
        verbose_name = _("part of a seal")
        verbose_name_plural = _("parts of seals")
        constraints = [models.UniqueConstraint(fields=["seal", "bucket"], name="seal_part_is_unique")]

    def __str__(self) -> str:
        return f"{self.seal} {self.bucket}"
