"""Attributes and tags of members."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from shops.attributes import Attribute


class MemberAttribute(Attribute):
    """Something that a programme keeps about its members; the values stand in `Member.attributes`, by key."""

    class Meta(Attribute.Meta):
        abstract = False
        verbose_name = _("member attribute")
        verbose_name_plural = _("member attributes")


class Tag(models.Model):
    """A word that somebody or some rule put on a member."""

    member = models.ForeignKey("members.Member", models.CASCADE, related_name="tags", verbose_name=_("member"))
    name = models.CharField(_("tag"), max_length=40)
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        constraints = [models.UniqueConstraint(fields=["member", "name"], name="tag_is_put_once")]

    def __str__(self) -> str:
        return self.name
