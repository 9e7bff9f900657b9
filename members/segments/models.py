"""Segments and who is in them."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _


class Segment(models.Model):
    """
    A named condition over the members of a programme. `moves` says that time alone makes members enter and leave, so
    that all of them are looked at each night. `refreshed_at` is when that was done last; null until it first was.
    """

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    key = models.CharField(
        _("key"),
        max_length=40,
        validators=[RegexValidator(r"^[a-z][a-z0-9_-]*$", _("Small letters, digits, - and _."))],
    )
    name = models.CharField(_("name"), max_length=80)
    condition = models.JSONField(_("condition"))
    moves = models.BooleanField(_("moves with time"), editable=False)
    refreshed_at = models.DateTimeField(_("refreshed"), null=True, editable=False)

    class Meta:
        verbose_name = _("segment")
        verbose_name_plural = _("segments")
        constraints = [models.UniqueConstraint(fields=["programme", "key"], name="segment_key_is_unique_in_programme")]

    def __str__(self) -> str:
        return self.name


class SegmentMember(models.Model):
    """A member who is in a segment, and since when."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="+", db_index=False)
    member = models.ForeignKey("members.Member", models.CASCADE, related_name="+")
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("member of a segment")
        verbose_name_plural = _("members of segments")
        constraints = [models.UniqueConstraint(fields=["segment", "member"], name="member_is_in_a_segment_once")]

    def __str__(self) -> str:
        return f"{self.segment_id}/{self.member_id}"


class Touched(models.Model):
    """A member to whom something happened since segments were last looked at."""

    member = models.OneToOneField("members.Member", models.CASCADE, primary_key=True, related_name="+")

    class Meta:
        db_table = "members_touched"
        verbose_name = _("member to look at")
        verbose_name_plural = _("members to look at")

    def __str__(self) -> str:
        return f"{self.member_id}"
