"""Coming in: signing in, choosing the shop once, handing the till on."""

from typing import cast

from django.contrib.auth import login, logout
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from counter.forms import EnrolForm, SignInForm
from counter.shift import Shift, at_till, enrolled_device, forget_device, remember_device, show
from shops import services as shops
from shops.models import User
from shops.policy import Act, shops_for

SIGNED_IN_FOR = 12 * 60 * 60
BACKEND = "django.contrib.auth.backends.ModelBackend"


@never_cache
@csrf_protect
@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Address and password; the device may be known already, the person is asked at every shift."""
    device = enrolled_device(request)
    form = SignInForm(request, device, *([request.POST] if request.method == "POST" else []))
    if form.is_bound and form.is_valid() and form.user is not None:
        login(request, form.user, backend=BACKEND)
        request.session.set_expiry(SIGNED_IN_FOR)
        return redirect("counter:scan")
    programme = device.shop.programme if device else None
    context = {"form": form, "device": device, "programme": programme}
    return render(request, "counter/sign_in.html", context, status=422 if form.errors else 200)


@login_required(login_url="counter:sign_in")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Choose the shop this device is used in: once, until it is moved or signed off."""
    user = cast("User", request.user)
    places = shops_for(user, Act.SERVE_AT_COUNTER).select_related("programme").order_by("name", "pk")
    form = EnrolForm(places, request.POST or None)
    if form.is_valid():
        before = enrolled_device(request)
        _device, secret = shops.enrol_device(
            shop=form.cleaned_data["shop"], name=form.cleaned_data["name"], by=user, at=timezone.now()
        )
        if before is not None:
            shops.revoke_device(device=before, at=timezone.now())
        response = redirect("counter:scan")
        remember_device(response, secret)
        return response
    device = enrolled_device(request)
    is_strange = device is not None and device.shop not in places
    context = {"form": form, "places": places, "strange_device": device if is_strange else None}
    return render(request, "counter/enrol.html", context, status=422 if form.errors else 200)


@require_safe
@at_till
def till(request: HttpRequest, shift: Shift) -> HttpResponse:
    """Who serves where on this device, and how to change that."""
    return show(request, shift, "counter/till.html", {"tab": "till"})


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End of the shift: the device stays the shop's, the next person signs in."""
    logout(request)
    return redirect("counter:sign_in")


@require_POST
@at_till
def leave(_request: HttpRequest, shift: Shift) -> HttpResponse:
    """Take the device out of the shop."""
    shops.revoke_device(device=shift.till.device, at=shift.at)
    response = redirect("counter:enrol")
    forget_device(response)
    return response
