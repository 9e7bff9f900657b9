"""A reward for points: asked, confirmed by the customer, handed out, undone."""

from http import HTTPStatus
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseLocation

from counter.forms import ReserveForm
from counter.pages import redemption_page, redemption_pages
from counter.refusals import refusal_of
from counter.shift import Shift, at_till, show
from kernel.errors import DomainError
from rewards import queries, services
from rewards.errors import NotOffered, NumberTriesUsedUp, RedemptionClosed, RedemptionUnknown, WrongNumber
from rewards.models import Redemption
from shops.policy import Act, may


@require_POST
@at_till
def reserve(request: HttpRequest, shift: Shift, visit_id: int) -> HttpResponse:
    """Ask the customer about the chosen reward."""
    form = ReserveForm(request.POST)
    try:
        if not form.is_valid():
            raise NotOffered(reward=request.POST.get("reward", ""))
        redemption = services.reserve(
            visit_id=visit_id,
            reward_key=form.cleaned_data["reward"],
            till=shift.till,
            key=f"{form.cleaned_data['key']}:{form.cleaned_data['reward']}",
            at=shift.at,
            from_household=form.cleaned_data["household"],
        )
    except DomainError as error:
        refusal = refusal_of(error)
        context = {"tab": "scan", "refusal": refusal, "back_to": visit_id}
        return show(request, shift, "counter/refused.html", context, status=refusal.status)
    return redirect("counter:redemption", redemption.pk)


@require_safe
@at_till
def redemption(request: HttpRequest, shift: Shift, redemption_id: int) -> HttpResponse:
    """One redemption as it stands: asked, redeemed, or how else it ended."""
    return _shown(request, shift, _found(shift, redemption_id))


@require_safe
@at_till
def state(_request: HttpRequest, shift: Shift, redemption_id: int) -> HttpResponse:
    """For the waiting page: 204 while the customer thinks, then where to look."""
    found = _found(shift, redemption_id)
    if found.state_at(shift.at) == Redemption.State.RESERVED:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    return HttpResponseLocation(resolve_url("counter:redemption", redemption_id), target="#stage")


@require_POST
@at_till
def number(request: HttpRequest, shift: Shift, redemption_id: int) -> HttpResponse:
    """The number the customer reads out."""
    try:
        services.confirm_by_number(
            redemption_id=redemption_id, number=request.POST.get("number", "")[:20], till=shift.till, at=shift.at
        )
    except RedemptionUnknown as unknown:
        raise Http404 from unknown
    except RedemptionClosed:
        pass  # the page says how it ended
    except WrongNumber as wrong:
        tries = cast("int", wrong.facts["tries_left"])
        told = ngettext("Wrong number. %(tries)s try left.", "Wrong number. %(tries)s tries left.", tries)
        return _shown(request, shift, _found(shift, redemption_id), error=told % {"tries": tries})
    except NumberTriesUsedUp:
        told = _("Too many wrong numbers. Only the customer can say yes now, on their own card.")
        return _shown(request, shift, _found(shift, redemption_id), error=told)
    return redirect("counter:redemption", redemption_id)


@require_POST
@at_till
def cancel(_request: HttpRequest, shift: Shift, redemption_id: int) -> HttpResponse:
    """Take the question back."""
    try:
        services.cancel(redemption_id=redemption_id, till=shift.till, at=shift.at)
    except RedemptionUnknown as unknown:
        raise Http404 from unknown
    except RedemptionClosed:
        pass  # the page says how it ended
    return redirect("counter:redemption", redemption_id)


@require_POST
@at_till
def undo(request: HttpRequest, shift: Shift, redemption_id: int) -> HttpResponse:
    """Give the points back and put the piece back."""
    found = _found(shift, redemption_id)
    try:
        services.undo(redemption_id=found.pk, by=shift.till.staff, at=shift.at)
    except DomainError as error:
        refusal = refusal_of(error)
        return show(
            request, shift, "counter/refused.html", {"tab": "recent", "refusal": refusal}, status=refusal.status
        )
    return redirect("counter:redemption", redemption_id)


@require_safe
@at_till
def recent(request: HttpRequest, shift: Shift) -> HttpResponse:
    """This device's last redemptions; a manager can look at the whole shop's."""
    manages = may(shift.till.staff, Act.UNDO_ANY_REDEMPTION, shift.till.programme, shift.shop)
    of_shop = manages and request.GET.get("of") == "shop"
    found = queries.last_redemptions(shop=shift.shop, device=None if of_shop else shift.till.device)
    context = {"tab": "recent", "pages": redemption_pages(shift, found), "manages": manages, "of_shop": of_shop}
    return show(request, shift, "counter/recent.html", context)


def _found(shift: Shift, redemption_id: int) -> Redemption:
    found = queries.redemptions().filter(pk=redemption_id, shop=shift.shop).first()
    if found is None:
        raise Http404
    return found


def _shown(request: HttpRequest, shift: Shift, found: Redemption, *, error: str = "") -> HttpResponse:
    context = {"tab": "scan", "page": redemption_page(shift, found), "error": error}
    status = HTTPStatus.UNPROCESSABLE_ENTITY if error else HTTPStatus.OK
    return show(request, shift, "counter/redemption.html", context, status=status)
