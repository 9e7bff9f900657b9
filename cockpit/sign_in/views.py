"""The pages of a sign-in: allauth's, in the programme's colours."""

from typing import Any

from allauth.account import views as allauth
from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from cockpit.choosing import chosen_programme


class _OfProgramme:
    """Gives the page its programme, and remembers the one that the link named."""

    request: HttpRequest

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        self.programme = chosen_programme(request)
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]  # of the other base
        return response

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]  # of the other base
        return {**context, "programme": self.programme, "is_demo": settings.DEMO}


class SignIn(_OfProgramme, allauth.LoginView):  # type: ignore[misc]  # allauth ships no types
    """Asks a member for the address."""

    extra_context = {"is_joining": False}


class Join(_OfProgramme, allauth.LoginView):  # type: ignore[misc]  # allauth ships no types
    """Asks a newcomer for the address. Who is a member already is simply signed in."""

    extra_context = {"is_joining": True}


class EnterCode(_OfProgramme, allauth.ConfirmLoginCodeView):  # type: ignore[misc]  # allauth ships no types
    """Asks for the code, or sends another."""

    def get_form_kwargs(self) -> dict[str, Any]:
        given: dict[str, Any] = super().get_form_kwargs()
        return given if self._action == "resend" else {**given, "address": self._process.state["email"]}


class SignOut(_OfProgramme, allauth.LogoutView):  # type: ignore[misc]  # allauth ships no types
    """Asks once more, as a sign-out by mistake costs a mail."""


class Inactive(_OfProgramme, allauth.AccountInactiveView):  # type: ignore[misc]  # allauth ships no types
    """Says that staff closed this sign-in."""
