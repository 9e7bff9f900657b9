"""Which programme a customer is dealing with: the one of the link they followed, until they follow another."""

from django.http import HttpRequest

from shops.models import Programme
from shops.queries import programme_on_show

_KEY = "programme"


def asked_programme(request: HttpRequest) -> Programme | None:
    """The programme that `?programme=` names, now or earlier in this session."""
    asked = request.GET.get(_KEY)
    if asked and (programme := programme_on_show(asked)):
        request.session[_KEY] = programme.key
        return programme
    remembered = request.session.get(_KEY)
    return programme_on_show(remembered) if remembered else None


def chosen_programme(request: HttpRequest) -> Programme | None:
    """`asked_programme`, else the one on show. Nothing if the installation has none."""
    return asked_programme(request) or programme_on_show()
