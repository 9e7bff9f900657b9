"""Who serves where: a browser enrolled as a device of a shop, and the person signed in at it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any, Concatenate, ParamSpec, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django_htmx.http import HttpResponseClientRedirect

from members.visits import Till
from shops import services as shops
from shops.models import Device, Shop
from shops.policy import Act, may

# Browsers keep no cookie longer than this.
ENROLLED_FOR = timedelta(days=400)

Args = ParamSpec("Args")


@dataclass(frozen=True, slots=True)
class Shift:
    """The till a request comes from and the one clock reading of the request."""

    till: Till
    at: datetime

    @property
    def shop(self) -> Shop:
        return self.till.shop


def at_till(
    view: Callable[Concatenate[HttpRequest, Shift, Args], HttpResponse],
) -> Callable[Concatenate[HttpRequest, Args], HttpResponse]:
    """
    Let staff of the device's shop in, as `Shift`, asked anew on every request; send others to where they become it.

    Times are shown in the shop's zone. Nobody's cache keeps such a page.
    """

    @never_cache
    @wraps(view)
    def guarded(request: HttpRequest, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not request.user.is_authenticated:
            return _go(request, redirect_to_login(resolve_url("counter:scan"), resolve_url("counter:sign_in")).url)
        device = enrolled_device(request)
        if device is None:
            return _unknown_device(request)
        if not may(request.user, Act.SERVE_AT_COUNTER, device.shop.programme, device.shop):
            return _go(request, resolve_url("counter:enrol"))
        with timezone.override(zone_of(device.shop)):
            return view(request, Shift(Till(device, request.user), timezone.now()), *args, **kwargs)

    return cast("Callable[Concatenate[HttpRequest, Args], HttpResponse]", guarded)


def show(
    request: HttpRequest, shift: Shift, template: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """Render a step of the counter: as a whole page, or only its stage when the page around it is there already."""
    has_page = _by_htmx(request) and "HX-History-Restore-Request" not in request.headers
    shared = {
        "frame": "counter/part.html" if has_page else "counter/frame.html",
        "shift": shift,
        "programme": shift.till.programme,
    }
    response = render(request, template, {**shared, **context}, status=status)
    if status != HTTPStatus.OK:
        # A refusal has no address to come back to: it stands where a form was sent.
        response["HX-Push-Url"] = "false"
    return response


def enrolled_device(request: HttpRequest) -> Device | None:
    """The device this browser was enrolled as, unless it was revoked."""
    secret = request.COOKIES.get(cookie_name())
    return shops.known_device(secret) if secret else None


def remember_device(response: HttpResponse, secret: str) -> None:
    response.set_cookie(
        cookie_name(),
        secret,
        max_age=ENROLLED_FOR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )


def forget_device(response: HttpResponse) -> None:
    response.delete_cookie(cookie_name(), samesite="Strict")


def cookie_name() -> str:
    return "__Host-till" if settings.SESSION_COOKIE_SECURE else "till"


def zone_of(shop: Shop) -> ZoneInfo:
    return ZoneInfo(shop.time_zone) if shop.time_zone else shop.programme.zone


def _unknown_device(request: HttpRequest) -> HttpResponse:
    """A browser never enrolled may be; one that was revoked, as a lost phone is, asks for the password first."""
    if not request.COOKIES.get(cookie_name()):
        return _go(request, resolve_url("counter:enrol"))
    logout(request)
    messages.warning(request, _("This device was signed off. Sign in to use it again."))
    response = _go(request, resolve_url("counter:sign_in"))
    forget_device(response)
    return response


def _go(request: HttpRequest, address: str) -> HttpResponse:
    return HttpResponseClientRedirect(address) if _by_htmx(request) else redirect(address)


def _by_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
