"""What a unit is worth at the checkout: a part of its page, and the form of its terms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from ledger.checkout import stored_terms
from ledger.models import Unit
from ledger.paying import Terms
from ledger.payment_examples import example_sentence, worth_sentence
from ledger.payment_forms import PaymentForm
from ledger.services import accept_as_payment
from shops.desk import panels
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act


def payment_page(page: ThemedAdmin, request: HttpRequest, unit: Unit) -> HttpResponse:
    """Keep what a unit is worth; with `?example` only say what the form, as it is filled in so far, would mean."""
    if unit.klass == Unit.Klass.QUALIFYING:
        raise PermissionDenied
    stored = stored_terms(unit)
    form = PaymentForm(request.POST or None, unit=unit, stored=stored)
    is_valid = form.is_valid()
    if "example" in request.GET:
        return TemplateResponse(
            request, "ledger/admin/payment_example.html", _told(form.terms, unit) if is_valid else {}
        )
    if is_valid:
        accept_as_payment(unit=unit, terms=form.terms, is_accepted=form.cleaned_data["is_accepted"])
        messages.success(request, _("Saved. Checkouts go by it from now on."))
        return HttpResponseRedirect(reverse("admin:ledger_unit_change", args=[unit.pk]))
    shown = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": unit,
        "title": _("Paying with %(unit)s") % {"unit": unit.name},
        "form": form,
        **(_told(stored[0], unit) if stored else {}),
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "ledger/admin/payment_form.html", shown)


def _panel(unit: Any, _at: datetime) -> Mapping[str, object] | None:
    if unit.klass == Unit.Klass.QUALIFYING:
        return None
    terms, is_accepted = stored_terms(unit) or (None, False)
    return {"is_accepted": is_accepted, **(_told(terms, unit) if terms else {})}


def _told(terms: Terms, unit: Unit) -> dict[str, str]:
    return {"worth": worth_sentence(terms, unit), "example": example_sentence(terms, unit)}


panels.add(
    "ledger.Unit",
    Panel("ledger/admin/payment.html", _panel, (Act.SEE_LEDGER, Act.EDIT_REWARDS, Act.EDIT_SETUP), Place.MAIN, 10),
)
