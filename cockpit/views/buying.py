"""Points and stored value for money: chosen here, paid in a shop."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from campaigns.queries import money_of
from cockpit.buying import latest_purchases, offers_for, own_purchase, shown, terms_asked
from cockpit.forms import BuyForm
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from kernel.errors import DomainError
from ledger import errors
from ledger.purchases import Purchase, quote
from ledger.services import Notice
from members import buying
from members.buying import Kind


@require_safe
@for_members
def buy(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What is on sale, with a price for what was chosen, and what was bought before."""
    context = {
        "programme": visitor.programme,
        "offers": offers_for(visitor, request.GET.dict()),
        "purchases": latest_purchases(visitor),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/buy.html", context)


@require_POST
@for_members
def ask(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask for what was chosen at the price that was seen; the same page sent again asks for nothing more."""
    asked = request.POST.dict()
    terms = terms_asked(visitor, asked.get("unit", ""))
    if terms is None:
        raise Http404
    form = BuyForm(asked, quote=quote(wallet_id=visitor.member.wallet_id, terms=terms, at=visitor.at))
    if not form.is_valid():
        messages.warning(request, _("Choose an amount."))
        return redirect("cockpit:buy")
    values = form.cleaned_data
    try:
        requested = buying.request(
            member=visitor.member,
            terms=terms,
            amount=values["amount"],
            source="cockpit",
            key=f"{visitor.member.pk}:{values['key']}",
            at=visitor.at,
            seen_total=values["total"],
        )
    except DomainError as refusal:
        messages.warning(request, _why_not(refusal, visitor))
        return redirect(reverse("cockpit:buy", query={"unit": terms.unit.code, "amount": asked["amount"]}))
    return redirect("cockpit:purchase", requested.purchase.pk)


@require_safe
@for_members
def purchase(request: HttpRequest, visitor: Visitor, purchase_id: int) -> HttpResponse:
    """One purchase: how to pay it, or what became of it."""
    context = {
        "programme": visitor.programme,
        "purchase": shown(visitor, _own(visitor, purchase_id), in_detail=True),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/purchase.html", context)


@require_POST
@for_members
def cancel(request: HttpRequest, visitor: Visitor, purchase_id: int) -> HttpResponse:
    """The member does not want it any more."""
    _say(request, visitor, purchase_id, Kind.CANCELLED, _("Cancelled. Nothing was paid."))
    return redirect("cockpit:purchase", purchase_id)


@require_POST
@for_members
def withdraw(request: HttpRequest, visitor: Visitor, purchase_id: int) -> HttpResponse:
    """The member uses their right to withdraw."""
    said = _("Withdrawn. Your money is given back the way you paid.")
    _say(request, visitor, purchase_id, Kind.WITHDRAWN, said)
    return redirect("cockpit:purchase", purchase_id)


def _say(request: HttpRequest, visitor: Visitor, purchase_id: int, kind: Kind, said: str) -> None:
    notice = Notice("cockpit", f"{kind.lower()} {purchase_id}", kind, "member")
    try:
        buying.tell(purchase=_own(visitor, purchase_id), notice=notice, at=visitor.at)
    except errors.WithdrawalRefused:
        messages.warning(request, _("This can't be withdrawn: the time is over, or something of it was used."))
    except errors.PaymentRefused:
        messages.warning(request, _("It has ended otherwise meanwhile."))
    else:
        messages.success(request, said)


def _own(visitor: Visitor, purchase_id: int) -> Purchase:
    found = own_purchase(visitor, purchase_id)
    if found is None:
        raise Http404
    return found


def _why_not(refusal: DomainError, visitor: Visitor) -> str:
    match refusal:
        case errors.PriceChanged():
            total = money_of(visitor.programme).show(int(str(refusal.facts["total"])))
            return _("This costs %(total)s. Look at it, and ask again.") % {"total": total}
        case errors.PurchaseAmountRefused():
            return _("Not in this amount. Here is the nearest that you can buy.")
        case errors.PurchaseLimitReached():
            return _("That is more than you can still buy this year. Here is the most that you can.")
        case errors.PurchasesWaiting():
            return _("Some purchases wait for their payment already. Pay or cancel one of them first.")
        case errors.ReferenceReused():
            return _("This page was used before. Choose again.")
        case _:
            raise refusal
