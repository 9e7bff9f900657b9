"""What all views of the API share."""

from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from typing import Any, ClassVar

import msgspec
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request
from rest_framework.views import APIView

from integrations.api.access import HasScope, KeyAuthentication, PerKey, caller_of, rate_headers
from integrations.api.decoding import BodyReader
from integrations.api.refusals import Fault, Refusal
from integrations.models import Scope
from integrations.services import answers
from integrations.services.allowance import Allowance
from integrations.services.answers import Answer
from integrations.services.keys import Caller, insisting_on, refused_when_revoked
from roundtrips import Change, settle

CONTENT_TYPE = "application/json"
LONGEST_IDEMPOTENCY_KEY = 255
encode = msgspec.json.Encoder().encode


class ApiView(APIView):
    """
    A view that machines with a key call.

    `scopes` says what each method asks for, `refusals` which statuses it may answer that others don't; `planned` are
    the methods that write by `once_by_plan`; `decimals` are those of the currency of the caller's programme.
    """

    authentication_classes = (KeyAuthentication,)
    permission_classes = (HasScope,)
    throttle_classes = (PerKey,)
    http_method_names = ["get", "head", "post", "put", "patch", "delete"]
    scopes: ClassVar[dict[str, Scope]] = {}
    refusals: ClassVar[frozenset[int]] = frozenset()
    planned: ClassVar[frozenset[str]] = frozenset()
    allowance: Allowance | None = None
    decimals = 2

    def get_authenticators(self) -> list[BaseAuthentication]:
        # While the document of the API is made there is no request.
        method = getattr(self.request, "method", None)
        return [KeyAuthentication(remembering=method in self.planned)]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        self.decimals = self.caller.programme.currency_decimals

    @property
    def caller(self) -> Caller:
        caller = caller_of(self.request)
        if caller is None:
            raise TypeError("the view let somebody in without a key")
        return caller

    def read_body(self, reader: BodyReader) -> Any:
        """The request's JSON body as `reader` reads it."""
        request = self.request._request  # noqa: SLF001  # DRF's wrapper would parse the body a second time
        if request.content_type != CONTENT_TYPE:
            raise Refusal("unsupported_media_type", f"Got {request.content_type or 'no Content-Type'}.")
        return reader.read(request.body)

    def once(self, operation: str, body: msgspec.Struct, act: Callable[[], Answer]) -> HttpResponse:
        """Do what was asked, once for each Idempotency-Key; without one, the body's own reference protects."""
        request = self._idempotent_request(operation, body)
        if request is None:
            return respond(act())
        return replayable(*answers.answer_once(request=request, act=act))

    def once_by_plan(
        self, operation: str, body: msgspec.Struct, plan: Callable[[], tuple[Answer, Sequence[Change]]]
    ) -> HttpResponse:
        """Like `once`, for what is planned first and then written with its answer by one statement."""
        request = self._idempotent_request(operation, body)

        def insisting() -> tuple[Answer, Sequence[Change]]:
            answer, changes = plan()
            return answer, [insisting_on(self.caller), *changes]

        with refused_when_revoked():
            if request is None:
                return respond(settle(insisting))
            return replayable(*answers.answer_by_plan(request=request, plan=insisting))

    def _idempotent_request(self, operation: str, body: msgspec.Struct) -> answers.Request | None:
        key = self.request.META.get("HTTP_IDEMPOTENCY_KEY")
        if key is None:
            return None
        check_idempotency_key(key)
        fingerprint = sha256(operation.encode() + b"\n" + encode(body)).digest()
        return answers.Request(self.caller.key_id, key, fingerprint)

    def now(self) -> datetime:
        return timezone.now()

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if self.allowance is not None:
            for name, value in rate_headers(self.allowance).items():
                response.headers[name] = value
        response.headers.setdefault("Cache-Control", "no-store")
        return super().finalize_response(request, response, *args, **kwargs)


def is_idempotency_key(key: str) -> bool:
    """Whether a key is 1 to 255 visible ASCII characters."""
    return 0 < len(key) <= LONGEST_IDEMPOTENCY_KEY and key.isascii() and key.isprintable() and " " not in key


def check_idempotency_key(key: str) -> None:
    """:raises Refusal: `invalid`, if the key can't be used"""
    if not is_idempotency_key(key):
        expected = f"1 to {LONGEST_IDEMPOTENCY_KEY} visible ASCII characters"
        raise Refusal("invalid", faults=[Fault("The key can't be used.", header="Idempotency-Key", expected=expected)])


def respond(answer: Answer) -> HttpResponse:
    """A success as an HTTP answer."""
    headers = {"Location": answer.location} if answer.location else None
    return HttpResponse(answer.body, CONTENT_TYPE, answer.status, headers=headers)


def replayable(answer: Answer, replayed: bool) -> HttpResponse:  # noqa: FBT001  # as `answers` gives it
    """A success as an HTTP answer, which says whether it was given before."""
    response = respond(answer)
    if replayed:
        response.headers["Idempotency-Replayed"] = "true"
    return response


def found(value: msgspec.Struct) -> HttpResponse:
    """A 200 with `value` as its body."""
    return HttpResponse(encode(value), CONTENT_TYPE)
