"""What is answered about events and their types."""

from collections.abc import Mapping
from typing import Any

import msgspec

from campaigns.answers import AcceptedEvent
from integrations.api.documents.orders import EarnedDocument, RejectedDocument, earned_documents, rejected_documents
from integrations.api.documents.values import SafeInteger
from integrations.api.refusals import Fault, Refusal
from integrations.problems import kind_of
from orders.events.types import DeclaredType, outside
from shops.models import Programme


class EventAnswer(msgspec.Struct, frozen=True):
    """
    What became of an event: what was earned and why, and what was not and why not. `member` is null for a guest.

    `defaults` names the attributes that the payload did not carry, with what they are read as now.
    """

    id: SafeInteger
    type: str
    source: str
    reference: str
    member: str | None
    defaults: dict[str, Any]
    earned: list[EarnedDocument]
    rejected: list[RejectedDocument]


class RefusedEvent(msgspec.Struct, frozen=True):
    """Why an event of a batch was refused, as the problem document of a single one says it."""

    code: str
    detail: str
    errors: list[Fault]


class EventResult(msgspec.Struct, frozen=True):
    """What became of one event of a batch: `status` is what it would have been answered with by itself."""

    status: SafeInteger
    event: EventAnswer | None
    problem: RefusedEvent | None


class EventResults(msgspec.Struct, frozen=True):
    """A result for each event, in the sequence of the request."""

    results: list[EventResult]


class AttributeDocument(msgspec.Struct, frozen=True):
    """
    One value that events of a type may carry, under `name`. `default` is what is read where it is left out; null is
    nothing.
    """

    name: str
    kind: str
    label: str
    required: bool
    default: Any
    retired: bool


class EventTypeDocument(msgspec.Struct, frozen=True):
    """
    A type of events. `built_in` ones Laurel notices itself and takes from nobody; a retired one takes no more events.
    """

    type: str
    label: str
    built_in: bool
    retired: bool
    attributes: list[AttributeDocument]


class EventTypes(msgspec.Struct, frozen=True):
    """All types that campaigns may wait for."""

    results: list[EventTypeDocument]


def event_answer(
    accepted: AcceptedEvent, declared: DeclaredType, payload: Mapping[str, Any], programme: Programme
) -> EventAnswer:
    """The answer to `POST /events`; the same for the first time and for every repeat."""
    return EventAnswer(
        id=accepted.event_id,
        type=accepted.type,
        source=accepted.source,
        reference=accepted.reference,
        member=accepted.member_number,
        defaults={
            attribute.key: outside(attribute.type, attribute.default, decimals=programme.currency_decimals)
            for attribute in declared.attributes
            if attribute.default is not None and not attribute.retired and payload.get(attribute.key) is None
        },
        earned=earned_documents(accepted.earned, programme, about=declared),
        rejected=rejected_documents(accepted.decision.rejections, programme, about=declared),
    )


def refused(refusal: Refusal, index: int) -> EventResult:
    """A refusal inside a batch; its places are those of the whole body."""
    kind = kind_of(refusal.code)
    faults = [
        msgspec.structs.replace(fault, pointer=f"#/events/{index}{fault.pointer.removeprefix('#')}")
        for fault in refusal.faults
    ]
    problem = RefusedEvent(kind.code, refusal.detail or kind.meaning, faults)
    return EventResult(kind.status, None, problem)


def event_type_document(declared: DeclaredType, *, built_in: bool, decimals: int) -> EventTypeDocument:
    """A type as it is declared now."""
    return EventTypeDocument(
        type=declared.key,
        label=str(declared.name),
        built_in=built_in,
        retired=declared.retired,
        attributes=[
            AttributeDocument(
                name=attribute.key,
                kind=attribute.type.value,
                label=str(attribute.label),
                required=attribute.required,
                default=outside(attribute.type, attribute.default, decimals=decimals),
                retired=attribute.retired,
            )
            for attribute in declared.attributes
        ],
    )
