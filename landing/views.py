"""Public pages: what a programme gives, and the colours of its brand."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from landing import palette
from landing.offer import offer_of
from shops.queries import programme_on_show


@require_safe
def programme_page(request: HttpRequest, key: str | None = None) -> HttpResponse:
    """The page of one programme; without a key, of the one on show."""
    programme = programme_on_show(key)
    if programme is None and key is not None:
        raise Http404
    if programme is None:
        return render(request, "landing/nothing_yet.html")
    offer = offer_of(programme, at=timezone.now())
    return render(request, "landing/programme.html", {"programme": programme, "offer": offer})


@require_safe
@cache_control(public=True, max_age=86_400)
def brand(request: HttpRequest, colour: str) -> HttpResponse:
    """The brand's custom properties for both schemes; a sheet of its own, as pages may not set styles in line."""
    schemes = {"light": palette.light(f"#{colour}"), "dark": palette.dark(f"#{colour}")}
    return render(request, "landing/brand.css", schemes, content_type="text/css")
