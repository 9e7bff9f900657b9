"""Pages of a form of our own: for what is done by a verb and not by filling a row's fields."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from shops.desk.theme import ThemedAdmin


def form_page(
    page: ThemedAdmin, request: HttpRequest, form: forms.Form, *, title: Any, submit: Any, shown: Mapping[str, Any] = {}
) -> HttpResponse:
    """Ask; the form posts to its own address. `shown` may hold a `lead` and the `original` row."""
    return _page(page, request, "desk/form.html", {"title": title, "form": form, "submit": submit, **shown})


def secret_page(
    page: ThemedAdmin, request: HttpRequest, *, title: Any, secret: str, next_address: str, lead: Any
) -> HttpResponse:
    """Show a secret once: it is in no address, no session and no table."""
    shown = {"title": title, "secret": secret, "next_address": next_address, "lead": lead}
    return _page(page, request, "desk/secret.html", shown)


def _page(page: ThemedAdmin, request: HttpRequest, template: str, shown: Mapping[str, Any]) -> HttpResponse:
    context = {**page.admin_site.each_context(request), "opts": page.opts, **shown}
    request.current_app = page.admin_site.name
    return TemplateResponse(request, template, context)
