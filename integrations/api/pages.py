"""The API's document and what explains it; open to everybody."""

from functools import lru_cache
from typing import Any

import msgspec
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views import View
from drf_spectacular.generators import SchemaGenerator
from rest_framework.views import APIView

from integrations.api.refusals import Refusal
from integrations.problems import KINDS


class SchemaView(View):
    """The OpenAPI document as JSON."""

    def get(self, _request: HttpRequest) -> HttpResponse:
        return HttpResponse(document(), "application/json", headers={"Cache-Control": "public, max-age=300"})


class DocsView(View):
    """The document as a page on which every call can be tried."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return render(request, "integrations/docs.html", {"base_url": settings.BASE_URL})


class ProblemView(View):
    """What a problem means and what to do: where `type` leads."""

    def get(self, request: HttpRequest, code: str) -> HttpResponse:
        kind = KINDS.get(code)
        if kind is None:
            raise Http404
        return render(request, "integrations/problem.html", {"kind": kind})


class UnknownView(APIView):
    """Answers at addresses that do not exist, whatever the method."""

    authentication_classes = ()
    permission_classes = ()

    def initial(self, *_: object, **__: object) -> None:
        raise Refusal("not_found", "There is no such address.")

    @property
    def default_response_headers(self) -> dict[str, str]:
        return {}


@lru_cache(maxsize=1)
def document() -> bytes:
    """The OpenAPI document; made once in a process, as it depends on nothing but the code and BASE_URL."""
    generator: Any = SchemaGenerator
    return msgspec.json.encode(generator().get_schema(request=None, public=True))
