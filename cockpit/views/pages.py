"""History, statements and rewards."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns import statement_sheets as sheets
from cockpit.history import history_page
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from cockpit.wallet import shown_offers, wallets_of


@require_safe
@for_members
def history(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Everything that ever moved, each row with its reason."""
    page, days = history_page(visitor, number=request.GET.get("page"))
    context = {"programme": visitor.programme, "page": page, "days": days, "question": waiting_question(visitor)}
    return render(request, "cockpit/history.html", context)


@require_safe
@for_members
def statement(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What the member had, what moved and what the member has, for any days; to read, to print, to keep."""
    programme, wallet_id = visitor.programme, visitor.member.wallet_id
    form = sheets.statement_form(programme, request.GET, at=visitor.at)
    context = {
        "programme": programme,
        "member": visitor.member,
        "form": form,
        "sheet": sheets.sheet_of(wallet_id, form, programme=programme) if form.is_valid() else None,
        "shortcuts": sheets.shortcuts(programme, at=visitor.at),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/statement.html", context)


@require_safe
@for_members
def statement_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same for a spreadsheet; what can't be read is said on the page."""
    form = sheets.statement_form(visitor.programme, request.GET, at=visitor.at)
    if not form.is_valid():
        return redirect(f"{reverse('cockpit:statement')}?{request.GET.urlencode()}")
    return sheets.statement_file(visitor.member.wallet_id, form, programme=visitor.programme)


@require_safe
@for_members
def rewards(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What can be taken now, and what soon."""
    now, soon, gone = shown_offers(visitor)
    context = {
        "programme": visitor.programme,
        "wallets": wallets_of(visitor),
        "now": now,
        "soon": soon,
        "gone": gone,
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/rewards.html", context)
