"""Every refusal as a problem document (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
import structlog
from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from rest_framework import exceptions

from integrations.problems import kind_of
from kernel.amounts import format_minor
from kernel.errors import DomainError
from orders.errors import ReturnExceedsSale
from orders.facts import format_quantity

logger = logging.getLogger(__name__)

CONTENT_TYPE = "application/problem+json"
CHALLENGE = 'Bearer realm="Laurel API"'
_RETRY_SECONDS = 1
_CODES: dict[type[Exception], str] = {
    exceptions.NotAuthenticated: "key_missing",
    exceptions.AuthenticationFailed: "key_invalid",
    exceptions.PermissionDenied: "scope_missing",
    exceptions.NotFound: "not_found",
    exceptions.MethodNotAllowed: "method_not_allowed",
    exceptions.NotAcceptable: "not_acceptable",
    exceptions.UnsupportedMediaType: "unsupported_media_type",
    exceptions.ValidationError: "invalid",
    exceptions.ParseError: "malformed",
    Http404: "not_found",
    PermissionDenied: "scope_missing",
    RequestDataTooBig: "body_too_large",
    OperationalError: "unavailable",
    InterfaceError: "unavailable",
}
_encode = msgspec.json.Encoder(enc_hook=str).encode


class Fault(msgspec.Struct, frozen=True, omit_defaults=True):
    """One place that is wrong: a JSON pointer into the body, or a parameter or header, and what was expected there."""

    detail: str
    pointer: str = ""
    parameter: str = ""
    header: str = ""
    expected: str = ""


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """
    Why a request was refused (RFC 9457).

    `code` is stable and `type` leads to a page that explains it; `facts` holds the numbers and names of this case.
    """

    type: str
    title: str
    status: int
    code: str
    detail: str
    instance: str
    request_id: str
    errors: list[Fault] = []
    facts: dict[str, Any] = {}


class Refusal(Exception):
    """A refusal of the API itself, by the code of its kind."""

    def __init__(
        self,
        code: str,
        detail: str = "",
        *,
        faults: Sequence[Fault] = (),
        facts: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail
        self.faults = list(faults)
        self.facts = dict(facts or {})
        self.headers = dict(headers or {})


def handle(error: Exception, context: Mapping[str, Any]) -> HttpResponse:
    """Django REST framework's exception handler: an answer for whatever a view raised."""
    request = context["request"]
    decimals = getattr(context.get("view"), "decimals", 2)
    return answer(translate(error, request, decimals=decimals), request)


def answer(refusal: Refusal, request: HttpRequest) -> HttpResponse:
    """The HTTP answer for a refusal."""
    kind = kind_of(refusal.code)
    problem = Problem(
        type=f"{settings.BASE_URL}/api/problems/{kind.code}",
        title=kind.title,
        status=kind.status,
        code=kind.code if kind.code != "refused" else refusal.code,
        detail=refusal.detail or (refusal.faults[0].detail if refusal.faults else kind.meaning),
        instance=request.path,
        request_id=structlog.contextvars.get_contextvars().get("request_id", ""),
        errors=refusal.faults,
        facts=refusal.facts,
    )
    headers = {"WWW-Authenticate": CHALLENGE} if kind.status == 401 else {}
    if kind.code in {"unavailable", "operation_in_progress"}:
        headers["Retry-After"] = str(_RETRY_SECONDS)
    return HttpResponse(_encode(problem), CONTENT_TYPE, kind.status, headers=headers | refusal.headers)


def translate(error: Exception, request: HttpRequest, *, decimals: int = 2) -> Refusal:
    """
    The refusal that an exception means; a surprise is logged and becomes `internal`.

    :param decimals: of the currency in which amounts are shown
    """
    if isinstance(error, Refusal):
        return error
    if isinstance(error, DomainError):
        return refusal_of(error, decimals)
    code = next((code for kind, code in _CODES.items() if isinstance(error, kind)), "")
    if not code:
        logger.error("A request failed", exc_info=error)
        got_request_exception.send(sender=None, request=request)
        return Refusal("internal")
    if code == "unavailable":
        logger.warning("The database did not answer: %s", error)
    if isinstance(error, exceptions.ValidationError):
        return Refusal(code, faults=_faults(error.detail))
    said = str(error.detail) if isinstance(error, exceptions.MethodNotAllowed | exceptions.UnsupportedMediaType) else ""
    return Refusal(code, said)


def refusal_of(error: DomainError, decimals: int) -> Refusal:
    """What a room's refusal says outside; amounts are shown with `decimals` places."""
    facts: dict[str, Any] = dict(error.facts)
    if "pointer" in facts and "expected" in facts:
        fault = _fault(facts, decimals)
        return Refusal(error.code, fault.detail, faults=[fault])
    if isinstance(error, ReturnExceedsSale):
        facts |= {name: format_quantity(facts[name]) for name in ("sold", "returned", "asked")}
    headers = {"Retry-After": str(facts["retry_after"])} if "retry_after" in facts else {}
    return Refusal(error.code, facts=facts, headers=headers)


def _fault(facts: Mapping[str, Any], decimals: int) -> Fault:
    """Numbers inside are minor units or thousandths; outside they look as they were sent."""
    is_quantity = str(facts["pointer"]).endswith("/quantity")

    def shown(value: Any) -> str:
        if not isinstance(value, int):
            return str(value)
        return format_quantity(value) if is_quantity else format_minor(value, decimals=decimals)

    expected = str(facts["expected"]) + (f" {shown(facts['bound'])}" if "bound" in facts else "")
    return Fault(f"Got {shown(facts.get('problem'))}, expected {expected}.", f"#{facts['pointer']}", expected=expected)


def _faults(detail: Any) -> list[Fault]:
    """DRF names parameters by key: `{"limit": ["..."]}`."""
    if not isinstance(detail, dict):
        return [Fault(detail=str(item)) for item in detail]
    return [Fault(detail=str(message), parameter=name) for name, messages in detail.items() for message in messages]
