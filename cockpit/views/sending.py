"""Points sent to another member: asked for, confirmed, and answered by who receives them."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from cockpit import sending as told
from cockpit.questions import waiting_question
from cockpit.send_forms import SendForm
from cockpit.visitor import Visitor, for_members
from kernel.amounts import format_minor
from kernel.errors import DomainError
from ledger import transfers as ledger
from ledger.errors import InsufficientPoints, TransferAmountRefused, TransferFeeChanged
from ledger.queries import Unit
from ledger.sending import TransferRules
from ledger.services import Sent
from members import transferring
from members.errors import MemberUnknown, NumberMistyped
from members.models import Member
from members.transferring import Sending
from shops.errors import TooManyAttempts

Answer = Callable[..., Sent]


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def send(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What waits for an answer, and a form to send; a form that makes sense leads to the question whether to."""
    units = told.units_for(visitor)
    if request.method != "POST" or not units:
        return _page(request, visitor, units, SendForm(units=list(units), hint=told.hint_of(units)))
    form = SendForm(request.POST, units=list(units), hint=told.hint_of(units))
    sending = _sending(form, visitor, units)
    if sending is None:
        return _page(request, visitor, units, form)
    return _ask(request, visitor, sending, units[sending.unit])


@require_POST
@for_members
def confirm(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Send what was asked about; the same yes again sends nothing more."""
    said = told.answered(visitor, request.POST.get("token", ""))
    if said is None:
        messages.warning(request, _("That took a while, so nothing was sent. Please begin again."))
        return redirect("cockpit:send")
    sending, key = said
    if "change" in request.POST:
        units = told.units_for(visitor)
        form = SendForm(units=list(units), hint=told.hint_of(units), initial=_initial(sending))
        return _page(request, visitor, units, form)
    try:
        sent = transferring.send(
            sending=sending, source="cockpit", key=f"{visitor.member.pk}:{key}", at=visitor.at, actor="member"
        )
    except TransferFeeChanged as refusal:
        messages.warning(request, told.refusal_text(refusal, sending.unit))
        return _ask(request, visitor, sending, told.units_for(visitor)[sending.unit], key=key)
    except DomainError as refusal:
        messages.warning(request, told.refusal_text(refusal, sending.unit))
        return redirect("cockpit:send")
    return redirect("cockpit:transfer", sent.transfer.pk)


@require_safe
@for_members
def transfer_page(request: HttpRequest, visitor: Visitor, transfer_id: int) -> HttpResponse:
    """One transfer, as the one who sent it or the one who gets it reads it."""
    row = told.transfer(visitor, transfer_id)
    if row is None:
        raise Http404
    context = {
        "programme": visitor.programme,
        "transfer": told.shown(visitor, row),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/transfer.html", context)


@require_POST
@for_members
def accept(request: HttpRequest, visitor: Visitor, transfer_id: int) -> HttpResponse:
    """The receiver says yes."""
    return _end(request, visitor, transfer_id, transferring.accept, is_sender=False)


@require_POST
@for_members
def decline(request: HttpRequest, visitor: Visitor, transfer_id: int) -> HttpResponse:
    """The receiver says no."""
    return _end(request, visitor, transfer_id, transferring.decline, is_sender=False)


@require_POST
@for_members
def withdraw(request: HttpRequest, visitor: Visitor, transfer_id: int) -> HttpResponse:
    """The sender takes it back."""
    return _end(request, visitor, transfer_id, transferring.withdraw, is_sender=True)


def _end(request: HttpRequest, visitor: Visitor, transfer_id: int, answer: Answer, *, is_sender: bool) -> HttpResponse:
    row = told.transfer(visitor, transfer_id)
    if row is None or (row.from_wallet_id == visitor.member.wallet_id) is not is_sender:
        raise Http404
    try:
        answer(transfer=row, at=visitor.at, actor="member")
    except DomainError as refusal:
        messages.warning(request, told.refusal_text(refusal, row.unit))
    return redirect("cockpit:transfer", transfer_id)


def _page(request: HttpRequest, visitor: Visitor, units: dict[Unit, TransferRules], form: SendForm) -> HttpResponse:
    waiting = told.waiting(visitor)
    context = {
        "programme": visitor.programme,
        "units": told.shown_units(visitor, units),
        "form": form,
        "offered_to_me": [offer for offer in waiting if not offer.is_mine],
        "offered_by_me": [offer for offer in waiting if offer.is_mine],
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/send.html", context)


def _ask(
    request: HttpRequest, visitor: Visitor, sending: Sending, rules: TransferRules, *, key: str = ""
) -> HttpResponse:
    context = {
        "programme": visitor.programme,
        "asked": told.question_of(visitor, sending, rules, key=key),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/send_confirm.html", context)


def _sending(form: SendForm, visitor: Visitor, units: dict[Unit, TransferRules]) -> Sending | None:
    """What a form asks for; None when it was given an error. Numbers are looked up for what could be sent only."""
    if not form.is_valid():
        return None
    unit, amount = form.cleaned_data["unit"], form.cleaned_data["amount"]
    refusal = _refusal(visitor, unit, amount, units[unit])
    if refusal is not None:
        form.add_error("amount", told.refusal_text(refusal, unit))
        return None
    receiver = _receiver(form, visitor)
    if receiver is None:
        return None
    return Sending(visitor.member, receiver, unit, amount, message=form.cleaned_data["message"])


def _refusal(visitor: Visitor, unit: Unit, amount: int, rules: TransferRules) -> DomainError | None:
    """Why so much can't be sent to anybody, as far as that is known before it is tried."""
    if not rules.fits(amount):
        return TransferAmountRefused(amount=amount)
    free = ledger.allowance_of(visitor.member.wallet_id, unit, rules, programme=visitor.programme, at=visitor.at)
    required = amount + rules.fee(amount)
    if required > free.spendable:
        return InsufficientPoints(required=required, spendable=free.spendable)
    return told.exceeded(free, amount)


def _receiver(form: SendForm, visitor: Visitor) -> Member | None:
    number: str = form.cleaned_data["number"]
    try:
        found = transferring.find_receiver(sender=visitor.member, number=number, at=visitor.at)
    except NumberMistyped:
        form.add_error("number", _("A member number has twelve digits, and this one has a mistake. Check it."))
    except MemberUnknown:
        form.add_error("number", _("Nobody who could receive something has this number. Check it with them."))
    except TooManyAttempts:
        form.add_error("number", _("You tried many numbers lately. Try again tomorrow."))
    else:
        if found.pk != visitor.member.pk:
            return found
        form.add_error("number", _("That is your own number."))
    return None


def _initial(sending: Sending) -> dict[str, Any]:
    return {
        "number": sending.receiver.number,
        "unit": sending.unit.code,
        "amount": format_minor(sending.amount, decimals=sending.unit.decimals),
        "message": sending.message,
    }
