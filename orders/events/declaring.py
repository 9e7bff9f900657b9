"""Types of events: declared, added to, retired."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, transaction

from conditions.vocabulary import FieldType
from orders.events.builtin import RESERVED
from orders.events.errors import EventTypeExists, EventTypeInvalid
from orders.events.models import Event, EventType
from orders.events.types import KINDS, LONGEST_TEXT, Attribute, read_plain
from shops.models import Programme

MOST_ATTRIBUTES = 50
LONGEST_NAME = 80
_TYPE_KEY = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")
_ATTRIBUTE_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Said of every event beside its payload.
_SAID_OF_ALL = frozenset({"shop"})


def declare_type(
    *, programme: Programme, key: str, name: str, attributes: Iterable[Attribute] = (), by: str, at: datetime
) -> EventType:
    """
    Let a programme take events of a new type.

    :raises EventTypeInvalid: if its key is Laurel's own or it can't be read, with a pointer
    :raises EventTypeExists: if the programme has a type with this key
    """
    wanted = list(attributes)
    if len(key) > 60 or not _TYPE_KEY.fullmatch(key):
        raise EventTypeInvalid(
            pointer="/key", problem=key, expected="small letters, digits, - and _, in parts with dots"
        )
    if key.partition(".")[0] in RESERVED:
        expected = f"a key that does not begin with {', '.join(sorted(RESERVED))}: those are Laurel's own"
        raise EventTypeInvalid(pointer="/key", problem=key, expected=expected)
    _check_name(name)
    _check_attributes(wanted, kept=0)
    try:
        with transaction.atomic():
            return EventType.objects.create(
                programme=programme,
                key=key,
                name=name.strip(),
                attributes=msgspec.to_builtins(wanted),
                declared_at=at,
                declared_by=by,
            )
    except IntegrityError as clash:
        raise EventTypeExists(key=key) from clash


@transaction.atomic
def add_attribute(*, event_type: EventType, attribute: Attribute) -> EventType:
    """
    Let events of a type carry one thing more. Once events were sent it can't be required: who sends them does not
    know it.

    :raises EventTypeInvalid: if there is such an attribute or it makes no sense, with a pointer
    """
    row, known = _locked(event_type)
    if attribute.required and has_happened(event_type=row):
        pointer = f"/attributes/{len(known)}/required"
        raise EventTypeInvalid(
            pointer=pointer, problem="required", expected="a default or nothing: events come without it"
        )
    wanted = [*known, attribute]
    _check_attributes(wanted, kept=len(known))
    return _keep(row, wanted)


@transaction.atomic
def retire_attribute(*, event_type: EventType, key: str) -> EventType:
    """
    Keep new rules from an attribute; what events carry of it stays and may still be sent. Twice is once.

    :raises EventTypeInvalid: if there is no such attribute
    """
    row, known = _locked(event_type)
    if key not in {attribute.key for attribute in known}:
        expected = f"one of {', '.join(attribute.key for attribute in known)}"
        raise EventTypeInvalid(pointer="/attributes", problem=key, expected=expected)
    kept = [
        msgspec.structs.replace(attribute, retired=True) if attribute.key == key else attribute for attribute in known
    ]
    return _keep(row, kept)


@transaction.atomic
def retire_type(*, event_type: EventType, at: datetime) -> EventType:
    """Take no more events of a type; what is on record may be repeated. Twice is once."""
    row, _ = _locked(event_type)
    if row.retired_at is None:
        row.retired_at = at
        row.save(update_fields=["retired_at"])
    return row


def has_happened(*, event_type: EventType) -> bool:
    """Whether an event of a type is on record."""
    return Event.objects.filter(programme_id=event_type.programme_id, type=event_type.key).exists()


def attributes_of(event_type: EventType) -> list[Attribute]:
    """The attributes of a stored type."""
    return msgspec.convert(event_type.attributes, list[Attribute])


def _locked(event_type: EventType) -> tuple[EventType, list[Attribute]]:
    row = EventType.objects.select_for_update(no_key=True).get(pk=event_type.pk)
    return row, attributes_of(row)


def _keep(row: EventType, attributes: list[Attribute]) -> EventType:
    row.attributes = msgspec.to_builtins(attributes)
    row.save(update_fields=["attributes"])
    return row


def _check_name(name: str) -> None:
    if not 0 < len(name.strip()) <= LONGEST_NAME:
        raise EventTypeInvalid(pointer="/name", problem=name, expected=f"1 to {LONGEST_NAME} characters")


def _check_attributes(attributes: list[Attribute], *, kept: int) -> None:
    if len(attributes) > MOST_ATTRIBUTES:
        problem: Any = len(attributes)
        raise EventTypeInvalid(pointer="/attributes", problem=problem, expected=f"at most {MOST_ATTRIBUTES}")
    for index, attribute in enumerate(attributes[kept:], kept):
        others = {other.key for other in attributes[:index]}
        _check_attribute(attribute, f"/attributes/{index}", others | _SAID_OF_ALL)


def _check_attribute(attribute: Attribute, pointer: str, taken: Iterable[str]) -> None:
    if not _ATTRIBUTE_KEY.fullmatch(attribute.key) or attribute.key in taken:
        expected = "a key of its own: a small letter, then small letters, digits and _"
        raise EventTypeInvalid(pointer=f"{pointer}/key", problem=attribute.key, expected=expected)
    if attribute.type not in KINDS:
        expected = f"one of {', '.join(KINDS)}"
        raise EventTypeInvalid(pointer=f"{pointer}/type", problem=attribute.type, expected=expected)
    if len(str(attribute.label)) > LONGEST_TEXT:
        raise EventTypeInvalid(
            pointer=f"{pointer}/label", problem=attribute.label, expected=f"at most {LONGEST_TEXT} characters"
        )
    if attribute.default is None:
        return
    if attribute.required or attribute.type is FieldType.TEXTS:
        expected = "none: what is required is always there, and no text is a list too"
        raise EventTypeInvalid(pointer=f"{pointer}/default", problem=attribute.default, expected=expected)
    try:
        read_plain(attribute.type, attribute.default)
    except ValueError as error:
        raise EventTypeInvalid(pointer=f"{pointer}/default", problem=attribute.default, expected=str(error)) from error
