"""History, statements and rewards."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns.statements import statement_csv
from cockpit.history import history_page
from cockpit.questions import waiting_question
from cockpit.statement import asked_statement, sheet_of, shortcuts, statement_form
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
    form = statement_form(visitor, request.GET)
    context = {
        "programme": visitor.programme,
        "member": visitor.member,
        "form": form,
        "sheet": sheet_of(visitor, form) if form.is_valid() else None,
        "shortcuts": shortcuts(visitor),
        "asked": urlencode({name: form.data[name] for name in form.fields}),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/statement.html", context)


@require_safe
@for_members
def statement_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same for a spreadsheet; what can't be read is said on the page."""
    form = statement_form(visitor, request.GET)
    if not form.is_valid():
        return redirect(f"{reverse('cockpit:statement')}?{request.GET.urlencode()}")
    text = statement_csv(asked_statement(visitor, form), programme=visitor.programme)
    name = f"{visitor.programme.key}-{form.cleaned_data['since']}-{form.cleaned_data['until']}.csv"
    # The mark at the beginning tells spreadsheets that this is UTF-8.
    content = f"\ufeff{text}".encode()
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="text/csv; charset=utf-8", headers=headers)


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
