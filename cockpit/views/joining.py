"""Becoming a member."""

from allauth.account.models import EmailAddress
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from cockpit.choosing import chosen_programme
from cockpit.forms import NameForm
from members import joining
from members.errors import MemberExists
from members.queries import member_of
from shops.models import User


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def join(request: HttpRequest) -> HttpResponse:
    """Ask for the name, open the wallet. Who is a member already goes to the card."""
    programme = chosen_programme(request)
    if programme is None:
        return redirect("landing:home")
    user = _customer(request.user)
    if user is None:
        return render(request, "cockpit/staff.html", {"programme": programme}, status=403)
    form = NameForm(request.POST or None, initial={"name": user.name})
    if member_of(user, programme):
        return redirect("cockpit:home")
    if request.method == "POST" and form.is_valid():
        try:
            joining.join(programme=programme, user=user, name=form.cleaned_data["name"], at=timezone.now())
        except MemberExists:
            form.add_error(None, _("Another card has your e-mail address. Please ask the staff to help you."))
        else:
            return redirect("cockpit:home")
    return render(request, "cockpit/join.html", {"programme": programme, "form": form})


def _customer(user: User | AnonymousUser) -> User | None:
    """The signed-in customer; None for staff, who came in by a door that doesn't prove the address."""
    is_proven = EmailAddress.objects.filter(user_id=user.pk, verified=True).exists()
    return user if isinstance(user, User) and is_proven else None
