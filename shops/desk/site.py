"""The site all admin pages belong to."""

from collections.abc import Callable, Iterator
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse, TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shops.desk.access import access_of
from shops.desk.bases import DeskAdmin
from shops.desk.sign_in import SignIn
from shops.desk.theme import SearchResult, ThemedSite

View = TypeVar("View", bound=Callable[..., HttpResponseBase])

# Of each kind of row, so that one word does not read a whole table.
FOUND_AT_MOST = 6


class DeskSite(ThemedSite):
    """
    Open to staff who hold a role in a whole programme, asked anew with every request.

    Pages are rendered in the time zone of the person's programme.
    """

    login_form = SignIn
    index_title = gettext_lazy("Today")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Take pages that ask the role matrix. Those that packages bring along ask nobody we know: they stay out."""
        if admin_class is not None and issubclass(admin_class, DeskAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        user = request.user
        if not (user.is_active and user.is_staff):
            return False
        return user.is_superuser or bool(access_of(request).programmes)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the sign-in; who lost their last role meanwhile is signed out and told why."""
        if request.user.is_authenticated and request.user.is_staff and not self.has_permission(request):
            logout(request)
            messages.info(request, _("Your role was taken away, so you were signed out."))
        return super().login(request, extra_context)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """What the search above the menu finds: pages by name, and a few rows of each page that can be searched."""
        began, term = perf_counter(), request.GET.get("s", "").strip()
        if not term:
            return HttpResponse()
        found = [*self._pages_named(request, term), *self._rows_like(request, term)]
        results = Paginator(found, max(len(found), 1))
        is_palette = "extended" in request.GET
        template = "unfold/helpers/command_results.html" if is_palette else "unfold/helpers/search_results.html"
        took = perf_counter() - began
        context = {"page_obj": results, "results": results.page(1), "page_counter": 0, "execution_time": took}
        return TemplateResponse(request, template, context, headers={"HX-Trigger": "search"})

    def _pages_named(self, request: HttpRequest, term: str) -> Iterator[SearchResult]:
        for app in self.get_app_list(request):
            for model in app["models"]:
                if term.casefold() in str(model["name"]).casefold():
                    yield SearchResult(capfirst(model["name"]), str(_("Page")), model["admin_url"], "web_asset")

    def _rows_like(self, request: HttpRequest, term: str) -> Iterator[SearchResult]:
        # Asked anew each time: a kept answer would outlive the role that it was given to.
        for page in self._registry.values():
            is_searched = isinstance(page, DeskAdmin) and page.in_site_search and page.get_search_fields(request)
            if not is_searched or not page.has_view_permission(request):
                continue
            rows, _is_doubled = page.get_search_results(request, page.get_queryset(request), term)
            name = f"admin:{page.opts.app_label}_{page.opts.model_name}_change"
            for row in rows[:FOUND_AT_MOST]:
                yield SearchResult(str(row), str(page.opts.verbose_name), reverse(name, args=[row.pk]), "arrow_outward")

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002  # Django's signature
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def in_local_time(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with timezone.override(access_of(request).zone):
                response = guarded(request, *args, **kwargs)
                # A template rendered later would be rendered outside of the zone.
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return cast(View, in_local_time)
