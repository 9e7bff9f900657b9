"""Refusals that no view of the API could give: what happens before and around them, as problems too."""

from django.http import HttpRequest, HttpResponse
from django.views import defaults

from integrations.api.refusals import Refusal, answer

_PREFIX = "/api/"


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """`handler400`: a Host nobody allowed, a header nobody can read."""
    if request.path.startswith(_PREFIX):
        return answer(Refusal("malformed", "The request can't be read."), request)
    return defaults.bad_request(request, exception)


def server_error(request: HttpRequest) -> HttpResponse:
    """`handler500`."""
    if request.path.startswith(_PREFIX):
        return answer(Refusal("internal"), request)
    return defaults.server_error(request)
