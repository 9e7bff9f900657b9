"""The OpenAPI document: made from the types that validate and answer, so it can't say anything else."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Any

import django_filters
import msgspec
from drf_spectacular.extensions import OpenApiAuthenticationExtension, OpenApiSerializerExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import Direction, OpenApiParameter, OpenApiResponse

from integrations.api.lists import LARGEST_PAGE, PAGE, InstantFilter
from integrations.api.refusals import CONTENT_TYPE, Problem
from integrations.models import Scope
from integrations.problems import KINDS

# These have no types.
_new_component: Any = ResolvedComponent

_REFS = "#/components/schemas/{name}"
_SUCCESSES = ("200", "201", "202", "204")

# What can happen to any request, and what can happen to one with a body.
_ALWAYS = (401, 403, 406, 429, 503)
_WITH_BODY = (400, 409, 413, 415, 422)
_DESCRIBED = frozenset({404, *_ALWAYS, *_WITH_BODY})


class StructExtension(OpenApiSerializerExtension):  # type: ignore[no-untyped-call]  # the base has no types
    """msgspec's types as components, with everything they refer to."""

    target_class = "msgspec.Struct"
    match_subclasses = True

    def get_name(self, *_: Any, **__: Any) -> str:
        return str(self.target.__name__)

    def map_serializer(self, auto_schema: AutoSchema, *_: Any, **__: Any) -> dict[str, Any]:
        _, components = msgspec.json.schema_components([self.target], ref_template=_REFS)
        own: dict[str, Any] = components.pop(self.target.__name__)
        classes = {cls.__name__: cls for cls in _classes_in(msgspec.inspect.type_info(self.target))}
        for name, schema in components.items():
            component = _new_component(name, ResolvedComponent.SCHEMA, schema, classes[name])
            auto_schema.registry.register_on_missing(component)
        return own


def _classes_in(node: Any) -> Iterator[type]:
    """The objects and enumerations that a type is made of."""
    if isinstance(node, list | tuple):
        for item in node:
            yield from _classes_in(item)
    elif isinstance(node, msgspec.inspect.Type | msgspec.inspect.Field):
        cls = getattr(node, "cls", None)
        if isinstance(cls, type):
            yield cls
        for name in node.__struct_fields__:
            yield from _classes_in(getattr(node, name))


class KeyExtension(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]  # the base has no types
    """How a key is sent."""

    target_class = "integrations.api.access.KeyAuthentication"
    name = "key"

    def get_security_definition(self, *_: Any, **__: Any) -> dict[str, Any]:
        return {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key: `sk_live_…` for a live programme, `sk_test_…` for a sandbox.",
        }


class ApiSchema(AutoSchema):
    """Adds to every operation what all have in common: refusals, headers, and the scope it needs."""

    def get_operation(self, *args: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args)
        if operation is not None:
            scopes: dict[str, Scope] = getattr(self.view, "scopes", {})
            scope = scopes.get(self.method)
            needs = f"Needs the scope `{scope.value}`." if scope else "Any key may ask."
            if "requestBody" in operation:
                operation["requestBody"]["required"] = True
            operation["description"] += f"\n\n{needs}\n\n```sh\n{curl(self.method, self.path, operation)}\n```"
        return operation

    def _get_response_bodies(self, direction: Direction = "response") -> dict[str, Any]:
        bodies = super()._get_response_bodies(direction)
        for status in self._refusals():
            bodies[str(status)] = self._reference(status)
        return bodies

    def _refusals(self) -> set[int]:
        found = {*_ALWAYS, *getattr(self.view, "refusals", ())}
        if self.method in {"POST", "PUT", "PATCH"}:
            found.update(_WITH_BODY)
        elif self._takes_parameters():
            found.add(400)
        if "{" in self.path or self._is_list():
            found.add(404)
        return found

    def _takes_parameters(self) -> bool:
        return any(getattr(parameter, "location", "") == "query" for parameter in self.get_override_parameters())

    def _is_list(self) -> bool:
        return any(getattr(parameter, "name", "") == "cursor" for parameter in self.get_override_parameters())

    def _reference(self, status: int) -> dict[str, Any]:
        target: Any = Problem
        self.resolve_serializer(target, "response")
        return {"$ref": f"#/components/responses/{_name(status)}"}

    def _get_response_headers_for_code(self, status_code: str, direction: Direction = "response") -> dict[str, Any]:
        return super()._get_response_headers_for_code(status_code, direction) | _headers(status_code)


def describe_refusals(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """Postprocessing: every refusal, once, for the operations to refer to."""
    result["components"]["responses"] = {_name(status): _refusal(status) for status in sorted(_DESCRIBED)}
    return result


def _refusal(status: int) -> dict[str, Any]:
    codes = ", ".join(f"`{kind.code}`" for kind in KINDS.values() if kind.status == status)
    return {
        "description": f"{HTTPStatus(status).phrase}: {codes}.",
        "headers": _headers(str(status)),
        "content": {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


def _name(status: int) -> str:
    return "".join(word.title() for word in HTTPStatus(status).phrase.split())


def _headers(status: str) -> dict[str, Any]:
    texts = {"X-Request-ID": "The request's id in our logs."}
    if status in (*_SUCCESSES, "400", "404", "409", "422", "429"):
        texts |= {
            "RateLimit": 'What is left of the minute: `"key";r=5995;t=42`.',
            "RateLimit-Policy": 'The key\'s limit: `"key";q=6000;w=60`.',
        }
    if status in {"429", "503"}:
        texts["Retry-After"] = "Seconds to wait."
    if status == "401":
        texts["WWW-Authenticate"] = "Names the kind of key."
    return {name: {"description": text, "schema": {"type": "string"}} for name, text in texts.items()}


def curl(method: str, path: str, operation: dict[str, Any]) -> str:
    """The call as one command, with the operation's first example as its body."""
    parts = [f'curl -X {method} "$LAUREL{path}"' if method != "GET" else f'curl "$LAUREL{path}"']
    parts.append('-H "Authorization: Bearer $LAUREL_KEY"')
    if "requestBody" in operation:
        examples = operation["requestBody"]["content"]["application/json"].get("examples", {})
        body = next(iter(examples.values()))["value"] if examples else {}
        if method == "POST":
            parts.append('-H "Idempotency-Key: $(uuidgen)"')
        parts.append('-H "Content-Type: application/json"')
        parts.append(f"-d '{msgspec.json.format(msgspec.json.encode(body), indent=2).decode()}'")
    return " \\\n  ".join(parts)


def created_or_known(document: type[msgspec.Struct]) -> dict[int, OpenApiResponse]:
    """The answers of a write that is safe to repeat."""
    return {
        201: OpenApiResponse(document, "Done."),
        200: OpenApiResponse(document, "It was done before; this is the same answer."),
    }


def idempotent(*statuses: int, location: bool = True) -> list[OpenApiParameter]:
    """The request header of a write, and the headers of its answers."""
    where = OpenApiParameter(
        "Location", OpenApiTypes.URI_REF, OpenApiParameter.HEADER, response=statuses, description="Where to read it."
    )
    return [
        OpenApiParameter(
            "Idempotency-Key",
            {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]*$"},
            OpenApiParameter.HEADER,
            description=(
                "Your own unique text for this operation, such as a UUID. The same request under the same key gets the "
                "same answer, byte by byte, for seven days; another request under it is refused."
            ),
        ),
        OpenApiParameter(
            "Idempotency-Replayed",
            {"type": "string", "enum": ["true"]},
            OpenApiParameter.HEADER,
            response=statuses,
            description="Present when this is the stored answer of an earlier request.",
        ),
        *([where] if location else []),
    ]


def filters_of(filters: type[django_filters.FilterSet]) -> list[OpenApiParameter]:
    """The query parameters of a list: its filters, then the page."""
    return [_filter(name, field) for name, field in filters.base_filters.items()] + [
        OpenApiParameter(
            "limit",
            {"type": "integer", "minimum": 1, "maximum": LARGEST_PAGE, "default": PAGE},
            description="How many to a page.",
        ),
        OpenApiParameter(
            "cursor",
            {"type": "string", "minLength": 1},
            description="From the address in `next` or `previous`; not to be made up.",
        ),
    ]


def _filter(name: str, field: django_filters.Filter) -> OpenApiParameter:
    if isinstance(field, InstantFilter):
        return OpenApiParameter(name, OpenApiTypes.DATETIME)
    if isinstance(field, django_filters.ChoiceFilter):
        return OpenApiParameter(name, {"type": "string", "enum": [value for value, _ in field.extra["choices"]]})
    return OpenApiParameter(name, {"type": "string", "minLength": 1, "maxLength": field.extra["max_length"]})


def operations_only(endpoints: Sequence[tuple[str, str, str, Any]]) -> list[tuple[str, str, str, Any]]:
    """Leave out addresses that belong to no operation: the document, its pages, and everything unknown."""
    return [endpoint for endpoint in endpoints if endpoint[0].startswith("/api/v1/")]
