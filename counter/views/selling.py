"""Points and stored value for money at the till: choose, take the money, done; or take it for what waits already."""

from http import HTTPStatus
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from counter.forms import ReceiptForm, SellForm
from counter.names import name_of
from counter.refusals import refusal_of
from counter.selling import purchase_page, saleable_unit, saleables
from counter.shift import Shift, at_till, show
from kernel.errors import DomainError
from ledger.errors import PurchaseAmountRefused, PurchaseNotOffered
from members import buying, selling, visits


@require_safe
@at_till
def choose(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """What is on sale, and what it costs."""
    try:
        visit = visits.visit_at(visit_id=visit_id, till=shift.till, at=shift.at)
    except DomainError as error:
        return _refused(request, shift, error)
    context = {
        "tab": "scan",
        "visit": visit,
        "name": name_of(visit.member),
        "saleables": saleables(shift, visit),
        "key": uuid4(),
    }
    return show(request, shift, "counter/sell.html", context)


@require_POST
@at_till
def ask(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """The customer wants it; the money comes next."""
    try:
        visit = visits.visit_at(visit_id=visit_id, till=shift.till, at=shift.at)
        code = request.POST.get("unit", "")
        terms = saleable_unit(shift, code)
        if terms is None:
            raise PurchaseNotOffered(unit=code)
        form = SellForm(request.POST, unit=terms.unit)
        if not form.is_valid():
            raise PurchaseAmountRefused(reason="off_step")
        values = form.cleaned_data
        asked = buying.request(
            member=visit.member,
            terms=terms,
            amount=values["amount"],
            source=selling.COUNTER,
            key=f"{values['key']}:{terms.unit.code}:{values['amount']}",
            at=shift.at,
        )
    except DomainError as error:
        return _refused(request, shift, error, visit_id)
    return redirect("counter:purchase", asked.purchase.pk)


@require_safe
@at_till
def purchase(request: HttpRequest, shift: Shift, purchase_id: int) -> HttpResponse:
    """One purchase: what to take for it, or what became of it."""
    return _shown(request, shift, purchase_id, ReceiptForm())


@require_POST
@at_till
def take(request: HttpRequest, shift: Shift, purchase_id: int) -> HttpResponse:
    """The money is in the till."""
    form = ReceiptForm(request.POST)
    if not form.is_valid():
        return _shown(request, shift, purchase_id, form)
    try:
        receipt = form.cleaned_data["receipt"]
        selling.take_money(purchase_id=purchase_id, receipt=receipt, till=shift.till, at=shift.at)
    except DomainError as error:
        return _refused(request, shift, error)
    return redirect("counter:purchase", purchase_id)


@require_POST
@at_till
def cancel(request: HttpRequest, shift: Shift, purchase_id: int) -> HttpResponse:
    """The customer does not want it after all."""
    try:
        selling.give_up(purchase_id=purchase_id, till=shift.till, at=shift.at)
    except DomainError as error:
        return _refused(request, shift, error)
    return redirect("counter:purchase", purchase_id)


def found_by_number(request: HttpRequest, shift: Shift, text: str) -> HttpResponse:
    """The purchase whose number was scanned or typed."""
    try:
        found, _member = selling.purchase_by_number(text=text, till=shift.till)
    except DomainError as error:
        return _refused(request, shift, error)
    return redirect("counter:purchase", found.pk)


def _shown(request: HttpRequest, shift: Shift, purchase_id: int, form: ReceiptForm) -> HttpResponse:
    try:
        found, member = selling.purchase_at(purchase_id=purchase_id, till=shift.till)
    except DomainError as error:
        return _refused(request, shift, error)
    context = {"tab": "scan", "page": purchase_page(shift, found, member), "form": form}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    return show(request, shift, "counter/purchase.html", context, status=status)


def _refused(request: HttpRequest, shift: Shift, error: DomainError, visit_id: int | None = None) -> HttpResponse:
    refusal = refusal_of(error)
    context = {"tab": "scan", "refusal": refusal, "back_to": visit_id}
    return show(request, shift, "counter/refused.html", context, status=refusal.status)
