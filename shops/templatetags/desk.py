"""What the admin's templates need: amounts in words, links, panels."""

from datetime import datetime, timedelta
from typing import Any

from django import template
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from kernel import wording
from shops.desk.panels import Filled
from shops.models import Programme

register = template.Library()


@register.filter
def units(minor: int, decimals: int = 0) -> str:
    """Minor units as a number."""
    return wording.number_text(minor, decimals=decimals, language=_language())


@register.filter
def signed(minor: int, decimals: int = 0) -> str:
    """Minor units as a number that always shows its sign."""
    return wording.signed_text(minor, decimals=decimals, language=_language())


@register.filter
def money(minor: int, programme: Programme) -> str:
    """Minor units of the programme's currency."""
    return wording.money_text(
        minor, currency=programme.currency, decimals=programme.currency_decimals, language=_language()
    )


@register.filter
def pieces(thousandths: int) -> str:
    """Thousandths of a piece as pieces."""
    return wording.number_text(thousandths, decimals=3, language=_language())


@register.filter
def last_day(until: datetime) -> datetime:
    """The last moment before an exclusive end: the day people would name."""
    return until - timedelta(microseconds=1)


@register.filter
def ago(at: datetime) -> str:
    """How long ago something was, roughly."""
    if timezone.now() - at < timedelta(minutes=1):
        return _("just now")
    return _("%(time)s ago") % {"time": timesince(at, depth=1)}


@register.simple_tag(takes_context=True)
def panel(context: Context, filled: Filled) -> SafeString:
    """Draw a part of a record's page."""
    shared: dict[str, Any] = {name: context.get(name) for name in ("record", "programme", "now")}
    return render_to_string(filled.template, {**shared, **filled.values}, request=context.get("request"))


def _language() -> str:
    return get_language() or "en"
