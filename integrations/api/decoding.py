"""JSON bodies read into typed values, every fault with its place."""

import re
from typing import Annotated, Any, TypeVar, get_args, get_origin

import msgspec

from integrations.api.refusals import Fault, Refusal

T = TypeVar("T")
LARGEST_BODY = 2**20
_MOST_FAULTS = 20
_PLACE = re.compile(r"^(?P<problem>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)


class BodyReader:
    """Reads bodies of one type; the fast path is one call of msgspec, the faults are collected only when it fails."""

    def __init__(self, type_: Any, *, largest: int = LARGEST_BODY) -> None:
        self._type = type_
        self._largest = largest
        self._decode = msgspec.json.Decoder(type_).decode

    def read(self, raw: bytes) -> Any:
        """
        The body as a value of the reader's type.

        :raises Refusal: `body_too_large`; `malformed` if it is not JSON; `invalid` with every fault if it does not fit
        """
        if len(raw) > self._largest:
            raise Refusal("body_too_large")
        try:
            return self._decode(raw)
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
            return self._read_slowly(raw)

    def _read_slowly(self, raw: bytes) -> Any:
        # The typed decoder stops at the first fault, so what comes behind it may not even be JSON.
        try:
            value = _with_integers(msgspec.json.decode(raw))
        except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
            raise Refusal("malformed", f"The body can't be read as JSON: {error}.") from None
        faults = _faults_in(value, self._type, "#")
        if faults:
            raise Refusal("invalid", faults=faults[:_MOST_FAULTS])
        return msgspec.convert(value, self._type)


def _with_integers(value: Any) -> Any:
    """To JSON Schema 2.0 is an integer, as some languages write it."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, list):
        return [_with_integers(item) for item in value]
    if isinstance(value, dict):
        return {name: _with_integers(item) for name, item in value.items()}
    return value


def _faults_in(value: Any, type_: Any, pointer: str) -> list[Fault]:
    problem = _problem(value, type_)
    if problem is None:
        return []
    bare = get_args(type_)[0] if get_origin(type_) is Annotated else type_
    if isinstance(value, dict) and (struct := _struct_in(bare)):
        inside = _faults_in_object(value, struct, pointer)
    elif isinstance(value, list) and get_origin(bare) is list:
        (item_type,) = get_args(bare)
        inside = [fault for no, item in enumerate(value) for fault in _faults_in(item, item_type, f"{pointer}/{no}")]
    elif isinstance(value, dict) and get_origin(bare) is dict:
        _, item_type = get_args(bare)
        inside = [fault for name, item in value.items() for fault in _faults_in(item, item_type, _below(pointer, name))]
    else:
        inside = []
    return inside or [_fault(problem, pointer)]


def _faults_in_object(value: dict[str, Any], struct: type[msgspec.Struct], pointer: str) -> list[Fault]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    unknown = [
        Fault(detail="There is no such field.", pointer=_below(pointer, name), expected=f"one of {', '.join(fields)}")
        for name in value
        if name not in fields
    ]
    missing = [
        Fault(detail="This field is missing.", pointer=_below(pointer, name))
        for name, field in fields.items()
        if field.required and name not in value
    ]
    wrong = [
        fault
        for name, item in value.items()
        if name in fields
        for fault in _faults_in(item, fields[name].type, _below(pointer, name))
    ]
    return missing + unknown + wrong


def _struct_in(type_: Any) -> type[msgspec.Struct] | None:
    """The object type of a field that is an object, an object or nothing, or an object or a text."""
    candidates = [type_, *get_args(type_)]
    return next((c for c in candidates if isinstance(c, type) and issubclass(c, msgspec.Struct)), None)


def _problem(value: Any, type_: Any) -> str | None:
    try:
        msgspec.convert(value, type_)
    except msgspec.ValidationError as error:
        return str(error)
    return None


def _fault(problem: str, pointer: str) -> Fault:
    match = _PLACE.match(problem)
    path = (match["path"] or "") if match else ""
    text = match["problem"] if match else problem
    below = path.removeprefix("$").replace("[", "/").replace("]", "").replace(".", "/")
    return Fault(detail=f"{text}.", pointer=pointer + below)


def _below(pointer: str, name: str) -> str:
    return f"{pointer}/{name.replace('~', '~0').replace('/', '~1')}"
