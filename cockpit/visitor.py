"""Who is looking at a page: a member of one programme, at one instant."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec, cast

from django.contrib.auth.views import redirect_to_login
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache

from cockpit.choosing import asked_programme
from members.models import Member
from shops.models import Programme, User

Args = ParamSpec("Args")


@dataclass(frozen=True, slots=True)
class Visitor:
    """The member, the programme, and the one clock reading of the request."""

    member: Member
    programme: Programme
    at: datetime


def for_members(
    view: Callable[Concatenate[HttpRequest, Visitor, Args], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Args], HttpResponse]:
    """
    Let a member in, as `Visitor`; send others to where they become one.

    Nobody's cache keeps such a page: the next one at this browser may be somebody else.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        member = _membership(request, request.user)
        if member is None:
            return redirect("cockpit:join")
        if not member.is_active:
            return render(request, "cockpit/blocked.html", {"programme": member.programme}, status=403)
        return view(request, Visitor(member, member.programme, timezone.now()), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Args], HttpResponse]", guarded)


def other_cards(visitor: Visitor) -> QuerySet[Member]:
    """The same customer's memberships in other programmes."""
    mine = Member.objects.filter(user__memberships=visitor.member).exclude(pk=visitor.member.pk)
    return mine.select_related("programme").order_by("programme__name")


def _membership(request: HttpRequest, user: User) -> Member | None:
    asked = asked_programme(request)
    found = Member.objects.filter(user=user).select_related("programme").order_by("joined_at", "pk")
    return (found.filter(programme=asked) if asked else found).first()
