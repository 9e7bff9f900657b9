"""What a page may load and run: strict everywhere, relaxed for the admin alone."""

from collections.abc import Callable
from typing import Any

from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpRequest, HttpResponse

STRICT: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF, NONCE],
    "style-src": [SELF, NONCE],
    "img-src": [SELF, "data:", "blob:"],
    "font-src": [SELF],
    "connect-src": [SELF],
    "media-src": [SELF, "blob:"],
    "worker-src": [SELF],
    "manifest-src": [SELF],
    "form-action": [SELF],
    "base-uri": [NONE],
    "object-src": [NONE],
    "frame-ancestors": [NONE],
}

# The admin theme evaluates expressions written in attributes and sets styles in line. A nonce would switch
# 'unsafe-inline' off, so there is none.
ADMIN: dict[str, Any] = {
    **STRICT,
    "script-src": [SELF, UNSAFE_INLINE, UNSAFE_EVAL],
    "style-src": [SELF, UNSAFE_INLINE],
}

PERMISSIONS_POLICY = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"


class PagePolicyMiddleware:
    """Gives the admin its own policy; has to stand directly below CSPMiddleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path.startswith("/admin/"):
            # The name django-csp's own decorators use to hand a page's policy to its middleware.
            response._csp_config = ADMIN  # type: ignore[attr-defined]  # noqa: SLF001
        response.headers.setdefault("Permissions-Policy", PERMISSIONS_POLICY)
        return response


def nonce(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the page's nonce, under the name that `{% htmx_script %}` looks for."""
    return {"csp_nonce": getattr(request, "csp_nonce", "")}
