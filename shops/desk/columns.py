"""Columns that many lists show, made for each request as they link to what the person may open."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.dateformat import format as dated
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from shops.desk.access import Access
from shops.desk.theme import column
from shops.policy import Act

NOTHING = "–"  # noqa: RUF001  # people read a dash, not a hyphen


def link(page: str, key: object, text: object) -> SafeString:
    """A link to a page of the admin."""
    return format_html('<a class="d-link" href="{}">{}</a>', reverse(f"admin:{page}", args=[key]), text)


def moment(field: str, title: Any) -> Callable[[Any], str]:
    """The instant in `field`, in the active time zone."""

    @column(description=title, ordering=field)
    def shown(row: Any) -> str:
        return shown_moment(getattr(row, field))

    # Names the column in the page's markup and in the sort order's address.
    shown.__name__ = field
    return shown


def shown_moment(at: datetime | None) -> str:
    """A local day and time, kept on one line."""
    if at is None:
        return NOTHING
    return format_html('<span class="d-nowrap">{}</span>', dated(timezone.localtime(at), "j M Y, H:i"))


def member_column(access: Access) -> Callable[[Any], str]:
    """
    The member of a row with `programme_id` and `member`: linked for those who see members, the bare number for others.
    """

    @column(description=_("member"))
    def member(row: Any) -> str:
        if row.member is None:
            return NOTHING
        if not access.allows(Act.SEE_MEMBERS, programme_id=row.programme_id):
            return str(row.member.number)
        return link("members_member_change", row.member_id, row.member)

    return member
