"""The two questions of a sign-in: your address, and the code we mailed to it."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any, cast

from allauth.core import ratelimit
from django import forms
from django.http import HttpRequest, HttpResponseRedirect
from django.shortcuts import resolve_url
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from cockpit.sign_in import mailed_code
from shops import attempts
from shops.attempts import Door
from shops.errors import TooManyAttempts


class AddressForm(forms.Form):
    """Asks for the address. Known or not, it gets a mail: nobody learns here who is a member."""

    email = forms.EmailField(
        label=gettext_lazy("Your e-mail address"),
        max_length=254,
        widget=forms.EmailInput(
            attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false", "autofocus": True}
        ),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._request = request

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if not ratelimit.consume(self._request, action="request_login_code", key=email):
            raise forms.ValidationError(_("You asked for several codes just now. Please wait a minute."))
        return email

    def login(self, request: HttpRequest, *, redirect_url: str | None) -> HttpResponseRedirect:
        """Called by allauth's view: mail the code, go on to where it is typed."""
        mailed_code.send_first(request, email=self.cleaned_data["email"])
        query = f"?{urlencode({'next': redirect_url})}" if redirect_url else ""
        return HttpResponseRedirect(resolve_url("account_confirm_login_code") + query)


class CodeForm(forms.Form):
    """Asks for the code. Wrong ones are counted exactly, and per address: allauth counts per session."""

    code = forms.CharField(
        label=gettext_lazy("Code from the mail"),
        max_length=20,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "one-time-code",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "class": "code-input",
                "autofocus": True,
            }
        ),
    )

    def __init__(self, *args: Any, code: str, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._digest = code
        self._address = address

    def clean_code(self) -> str:
        now = timezone.now()
        try:
            attempts.take(door=Door.COCKPIT, subject=self._address, at=now)
        except TooManyAttempts as refusal:
            raise forms.ValidationError(_too_many(cast("datetime", refusal.facts["until"]) - now)) from refusal
        code = str(self.cleaned_data["code"])
        if not mailed_code.matches(code, self._digest):
            raise forms.ValidationError(_("That is not the code from the newest mail. Please look again."))
        attempts.forget(door=Door.COCKPIT, subject=self._address)
        return code


def _too_many(wait: timedelta) -> str:
    minutes = max(1, ceil(wait.total_seconds() / 60))
    return ngettext(
        "Too many wrong codes. You can try again in %(minutes)s minute.",
        "Too many wrong codes. You can try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
