"""What one person may ask for within 24 hours: a page of its own for system owners, beside the unit."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger import services as ledger
from ledger.queries import units_in
from members.desk.adjustment_forms import LimitForm
from shops.desk import panels
from shops.desk.access import access_of
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act

OWNERS = (Act.EDIT_SETUP,)


def limit_page(page: ThemedAdmin, request: HttpRequest, unit_id: int) -> HttpResponse:
    """Show and change the limit of a unit."""
    programme_ids = access_of(request).programme_ids(*OWNERS)
    if not programme_ids:
        raise PermissionDenied
    unit = get_object_or_404(units_in(sorted(programme_ids)), pk=unit_id)
    form = LimitForm(request.POST if request.method == "POST" else None, unit=unit)
    if not form.is_valid():
        shown = {"lead": _("Against large requests that are split into small ones. It counts per person and unit.")}
        title = _("Manual adjustments of %(unit)s") % {"unit": unit.name}
        return form_page(page, request, form, title=title, submit=_("Save the limit"), shown=shown)
    ledger.limit_adjustments(unit_id=unit.pk, limit=form.cleaned_data["limit"])
    messages.success(request, _("Saved. It counts from the next request on."))
    return HttpResponseRedirect(reverse("admin:ledger_unit_change", args=[unit.pk]))


def _limit(unit: Any, _at: datetime) -> Mapping[str, object]:
    return {"unit": unit}


panels.add("ledger.Unit", Panel("members/adjustments/limit.html", _limit, OWNERS, Place.SIDE, 50))
