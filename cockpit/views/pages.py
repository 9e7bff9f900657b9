"""History and rewards."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

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
