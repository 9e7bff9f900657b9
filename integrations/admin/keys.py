"""API keys: made, shown once, revoked."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin.base import OWNERS, IntegrationAdmin, Verb
from integrations.forms import KeyForm
from integrations.models import ApiKey, Scope
from integrations.services import keys
from shops.desk import panels
from shops.desk.access import access_of, person_of
from shops.desk.columns import moment
from shops.desk.pages import form_page, secret_page
from shops.desk.panels import Panel, Place
from shops.desk.theme import column


@admin.register(ApiKey)
class ApiKeyAdmin(IntegrationAdmin):
    may_add: ClassVar[bool] = True
    record_template: ClassVar[str] = "integrations/admin/key.html"
    list_display = (
        "name",
        "shown_prefix",
        "shown_state",
        "shown_scopes",
        moment("last_used_at", gettext_lazy("last used")),
        moment("expires_at", gettext_lazy("expires")),
    )
    search_fields = ("name", "prefix")
    ordering = ("-created_at", "-pk")

    def verbs(self) -> dict[str, Verb]:
        return {"revoke": self.revoke}

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = KeyForm(request.POST or None, programmes=access_of(request).programmes_of(*self.edit))
        if request.method != "POST" or not form.is_valid():
            return form_page(self, request, form, title=_("Make an API key"), submit=_("Make the key"))
        key, text = keys.issue_key(
            programme=form.programme,
            name=form.cleaned_data["name"],
            scopes=form.chosen_scopes,
            by=str(request.user),
            at=timezone.now(),
            terms=keys.Terms(life=form.lives),
            issuer=person_of(request),
        )
        return secret_page(
            self,
            request,
            title=_("The key of “%(name)s”") % {"name": key.name},
            secret=text,
            next_address=self.to(key).url,
            lead=_("The machine sends it with every request, as “Authorization: Bearer …”."),
        )

    def revoke(self, request: HttpRequest, key: ApiKey) -> HttpResponse:
        keys.revoke_key(key=key, by=str(request.user), at=timezone.now())
        messages.success(request, _("“%(name)s” is refused from now on.") % {"name": key.name})
        return self.to(key)

    @column(description=gettext_lazy("begins with"))
    def shown_prefix(self, key: ApiKey) -> str:
        return f"{key.prefix}…"

    @column(description=gettext_lazy("state"), label={"valid": "success", "revoked": "danger", "expired": "default"})
    def shown_state(self, key: ApiKey) -> tuple[str, str]:
        return _state(key, timezone.now())

    @column(description=gettext_lazy("may"))
    def shown_scopes(self, key: ApiKey) -> str:
        return ", ".join(key.scopes)


def _state(key: ApiKey, at: datetime) -> tuple[str, str]:
    if key.revoked_at:
        return "revoked", _("revoked")
    return ("valid", _("valid")) if at < key.expires_at else ("expired", _("expired"))


def _facts(key: Any, at: datetime) -> Mapping[str, object]:
    return {"key": key, "state": _state(key, at)[0], "scopes": [Scope(scope) for scope in key.scopes]}


panels.add("integrations.ApiKey", Panel("integrations/admin/key_facts.html", _facts, OWNERS, Place.MAIN, 10))
