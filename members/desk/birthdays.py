"""A member's birthday at the desk: what they told, and told to the shop instead."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from members.birthdays import tell_birthday
from members.forms import BirthdayForm
from members.models import Member
from shops.desk.pages import form_page
from shops.desk.theme import ThemedAdmin
from shops.policy import Act

EDIT = (Act.EDIT_MEMBERS,)


def birthday_page(page: ThemedAdmin, request: HttpRequest, member: Member) -> HttpResponse:
    """Ask for the day and note it, as often as it has to be corrected."""
    form = BirthdayForm(request.POST if request.method == "POST" else None, member=member)
    if not form.is_valid():
        lead = _("As the member says it; nobody needs the year. What was earned before keeps its date.")
        title = _("Birthday of %(member)s") % {"member": member}
        return form_page(page, request, form, title=title, submit=_("Save"), shown={"lead": lead, "original": member})
    day, month = form.cleaned_data["day"], form.cleaned_data["month"]
    tell_birthday(member=member, month=month, day=day, at=timezone.now(), by_the_shop=True)
    messages.success(request, _("Noted. What the member earns from now on lives by it."))
    return HttpResponseRedirect(reverse("admin:members_member_change", args=[member.pk]))
