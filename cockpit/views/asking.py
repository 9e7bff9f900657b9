"""The shop's question and the member's answer."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from cockpit.questions import question, waiting_question
from cockpit.visitor import Visitor, for_members
from rewards import services as rewards
from rewards.errors import RedemptionClosed, RedemptionUnknown


@require_safe
@for_members
def asked(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """
    The open question as a part of a page, for `question.js`; 204 if there is none.

    `?shown=` names the question on the member's screen: once it is closed, the part tells how it ended.
    """
    shown = request.GET.get("shown", "")
    found = waiting_question(visitor)
    if found is None and shown.isdecimal():
        found = question(visitor, int(shown))
    if found is None:
        return HttpResponse(status=204)
    response = render(request, "cockpit/question.html", {"question": found})
    response["X-Question"] = f"{found.id}:{found.stage}"
    return response


@require_safe
@for_members
def answer_page(request: HttpRequest, visitor: Visitor, redemption_id: int) -> HttpResponse:
    """One question on a page of its own: asked still, or how it ended."""
    found = question(visitor, redemption_id)
    if found is None:
        raise Http404
    return render(request, "cockpit/answer.html", {"programme": visitor.programme, "question": found})


@require_safe
@for_members
def look(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Where a member without scripts looks whether a shop asks something."""
    found = waiting_question(visitor)
    return render(request, "cockpit/answer.html", {"programme": visitor.programme, "question": found})


@require_POST
@for_members
def answer(_request: HttpRequest, visitor: Visitor, redemption_id: int, *, is_yes: bool) -> HttpResponse:
    """Spend the points, or keep them."""
    act = rewards.confirm if is_yes else rewards.decline
    try:
        act(redemption_id=redemption_id, member=visitor.member, at=visitor.at)
    except RedemptionUnknown as unknown:
        raise Http404 from unknown
    except RedemptionClosed:
        # Too late: the next page says how it ended.
        pass
    return redirect("cockpit:answer", redemption_id)
