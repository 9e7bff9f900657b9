"""Asking again who is there, before something that a session left open must not do."""

from datetime import datetime, timedelta

from django.http import HttpRequest

from shops import attempts
from shops.attempts import Door

KEPT_FOR = timedelta(minutes=5)
_KEY = "confirmed_at"


def is_confirmed(request: HttpRequest, *, at: datetime) -> bool:
    """Whether the person at the desk gave their password within the last minutes."""
    confirmed_at = request.session.get(_KEY)
    return confirmed_at is not None and at - datetime.fromisoformat(confirmed_at) < KEPT_FOR


def confirm(request: HttpRequest, password: str, *, at: datetime) -> bool:
    """
    Look at the password of the person at the desk; False if it is wrong. Tries count like those of the sign-in.

    :raises TooManyAttempts: if no more tries are looked at
    """
    user = request.user
    if not user.is_authenticated:
        return False
    attempts.take(door=Door.ADMIN, subject=user.email, at=at)
    if not user.check_password(password):
        return False
    attempts.forget(door=Door.ADMIN, subject=user.email)
    request.session[_KEY] = at.isoformat()
    return True
