"""Who stands at the counter: scan or type, then see what they can have."""

import re
from uuid import uuid4

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from counter.forms import ScanForm
from counter.frames import LARGEST_FRAME_BYTES, FrameRefused, text_in
from counter.pages import visit_page
from counter.refusals import refusal_of
from counter.shift import Shift, at_till, show
from counter.views.selling import found_by_number
from kernel.errors import DomainError
from members import visits
from members.buying import number_in
from members.card import looks_like_card
from members.errors import CardMalformed, CardUsed, VisitClosed
from members.models import Visit


@require_safe
@at_till
def scan(request: HttpRequest, shift: Shift) -> HttpResponse:
    """The camera, and a field that hand-held scanners and fingers type into."""
    return show(request, shift, "counter/scan.html", {"tab": "scan", "nonce": uuid4()})


@require_POST
@at_till
def open_visit(request: HttpRequest, shift: Shift) -> HttpResponse:
    """A scanned code or a typed number opens a visit, or says why not."""
    form = ScanForm(request.POST)
    if form.is_valid() and number_in(form.cleaned_data["code"]):
        return found_by_number(request, shift, form.cleaned_data["code"])
    try:
        if not form.is_valid():
            raise CardMalformed
        visit = _open(form.cleaned_data["code"], str(form.cleaned_data["nonce"]), shift)
    except DomainError as error:
        return _refused(request, shift, error)
    return redirect("counter:visit", visit.pk)


@require_safe
@at_till
def visit(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """The member's first name, what they have, and what they can take."""
    try:
        found = visits.visit_at(visit_id=visit_id, till=shift.till, at=shift.at)
    except VisitClosed as error:
        return _refused(request, shift, error)
    context = {"tab": "scan", "page": visit_page(shift, found), "key": uuid4()}
    return show(request, shift, "counter/visit.html", context)


@require_POST
@at_till
def frame(request: HttpRequest, _shift: Shift) -> HttpResponse:
    """Read one camera frame (the body, a JPEG); 204 if no code is in it."""
    if int(request.headers.get("Content-Length") or 0) > LARGEST_FRAME_BYTES:
        return HttpResponse(status=413)
    try:
        text = text_in(request.read(LARGEST_FRAME_BYTES + 1))
    except FrameRefused:
        return HttpResponse(status=422)
    return JsonResponse({"text": text}) if text else HttpResponse(status=204)


def _open(code: str, nonce: str, shift: Shift) -> Visit:
    if looks_like_card(code):
        return visits.open_visit(token=code, till=shift.till, nonce=nonce, at=shift.at)
    if re.fullmatch(r"[\d\s-]+", code, re.ASCII):
        return visits.open_visit_by_number(number=code, till=shift.till, nonce=nonce, at=shift.at)
    raise CardMalformed


def _refused(request: HttpRequest, shift: Shift, error: DomainError) -> HttpResponse:
    refusal = refusal_of(error)
    context = {"tab": "scan", "refusal": refusal, "visit": _own_visit(error, shift)}
    return show(request, shift, "counter/refused.html", context, status=refusal.status)


def _own_visit(error: DomainError, shift: Shift) -> Visit | None:
    """The visit that a code scanned twice at the same till has opened already."""
    visit_id = error.facts.get("visit")
    if not isinstance(error, CardUsed) or not isinstance(visit_id, int):
        return None
    try:
        return visits.visit_at(visit_id=visit_id, till=shift.till, at=shift.at)
    except VisitClosed:
        return None
