"""The admin's first page: today's figures, the last 30 days, what to do next."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone

from reports.chart import chart_of
from reports.next_steps import next_steps
from reports.queries import today
from shops.desk.access import access_of
from shops.models import Programme
from shops.policy import Act


def fill(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Give the page its values; called by the admin's theme. `?programme=key` chooses among several."""
    access = access_of(request)
    programmes = access.programmes_of(Act.SEE_REPORTS)
    programme = _chosen(programmes, request.GET.get("programme", ""))
    now = timezone.now()
    figures = today(programme, at=now) if programme else None
    context |= {
        "access": access,
        "programmes": programmes,
        "programme": programme,
        "now": now,
        "today": figures,
        "chart": chart_of(figures.days) if figures else None,
        "steps": next_steps(programme, figures, access=access, at=now) if programme and figures else [],
        "may_see_members": programme is not None and access.allows(Act.SEE_MEMBERS, programme_id=programme.pk),
        "may_see_orders": programme is not None and access.allows(Act.SEE_ORDERS, programme_id=programme.pk),
    }
    return context


def _chosen(programmes: list[Programme], key: str) -> Programme | None:
    named = (programme for programme in programmes if programme.key == key)
    return next(named, programmes[0] if programmes else None)
