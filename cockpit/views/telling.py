"""What members tell about themselves."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from campaigns.queries import asks_birthday
from cockpit.questions import waiting_question
from cockpit.visitor import Visitor, for_members
from kernel.periods import local_day
from kernel.wording import day_text
from members.birthdays import birthday_text, tell_birthday
from members.errors import BirthdayJustTold
from members.forms import BirthdayForm


@require_http_methods(["GET", "HEAD", "POST"])
@for_members
def birthday(request: HttpRequest, visitor: Visitor) -> HttpResponse:
    """Day and month, without the year; asked for only where something depends on it."""
    member = visitor.member
    if member.birth_month is None and not asks_birthday(visitor.programme, at=visitor.at):
        raise Http404
    form = BirthdayForm(request.POST or None, member=member)
    if request.method == "POST" and form.is_valid() and _told(visitor, form):
        messages.success(request, _("Noted. What you earn from now on lives by it."))
        return redirect("cockpit:birthday")
    context = {
        "programme": visitor.programme,
        "form": form,
        "known": birthday_text(member),
        "question": waiting_question(visitor),
    }
    return render(request, "cockpit/birthday.html", context)


def _told(visitor: Visitor, form: BirthdayForm) -> bool:
    day, month = form.cleaned_data["day"], form.cleaned_data["month"]
    try:
        tell_birthday(member=visitor.member, month=month, day=day, at=visitor.at)
    except BirthdayJustTold as refusal:
        until = day_text(local_day(refusal.changeable_from, visitor.programme.zone), language=get_language() or "en")
        form.add_error(None, _("You told it less than a year ago. You can change it from %(day)s on.") % {"day": until})
        return False
    return True
