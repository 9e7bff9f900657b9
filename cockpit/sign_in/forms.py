"""The two questions of a sign-in: your address, and the code we mailed to it."""

from datetime import datetime, timedelta
from math import ceil
from typing import Any, cast

from allauth.account.forms import ConfirmLoginCodeForm, LoginForm
from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy, ngettext

from cockpit import services
from shops import attempts
from shops.attempts import Door
from shops.errors import TooManyAttempts


class AddressForm(LoginForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the address. Known or not, it gets a code: nobody learns here who is a member."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["login"]
        field.label = gettext_lazy("Your e-mail address")
        field.widget.attrs = {
            "autocomplete": "email",
            "inputmode": "email",
            "autocapitalize": "none",
            "spellcheck": "false",
            "autofocus": True,
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned: dict[str, Any] | None = super().clean()
        if not self.errors:
            self.user = services.open_sign_in(email=self.cleaned_data["login"])
        return cleaned


class CodeForm(ConfirmLoginCodeForm):  # type: ignore[misc]  # allauth ships no types
    """Asks for the code. Wrong ones are counted exactly, and per address: allauth counts per session."""

    def __init__(self, *args: Any, address: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._address = address
        field = self.fields["code"]
        field.label = gettext_lazy("Code from the mail")
        field.widget.attrs = {
            "autocomplete": "one-time-code",
            "autocapitalize": "characters",
            "spellcheck": "false",
            "class": "code-input",
            "maxlength": "20",
            "autofocus": True,
        }

    def clean_code(self) -> str:
        now = timezone.now()
        try:
            attempts.take(door=Door.COCKPIT, subject=self._address, at=now)
        except TooManyAttempts as refusal:
            raise forms.ValidationError(_too_many(cast("datetime", refusal.facts["until"]) - now)) from refusal
        code: str = super().clean_code()
        attempts.forget(door=Door.COCKPIT, subject=self._address)
        return code


def _too_many(wait: timedelta) -> str:
    minutes = max(1, ceil(wait.total_seconds() / 60))
    return ngettext(
        "Too many wrong codes. You can try again in %(minutes)s minute.",
        "Too many wrong codes. You can try again in %(minutes)s minutes.",
        minutes,
    ) % {"minutes": minutes}
