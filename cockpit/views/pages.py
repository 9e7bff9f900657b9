"""History, statements and rewards."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from campaigns import statement_sheets as sheets
from cockpit.history import history_page
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from cockpit.wallet import purses_of, shown_offers, wallets_of
from members.households.models import Household
from members.households.queries import place_of


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
    return _statement(request, visitor, None)


@require_safe
@for_members
def household_statement(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same for the pool of the member's household."""
    return _statement(request, visitor, _household(visitor))


@require_safe
@for_members
def statement_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The same for a spreadsheet; what can't be read is said on the page."""
    return _statement_file(request, visitor, None)


@require_safe
@for_members
def household_statement_file(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The pool's for a spreadsheet."""
    return _statement_file(request, visitor, _household(visitor))


def _statement(request: HttpRequest, visitor: Visitor, household: Household | None) -> HttpResponse:
    programme = visitor.programme
    wallet_id = household.pool_id if household else visitor.member.wallet_id
    form = sheets.statement_form(programme, request.GET, at=visitor.at)
    context = {
        "programme": programme,
        "member": visitor.member,
        "household": household,
        "form": form,
        "sheet": sheets.sheet_of(wallet_id, form, programme=programme) if form.is_valid() else None,
        "shortcuts": sheets.shortcuts(programme, at=visitor.at),
        "file_url": reverse("cockpit:household_statement_file" if household else "cockpit:statement_file"),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/statement.html", context)


def _statement_file(request: HttpRequest, visitor: Visitor, household: Household | None) -> HttpResponse:
    form = sheets.statement_form(visitor.programme, request.GET, at=visitor.at)
    if not form.is_valid():
        page = reverse("cockpit:household_statement" if household else "cockpit:statement")
        return redirect(f"{page}?{request.GET.urlencode()}")
    wallet_id = household.pool_id if household else visitor.member.wallet_id
    name = f"{visitor.programme.key}-household" if household else visitor.programme.key
    return sheets.statement_file(wallet_id, form, programme=visitor.programme, name=name)


def _household(visitor: Visitor) -> Household:
    place = place_of(visitor.member)
    if place is None:
        raise Http404
    return place.household


@require_safe
@for_members
def rewards(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What can be taken now, and what soon."""
    now, soon, gone = shown_offers(visitor)
    context = {
        "programme": visitor.programme,
        "wallets": wallets_of(visitor),
        "purses": purses_of(visitor),
        "now": now,
        "soon": soon,
        "gone": gone,
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/rewards.html", context)
