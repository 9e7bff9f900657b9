"""
Further pages of a record, added by the rooms above as they add panels: an account statement stands above the member.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from shops.policy import Act


@dataclass(frozen=True, slots=True)
class Answer:
    """What a page shows: a template with its values, or a response that is sent as it is."""

    title: Any = ""
    template: str = ""
    values: Mapping[str, object] | None = None
    response: HttpResponse | None = None


@dataclass(frozen=True, slots=True)
class RecordPage:
    """
    A page at `<record>/<name>/`, only looked at: `answer(request, record, at)`.

    Who may do none of `acts` in the record's programme is refused.
    """

    name: str
    answer: Callable[[HttpRequest, Any, datetime], Answer]
    acts: tuple[Act, ...]


_pages: dict[str, list[RecordPage]] = {}


def add(record: str, *pages: RecordPage) -> None:
    """Add pages to a model, named as in `members.Member`; called once while the app starts."""
    _pages.setdefault(record.lower(), []).extend(pages)


def pages_of(record: str) -> list[RecordPage]:
    """The further pages of a model."""
    return _pages.get(record.lower(), [])
