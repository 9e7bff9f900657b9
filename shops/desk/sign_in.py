"""How staff come in."""

from typing import Any

from django.core.exceptions import ValidationError
from django.utils import formats, timezone
from django.utils.translation import gettext_lazy as _

from shops import attempts
from shops.attempts import Door
from shops.desk.theme import ThemedSignIn
from shops.errors import TooManyAttempts


class SignIn(ThemedSignIn):
    """Address and password, tries limited exactly; one answer for unknown people, customers and wrong passwords."""

    def clean(self) -> dict[str, Any]:
        address = self.cleaned_data.get("username")
        if not address or not self.cleaned_data.get("password"):
            return self.cleaned_data
        try:
            attempts.take(door=Door.ADMIN, subject=address, at=timezone.now())
        except TooManyAttempts as refusal:
            until = formats.time_format(timezone.localtime(refusal.facts["until"]), "H:i e")  # type: ignore[arg-type]
            raise ValidationError(
                _("Too many tries with this address. You can try again at %(until)s."),
                code=refusal.code,
                params={"until": until},
            ) from refusal
        cleaned = super().clean()
        attempts.forget(door=Door.ADMIN, subject=address)
        return cleaned
