"""What a programme keeps about a member, at the desk: attributes it declared, and tags."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.attributes.services import MOST_TAGS, change_tags, set_attributes
from members.errors import TagInvalid
from members.models import Member, MemberAttribute, Tag
from shops.desk import panels
from shops.desk.attributes import AttributeAdmin, field_of, shown, told
from shops.desk.pages import form_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import ThemedAdmin
from shops.policy import Act

EDIT = (Act.EDIT_MEMBERS,)


@admin.register(MemberAttribute)
class MemberAttributeAdmin(AttributeAdmin):
    pass


class KnownForm(forms.Form):
    """A control for each attribute of the programme, and the tags."""

    tags = forms.CharField(
        label=gettext_lazy("Tags"), required=False, max_length=4000, help_text=gettext_lazy("Separated by commas.")
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, member: Member) -> None:
        super().__init__(data, initial={"tags": ", ".join(_tags(member))})
        self._attributes = list(_attributes(member))
        for attribute in self._attributes:
            self.fields[f"of-{attribute.key}"] = field_of(attribute, member.attributes.get(attribute.key))

    @property
    def values(self) -> dict[str, Any]:
        return {row.key: told(row, self.cleaned_data[f"of-{row.key}"]) for row in self._attributes}

    @property
    def tags_wanted(self) -> set[str]:
        return {tag.strip() for tag in self.cleaned_data["tags"].split(",") if tag.strip()}


def known_page(page: ThemedAdmin, request: HttpRequest, member: Member) -> HttpResponse:
    """Ask for everything at once and note what changed."""
    form = KnownForm(request.POST if request.method == "POST" else None, member=member)
    if not form.is_valid() or not _noted(form, member):
        title = _("What is known about %(member)s") % {"member": member}
        return form_page(page, request, form, title=title, submit=_("Save"), shown={"original": member})
    messages.success(request, _("Noted. Rules and segments see it from now on."))
    return HttpResponseRedirect(reverse("admin:members_member_change", args=[member.pk]))


def _noted(form: KnownForm, member: Member) -> bool:
    at = timezone.now()
    try:
        with transaction.atomic():
            if form.values:
                set_attributes(member=member, values=form.values, at=at)
            change_tags(member=member, add=form.tags_wanted, remove=set(_tags(member)) - form.tags_wanted, at=at)
    except TagInvalid:
        form.add_error("tags", _("At most %(most)s tags of at most 40 characters each.") % {"most": MOST_TAGS})
        return False
    return True


def _attributes(member: Member) -> Any:
    return MemberAttribute.objects.filter(programme=member.programme_id).order_by("label", "pk")


def _tags(member: Member) -> list[str]:
    return list(Tag.objects.filter(member=member).order_by("name").values_list("name", flat=True))


def _known(member: Any, _at: datetime) -> Mapping[str, object]:
    rows = [(row.label, shown(member.attributes.get(row.key))) for row in _attributes(member)]
    return {"rows": rows, "tags": _tags(member), "member": member}


panels.add("members.Member", Panel("members/admin/known.html", _known, (Act.SEE_MEMBERS,), Place.SIDE, 50))
