"""Points turned into something else, by the member."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cockpit.exchange import done_sentence, exchanges_for, offered
from cockpit.forms import ExchangeForm
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from ledger.errors import InsufficientPoints, ReferenceReused
from members.exchanging import exchange


@require_safe
@for_members
def exchanges(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What can be converted, and into what."""
    context = {
        "programme": visitor.programme,
        "exchanges": exchanges_for(visitor),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/exchange.html", context)


@require_POST
@for_members
def convert(request: HttpRequest, visitor: Visitor, terms_id: int) -> HttpResponse:
    """Convert what was chosen; the same page sent again converts nothing more."""
    terms, form = offered(visitor, terms_id), ExchangeForm(request.POST)
    if terms is None or not form.is_valid():
        raise Http404
    try:
        done = exchange(
            member=visitor.member,
            terms=terms,
            chunks=form.cleaned_data["chunks"],
            source="cockpit",
            key=f"{visitor.member.pk}:{form.cleaned_data['key']}",
            at=visitor.at,
            actor="member",
        )
    except (InsufficientPoints, ReferenceReused):
        messages.warning(request, _("That is not there any more. Look at what is left and choose again."))
    else:
        messages.success(request, done_sentence(terms, done))
    return redirect("cockpit:exchange")
