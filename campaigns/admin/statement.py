"""A member's account statement at the desk: to read, to print, to keep."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from campaigns import statement_sheets as sheets
from shops.desk import record_pages
from shops.desk.record_pages import Answer, RecordPage
from shops.policy import Act


def _statement(request: HttpRequest, member: Any, at: datetime) -> Answer:
    form = sheets.statement_form(member.programme, request.GET, at=at)
    is_valid = form.is_valid()
    sheet = sheets.sheet_of(member.wallet_id, form, programme=member.programme) if is_valid else None
    values = {"form": form, "sheet": sheet, "shortcuts": sheets.shortcuts(member.programme, at=at)}
    return Answer(_("Statement"), "campaigns/admin/statement.html", values)


def _statement_file(request: HttpRequest, member: Any, at: datetime) -> Answer:
    form = sheets.statement_form(member.programme, request.GET, at=at)
    if not form.is_valid():
        page = reverse("admin:members_member_statement", args=[member.pk])
        return Answer(response=HttpResponseRedirect(f"{page}?{urlencode(request.GET.dict())}"))
    return Answer(response=sheets.statement_file(member.wallet_id, form, programme=member.programme))


record_pages.add(
    "members.Member",
    RecordPage("statement", _statement, (Act.SEE_MEMBERS,)),
    RecordPage("statement-file", _statement_file, (Act.SEE_MEMBERS,)),
)
