"""The demo's inbox."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from messaging.models import OutgoingMail

MAILS_ON_A_PAGE = 20
# A code stands on a line of its own, as people copy it.
_CODE = re.compile(r"^[ \t]*([A-Z0-9]{3,}(?:-[A-Z0-9]{3,})*)[ \t]*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class ShownMail:
    """A mail and the code in it, empty if there is none."""

    to: str
    subject: str
    body: str
    sent_at: datetime
    code: str


@require_safe
@never_cache
def inbox(request: HttpRequest) -> HttpResponse:
    """Every mail the demo would have sent, newest first. Only a demo has it: elsewhere it would show codes to all."""
    if not settings.DEMO:
        raise Http404
    mails = OutgoingMail.objects.order_by("-sent_at", "-pk")
    page = Paginator(mails, MAILS_ON_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "messaging/inbox.html", {"page": page, "mails": [_shown(mail) for mail in page]})


def _shown(mail: OutgoingMail) -> ShownMail:
    code = _CODE.search(mail.body)
    return ShownMail(mail.to, mail.subject, mail.body, mail.sent_at, code[1] if code else "")
