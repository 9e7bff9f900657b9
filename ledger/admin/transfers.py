"""On which terms members send each other a unit: a part of its page, and the form."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.models import Unit
from ledger.services import offer_transfers
from ledger.transfer_forms import TransferTermsForm
from ledger.transfer_sentences import terms_sentences
from ledger.transfers import stored_rules
from shops.desk import panels
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act


def transfers_page(page: ThemedAdmin, request: HttpRequest, unit: Unit) -> HttpResponse:
    """Ask for the terms and keep them."""
    if unit.klass == Unit.Klass.QUALIFYING:
        raise PermissionDenied
    form = TransferTermsForm(request.POST or None, unit=unit, stored=stored_rules(unit))
    if not form.is_valid():
        shown = {
            "original": unit,
            "lead": _("What members send keeps the day on which it expires, so nothing lives longer by it."),
        }
        title = _("Sending %(unit)s") % {"unit": unit.name}
        return form_page(page, request, form, title=title, submit=_("Save"), shown=shown)
    offer_transfers(unit=unit, rules=form.rules, is_offered=form.cleaned_data["is_offered"])
    messages.success(request, _("Saved. It counts from now on; open offers keep their terms."))
    return HttpResponseRedirect(reverse("admin:ledger_unit_change", args=[unit.pk]))


def _panel(unit: Any, _at: datetime) -> Mapping[str, object] | None:
    if unit.klass == Unit.Klass.QUALIFYING:
        return None
    rules, is_offered = stored_rules(unit) or (None, False)
    return {"is_offered": is_offered, "sentences": list(terms_sentences(rules, unit)) if rules else []}


panels.add(
    "ledger.Unit",
    Panel("ledger/admin/transfers.html", _panel, (Act.SEE_LEDGER, Act.EDIT_REWARDS, Act.EDIT_SETUP), Place.MAIN, 11),
)
