"""Asking for adjustments at the desk: a form or a file, a preview, then the request."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.errors import DomainError
from kernel.periods import local_day
from ledger.adjustments import limit_used
from ledger.queries import Balance, balances_of
from ledger.services import AdjustmentPart, Requester
from members import adjusting, adjustment_file
from members.desk.adjustment_forms import AskForm, FileForm
from members.desk.adjustment_wording import refusal_text
from shops.desk.access import access_of, person_of
from shops.desk.theme import ThemedAdmin
from shops.models import Programme
from shops.policy import Act

SOURCE = "desk"
FAULTS_SHOWN = 100
COLUMNS = (
    ("member", gettext_lazy("The member's number, twelve digits.")),
    ("amount", gettext_lazy("What to add, such as 250, or to take, such as -100.")),
    ("text", gettext_lazy("What this member reads. Empty or without the column: what the form says.")),
    ("last_day", gettext_lazy("For what is added: 2027-12-31, never, or empty for as usual. May be missing.")),
)


@dataclass(frozen=True, slots=True)
class Change:
    """What a wallet has of a unit before and after; `owed` are arrears, a positive number."""

    before: int
    after: int
    owed_before: int
    owed_after: int


def change_of(balance: Balance | None, amount: int) -> Change:
    """What an amount does to a balance: what is added goes against arrears first."""
    free, owed = (balance.spendable, balance.owed) if balance else (0, 0)
    offset = min(owed, max(amount, 0))
    return Change(free, free + amount - offset, owed, owed - offset)


def ask_one(page: ThemedAdmin, request: HttpRequest) -> HttpResponse:
    """The form for one member; it posts to itself, first for the preview."""
    at, data = timezone.now(), request.POST if request.method == "POST" else None
    initial = {"who": request.GET.get("member", "")}
    form = AskForm(data, programmes=_programmes(request), at=at, initial=initial)
    if form.is_valid():
        answer = _preview_or_ask(request, form, [form.part], at)
        if isinstance(answer, HttpResponse):
            return answer
        if answer:
            return _page(page, request, "preview.html", _preview_of(form, at) | _used(request, form, at))
    return _page(page, request, "ask.html", {"title": _("Adjust points"), "form": form})


def ask_many(page: ThemedAdmin, request: HttpRequest) -> HttpResponse:
    """The same for a file of many members."""
    at, is_sent = timezone.now(), request.method == "POST"
    form = FileForm(
        request.POST if is_sent else None, request.FILES if is_sent else None, programmes=_programmes(request), at=at
    )
    shown = {"title": _("Adjust the points of many members"), "form": form, "columns": COLUMNS}
    if not form.is_valid():
        return _page(page, request, "ask_many.html", shown)
    reading = form.reading
    if reading.faults:
        faults = {"reading": reading, "faults": reading.faults[:FAULTS_SHOWN]}
        return _page(page, request, "ask_many.html", shown | faults)
    answer = _preview_or_ask(request, form, reading.parts, at)
    if isinstance(answer, HttpResponse):
        return answer
    if not answer:
        return _page(page, request, "ask_many.html", shown)
    preview = {"title": _("Ask for these adjustments?"), "reading": reading, **_said(form)}
    return _page(page, request, "preview_many.html", preview | _used(request, form, at))


def example_file(_request: HttpRequest) -> HttpResponse:
    """A file to begin with."""
    headers = {"Content-Disposition": 'attachment; filename="adjustments-example.csv"'}
    return HttpResponse(adjustment_file.EXAMPLE, "text/csv; charset=utf-8", headers=headers)


def _programmes(request: HttpRequest) -> list[Programme]:
    programmes = access_of(request).programmes_of(Act.REQUEST_ADJUSTMENT)
    if not programmes:
        raise PermissionDenied
    return programmes


def _preview_or_ask(
    request: HttpRequest, form: AskForm | FileForm, parts: Sequence[AdjustmentPart], at: datetime
) -> HttpResponse | bool:
    """The way to the new request; else whether to show the preview: if nothing refuses it and nobody went back."""
    step = request.POST.get("step")
    if step == "edit":
        return False
    try:
        with transaction.atomic():
            # What would be refused later is refused by the preview, for the same reason.
            asked = adjusting.ask(
                programme=form.programme, draft=form.draft_of(parts), by=_requester(request, form), at=at
            )
            transaction.set_rollback(step != "ask")
    except DomainError as refusal:
        field = "amount" if refusal.code == "insufficient_points" and "amount" in form.fields else None
        form.add_error(field, refusal_text(refusal, form.chosen_unit))
        return False
    if step != "ask":
        return True
    messages.success(request, _("Asked. As soon as somebody else approves, it is in the books."))
    return HttpResponseRedirect(reverse("admin:ledger_adjustment_change", args=[asked.adjustment_id]))


def _requester(request: HttpRequest, form: AskForm | FileForm) -> Requester:
    return Requester(str(request.user), person_of(request).pk, SOURCE, form.cleaned_data["token"])


def _preview_of(form: AskForm, at: datetime) -> dict[str, Any]:
    balances = balances_of(form.member.wallet_id, at=at)
    balance = next((row for row in balances if row.unit.pk == form.chosen_unit.pk), None)
    return {
        "title": _("Ask for this adjustment?"),
        "part": form.part,
        "member": form.member,
        "change": change_of(balance, form.part.amount),
        "last_day": _last_day(form),
        **_said(form),
    }


def _last_day(form: AskForm) -> date | None:
    ends = form.part.expires_at
    return local_day(ends - timedelta(microseconds=1), form.programme.zone) if ends else None


def _said(form: AskForm | FileForm) -> dict[str, Any]:
    values = form.cleaned_data
    reasons: Any = form.fields["reason"]
    return {
        "form": form,
        "unit": form.chosen_unit,
        "reason": dict(reasons.choices)[values["reason"]],
        "wording": values["wording"],
        "note": values["note"],
    }


def _used(request: HttpRequest, form: AskForm | FileForm, at: datetime) -> dict[str, Any]:
    unit = form.chosen_unit
    if unit.adjustment_limit is None:
        return {}
    used = limit_used(unit, by_id=person_of(request).pk, name=str(request.user), at=at)
    return {"limit": unit.adjustment_limit, "used": used}


def _page(page: ThemedAdmin, request: HttpRequest, template: str, shown: dict[str, Any]) -> HttpResponse:
    context = {**page.admin_site.each_context(request), "opts": page.opts, **shown}
    request.current_app = page.admin_site.name
    return TemplateResponse(request, f"members/adjustments/{template}", context)
