"""The site all admin pages belong to."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.response import SimpleTemplateResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from shops.desk.access import access_of
from shops.desk.bases import DeskAdmin
from shops.desk.sign_in import SignIn
from shops.desk.theme import ThemedSite

View = TypeVar("View", bound=Callable[..., HttpResponseBase])


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

    def admin_view(self, view: View, cacheable: bool = False) -> View:  # noqa: FBT001, FBT002  # Django's signature
        guarded = super().admin_view(view, cacheable)

        @wraps(guarded)
        def in_local_time(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            with timezone.override(access_of(request).zone):
                response = guarded(request, *args, **kwargs)
                # A template rendered later would be rendered outside of the zone.
                return response.render() if isinstance(response, SimpleTemplateResponse) else response

        return cast(View, in_local_time)
