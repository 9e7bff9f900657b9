"""The pages of a sign-in: allauth's, in the programme's colours."""

from typing import Any

from allauth.account import views as allauth
from django.conf import settings
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from cockpit import services
from cockpit.choosing import chosen_programme
from cockpit.sign_in import mailed_code


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

    def _resend_form_valid(self, _form: Form) -> HttpResponse:
        mailed_code.send_another(self._process)
        return redirect(self.passthrough_next_url(reverse("account_confirm_login_code")))

    def _verify_form_valid(self, form: Form) -> HttpResponse:
        # Somebody may have joined the staff, or been shut out, since the code was mailed.
        email = self._process.state["email"]
        if services.is_barred(email=email):
            self._process.abort()
            return redirect("account_inactive")
        self._process.state["user_id"] = str(services.open_sign_in(email=email).pk)
        response: HttpResponse = super()._verify_form_valid(form)
        return response


class SignOut(_OfProgramme, allauth.LogoutView):  # type: ignore[misc]  # allauth ships no types
    """Asks once more, as a sign-out by mistake costs a mail."""


class Inactive(_OfProgramme, allauth.AccountInactiveView):  # type: ignore[misc]  # allauth ships no types
    """Says that staff closed this sign-in."""
