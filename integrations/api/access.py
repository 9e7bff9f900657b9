"""Who may ask for what, and how often: DRF's authentication, permission and throttle for API keys."""

from typing import Any

from django.conf import settings
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from integrations.api.refusals import CHALLENGE, Refusal
from integrations.errors import RateExceeded
from integrations.models import Scope
from integrations.services.allowance import WINDOW_SECONDS, Allowance, Allowances
from integrations.services.keys import Caller, Callers, recognise

_allowances = Allowances()
_callers = Callers()


class KeyAuthentication(BaseAuthentication):
    """`Authorization: Bearer sk_live_…`. `remembering` is for views that insist on the key when they write."""

    def __init__(self, *, remembering: bool = False) -> None:
        self._recognise = _callers.recognise if remembering else recognise

    def authenticate(self, request: Request) -> tuple[Caller, None] | None:
        if settings.SECURE_SSL_REDIRECT and not request.is_secure():
            raise Refusal("https_required")
        kind, _, text = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
        if not kind:
            return None
        if kind.lower() != "bearer":
            raise Refusal("key_missing", "The Authorization header is not of the kind Bearer.")
        return self._recognise(text.strip(), at=timezone.now()), None

    def authenticate_header(self, _request: Request) -> str:
        return CHALLENGE


class HasScope(BasePermission):
    """The key was given the scope that the view asks for with this method."""

    def has_permission(self, request: Request, view: Any) -> bool:
        caller = caller_of(request)
        if caller is None:
            return False
        needed: Scope | None = view.scopes.get(request.method)
        if needed is not None and not caller.may(needed):
            why = f"This needs a key with the scope {needed.value}."
            raise Refusal("scope_missing", why, facts={"scope": needed.value})
        return True


class PerKey(BaseThrottle):
    """The key's requests per minute, counted by all processes together."""

    def allow_request(self, request: Request, view: Any) -> bool:
        caller = caller_of(request)
        if caller is None:
            return False
        now = timezone.now()
        allowance = _allowances.take(key_id=caller.key_id, limit=caller.requests_per_minute, at=now)
        view.allowance = allowance
        if not allowance.granted:
            raise RateExceeded(retry_after=allowance.reset_seconds)
        return True


def caller_of(request: Request) -> Caller | None:
    """Who came with the request's key; None without one."""
    user: Any = request.user
    return user if isinstance(user, Caller) else None


def rate_headers(allowance: Allowance) -> dict[str, str]:
    """The structured fields of draft-ietf-httpapi-ratelimit-headers."""
    return {
        "RateLimit-Policy": f'"key";q={allowance.limit};w={WINDOW_SECONDS}',
        "RateLimit": f'"key";r={allowance.remaining};t={allowance.reset_seconds}',
    }
