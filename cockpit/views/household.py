"""The member's household: formed, joined, filled, led and left."""

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from cockpit import household as shown
from cockpit.household_forms import FoundForm, GiveForm, InviteForm, RoleForm, ShareForm
from cockpit.household_refusals import sentence_of
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from kernel.errors import DomainError
from members.households import queries
from members.households import services as households
from members.households.models import HouseholdMember


@require_safe
@for_members
def page(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """The household, or how to come to one."""
    return _page(request, visitor)


@require_POST
@for_members
def found(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Form a household."""
    form = FoundForm(request.POST)
    if not form.is_valid():
        return _page(request, visitor, form=form)
    name = form.cleaned_data["name"]
    return _done(
        request,
        lambda: households.found(head=visitor.member, name=name, at=visitor.at),
        _("%(name)s is there. Now invite who belongs to it.") % {"name": name},
    )


@require_POST
@for_members
def invite(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Ask somebody to join, by member number."""
    form = InviteForm(request.POST, auto_id="invite_%s")
    if not form.is_valid():
        return _page(request, visitor, invite=form)
    number, role = form.cleaned_data["number"], form.cleaned_data["role"]
    return _done(
        request,
        lambda: households.invite(by=visitor.member, number=number, role=role, at=visitor.at),
        _("Invited. The invitation now stands on their card, on the page of the household."),
    )


@require_POST
@for_members
def answer(request: HttpRequest, visitor: Visitor, invitation_id: int, *, is_yes: bool) -> HttpResponse:
    """Say yes or no to an invitation."""
    if is_yes:
        return _done(
            request,
            lambda: households.accept(member=visitor.member, invitation_id=invitation_id, at=visitor.at),
            _("You are in. What you give here you can take home again when you leave, as far as it is not spent."),
        )
    return _done(
        request,
        lambda: households.decline(member=visitor.member, invitation_id=invitation_id, at=visitor.at),
        _("Declined. They are not told why."),
    )


@require_POST
@for_members
def withdraw(request: HttpRequest, visitor: Visitor, invitation_id: int) -> HttpResponse:
    """Take an invitation back."""
    return _done(
        request,
        lambda: households.withdraw(by=visitor.member, invitation_id=invitation_id, at=visitor.at),
        _("The invitation is withdrawn."),
    )


@require_POST
@for_members
def give(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Give an amount; the same page sent again gives nothing more."""
    form = GiveForm(request.POST, units=queries.pooled_units(visitor.programme.pk))
    if not form.is_valid():
        messages.warning(request, _("Say how much, as a number such as 100."))
        return redirect("cockpit:household")
    unit, minor, key = form.cleaned_data["unit"], form.cleaned_data["minor"], form.cleaned_data["key"]
    return _done(
        request,
        lambda: households.contribute(
            member=visitor.member,
            unit=unit,
            amount=minor,
            source="cockpit",
            key=f"{visitor.member.pk}:{key}",
            at=visitor.at,
            actor="member",
        ),
        _("%(amount)s given to the household.") % {"amount": shown.amount(minor, unit)},
    )


@require_POST
@for_members
def share(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """How much of what is earned goes there by itself."""
    form = ShareForm(request.POST)
    if not form.is_valid():
        raise Http404
    percent = form.cleaned_data["percent"]
    told = _("From now on %(percent)s %% of what you earn goes to the household.") % {"percent": percent}
    return _done(
        request,
        lambda: households.set_share(member=visitor.member, percent=percent),
        told if percent else _("Nothing goes to the household by itself any more."),
    )


@require_POST
@for_members
def role(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Give somebody another role, or the lead."""
    number, asked = _managed(request)
    return _done(
        request,
        lambda: households.change_role(by=visitor.member, number=number, role=asked, at=visitor.at),
        _("Handed over. You are an adult of the household now.")
        if asked == HouseholdMember.Role.HEAD
        else _("Their role is changed."),
    )


@require_POST
@for_members
def remove(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Remove somebody; what is left of theirs goes home with them."""
    number, _role = _managed(request)
    return _done(
        request,
        lambda: households.remove(by=visitor.member, number=number, at=visitor.at),
        _("Removed. What was left of theirs went home with them."),
    )


@require_safe
@for_members
def leaving(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """What comes home, to the last point, before it is decided; for the head what everybody gets."""
    place = _place(visitor)
    context = {
        "programme": visitor.programme,
        "place": place,
        "homes": shown.coming_home(visitor, place),
        "kept": shown.still_kept(visitor, place),
        "rest": queries.terms_of(visitor.programme),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/household_leave.html", context)


@require_POST
@for_members
def leave(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Leave; the head dissolves."""
    place = _place(visitor)
    if place.is_head:
        return _done(
            request,
            lambda: households.dissolve(by=visitor.member, at=visitor.at),
            _("The household is dissolved. Everybody has what was left of theirs."),
        )
    return _done(
        request,
        lambda: households.leave(member=visitor.member, at=visitor.at),
        _("You left. What was left of yours is on your card again."),
    )


def _page(
    request: HttpRequest, visitor: Visitor, *, form: FoundForm | None = None, invite: InviteForm | None = None
) -> HttpResponse:
    place = queries.place_of(visitor.member)
    terms = queries.terms_of(visitor.programme)
    context = {
        "programme": visitor.programme,
        "terms": terms,
        "household": shown.household_for(visitor, place, invite=invite) if place else None,
        "invitations": [] if place else shown.invitations_for(visitor),
        "form": form or FoundForm(),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/household.html", context)


def _place(visitor: Visitor) -> HouseholdMember:
    place = queries.place_of(visitor.member)
    if place is None:
        raise Http404
    return place


def _managed(request: HttpRequest) -> tuple[str, str]:
    form = RoleForm(request.POST)
    if not form.is_valid():
        raise Http404
    return form.cleaned_data["number"], form.cleaned_data["role"]


def _done(request: HttpRequest, act: Callable[[], object], told: str) -> HttpResponse:
    """Do it and say so, or say why not, on the page of the household."""
    try:
        act()
    except DomainError as refusal:
        sentence = sentence_of(refusal)
        if not sentence:
            raise
        messages.warning(request, sentence)
    else:
        messages.success(request, told)
    return redirect("cockpit:household")
