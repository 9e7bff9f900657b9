"""What a unit costs: a part of its page, and the form of its terms."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from ledger.buying import Offer
from ledger.models import Unit
from ledger.purchase_examples import example_sentence, limit_sentence, price_sentence
from ledger.purchase_forms import PurchaseTermsForm
from ledger.purchases import latest_terms, offer_of
from ledger.services import set_purchase_terms
from shops.desk import panels
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act


def purchase_terms_page(page: ThemedAdmin, request: HttpRequest, unit: Unit) -> HttpResponse:
    """Keep what a unit costs; with `?example` only say what the form, as it is filled in so far, would mean."""
    if unit.klass == Unit.Klass.QUALIFYING:
        raise PermissionDenied
    stored = latest_terms(unit)
    form = PurchaseTermsForm(request.POST or None, unit=unit, stored=stored)
    is_valid = form.is_valid()
    if "example" in request.GET:
        shown = _told(form.offer, unit) if is_valid else {}
        return TemplateResponse(request, "ledger/admin/purchase_terms_example.html", shown)
    if is_valid:
        set_purchase_terms(
            unit=unit,
            offer=form.offer,
            is_offered=form.cleaned_data["is_offered"],
            by=str(request.user),
            at=timezone.now(),
        )
        messages.success(request, _("Saved. What was asked for or bought before keeps its terms."))
        return HttpResponseRedirect(reverse("admin:ledger_unit_change", args=[unit.pk]))
    context: dict[str, Any] = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "original": unit,
        "title": _("Selling %(unit)s") % {"unit": unit.name},
        "form": form,
        **(_told(offer_of(stored), unit) if stored else {}),
    }
    request.current_app = page.admin_site.name
    return TemplateResponse(request, "ledger/admin/purchase_terms_form.html", context)


def _panel(unit: Any, _at: datetime) -> Mapping[str, object] | None:
    if unit.klass == Unit.Klass.QUALIFYING:
        return None
    terms = latest_terms(unit)
    return {"terms": terms, **(_told(offer_of(terms), unit) if terms else {})}


def _told(offer: Offer, unit: Unit) -> dict[str, str]:
    return {
        "price": price_sentence(offer, unit),
        "example": example_sentence(offer, unit),
        "limits": limit_sentence(offer, unit),
    }


panels.add(
    "ledger.Unit",
    Panel(
        "ledger/admin/purchase_terms.html", _panel, (Act.SEE_LEDGER, Act.EDIT_REWARDS, Act.EDIT_SETUP), Place.MAIN, 12
    ),
)
