"""What is done once for each local day of a programme."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class NightlyRun(models.Model):
    """
    What is done once for each local day of a programme, in steps. `at` is the instant for which it is done, however
    long it takes.

    `problem` is what the last try met, empty while all goes well; `failures` counts the tries that met something.
    """

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    day = models.DateField(_("day"))
    at = models.DateTimeField(_("as of"))
    finished_at = models.DateTimeField(_("finished"), null=True)
    stopped_at = models.DateTimeField(_("stopped"), null=True)
    stopped_by = models.CharField(_("stopped by"), max_length=120, blank=True)
    failures = models.PositiveIntegerField(_("failures"), default=0)
    problem = models.TextField(_("problem"), blank=True)

    class Meta:
        verbose_name = _("nightly run")
        verbose_name_plural = _("nightly runs")
        constraints = [models.UniqueConstraint(fields=["programme", "day"], name="nightly_run_is_one_a_day")]
        indexes = [
            models.Index(fields=["at"], condition=Q(finished_at__isnull=True), name="nightly_run_unfinished"),
        ]

    def __str__(self) -> str:
        return f"{self.day}"


class NightlyStep(models.Model):
    """One step of a run: how much there was to do when it began, how much is done, and where it goes on."""

    run = models.ForeignKey(NightlyRun, models.CASCADE, related_name="steps", verbose_name=_("run"))
    position = models.PositiveSmallIntegerField(_("position"))
    name = models.CharField(_("step"), max_length=40)
    total = models.BigIntegerField(_("to do"), null=True)
    done = models.BigIntegerField(_("done"), default=0)
    cursor = models.BigIntegerField(_("goes on after"), default=0)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("step of a nightly run")
        verbose_name_plural = _("steps of nightly runs")
        constraints = [models.UniqueConstraint(fields=["run", "position"], name="nightly_step_has_its_place")]

    def __str__(self) -> str:
        return self.name
