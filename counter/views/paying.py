"""A part of the bill for points: how much is there, how much of it, then the customer is asked as for a reward."""

from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from counter.forms import BillForm, PaymentForm
from counter.names import name_of
from counter.paying import payables
from counter.refusals import refusal_of
from counter.shift import Shift, at_till, show
from kernel.errors import DomainError
from ledger.queries import units_of
from members import visits
from rewards import services
from rewards.errors import PaymentNotOffered


@require_safe
@at_till
def bill(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """Ask for the bill's total; with it, show what could be paid with points."""
    try:
        visit = visits.visit_at(visit_id=visit_id, till=shift.till, at=shift.at)
    except DomainError as error:
        return _refused(request, shift, error, visit_id)
    form = BillForm(request.GET or None, programme=shift.till.programme)
    total = form.cleaned_data["total"] if form.is_valid() else None
    context = {
        "tab": "scan",
        "visit": visit,
        "name": name_of(visit.member),
        "form": form,
        "total": total,
        "payables": payables(shift, visit, total=total) if total else [],
        "key": uuid4(),
    }
    return show(request, shift, "counter/bill.html", context)


@require_POST
@at_till
def pay(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """Ask the customer about the chosen points."""
    programme = shift.till.programme
    unit = next((unit for unit in units_of(programme.pk) if unit.code == request.POST.get("unit")), None)
    try:
        if unit is None:
            raise PaymentNotOffered(reason="not_a_means_of_payment")
        form = PaymentForm(request.POST, programme=programme, unit=unit)
        if not form.is_valid():
            raise PaymentNotOffered(reason="off_step")
        values = form.cleaned_data
        bill = services.Bill(values["total"], unit.pk, values["amount"], from_household=values["household"])
        key = f"{values['key']}:{unit.code}:{bill.points}:{bill.total}"
        asked = services.reserve_payment(visit_id=visit_id, bill=bill, till=shift.till, key=key, at=shift.at)
    except DomainError as error:
        return _refused(request, shift, error, visit_id)
    return redirect("counter:redemption", asked.pk)


def _refused(request: HttpRequest, shift: Shift, error: DomainError, visit_id: int) -> HttpResponse:
    refusal = refusal_of(error)
    context = {"tab": "scan", "refusal": refusal, "back_to": visit_id}
    return show(request, shift, "counter/refused.html", context, status=refusal.status)
