"""What programmes declare for themselves: a key, what values it holds, and the value where none was told."""

from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from conditions.operators import Op, read_value
from conditions.vocabulary import FieldType
from shops.errors import AttributeInvalid
from shops.models import Programme

LONGEST_TEXT = 200
Value = str | int | bool
_LARGEST_NUMBER = 10**15


class Kind(models.TextChoices):
    """What an attribute holds, as conditions know it."""

    TEXT = FieldType.TEXT.value, _("text")
    NUMBER = FieldType.NUMBER.value, _("whole number")
    FLAG = FieldType.FLAG.value, _("yes or no")
    DATE = FieldType.DATE.value, _("date")


class Attribute(models.Model):
    """
    An attribute of one programme. `default` is the value of those of whom none was told; null for none.

    Published rules speak of it, so its key, type and default never change; the label may.
    """

    programme = models.ForeignKey("shops.Programme", models.PROTECT, related_name="+", verbose_name=_("programme"))
    key = models.CharField(
        _("key"), max_length=40, validators=[RegexValidator(r"^[a-z][a-z0-9_]*$", _("Small letters, digits and _."))]
    )
    type = models.CharField(_("type"), max_length=10, choices=Kind)
    label = models.CharField(_("label"), max_length=60)
    default = models.JSONField(_("where none was told"), null=True, blank=True)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["programme", "key"], name="%(class)s_key_is_unique_in_programme"),
            models.CheckConstraint(condition=Q(type__in=Kind.values), name="%(class)s_type_is_known"),
        ]

    def __str__(self) -> str:
        return self.label


Declared = TypeVar("Declared", bound=Attribute)


def declare(
    model: type[Declared], *, programme: Programme, key: str, kind: str, label: str, default: Value | None = None
) -> Declared:
    """
    Give a programme an attribute of a kind of things. What was declared stays; only the label may change.

    :raises AttributeInvalid: for a key that can't be or is taken, or a default that is no such value
    """
    attribute = model(programme=programme, key=key, type=kind, label=label.strip(), default=default)
    try:
        attribute.full_clean()
        if default is not None:
            read(kind, default)
    except (ValidationError, ValueError) as error:
        is_taken = isinstance(error, ValidationError)
        raise AttributeInvalid(key=key, type=kind, default=default, is_taken=is_taken) from error
    attribute.save()
    return attribute


def rename(*, attribute: Attribute, label: str) -> None:
    """Call an attribute by another label; nothing else of it ever changes."""
    attribute.label = label.strip()
    attribute.save(update_fields=["label"])


def read(kind: str, value: Any) -> Value:
    """
    A value of an attribute, as JSON has it.

    :raises ValueError: with what was expected
    """
    found: Value = read_value(value, FieldType(kind), Op.EQ)
    if isinstance(value, str) and not 0 < len(value) <= LONGEST_TEXT:
        raise ValueError(f"text of at most {LONGEST_TEXT} characters")
    if type(value) is int and abs(value) > _LARGEST_NUMBER:
        raise ValueError(f"a whole number of at most {_LARGEST_NUMBER}")
    return found
