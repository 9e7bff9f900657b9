"""What clients send about events."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from integrations.api.bodies import Customer, Instant, Reading, Reference, Source, customer_of
from integrations.api.refusals import Fault, Refusal
from orders.events.builtin import OURS
from orders.events.facts import EventDraft

MOST_EVENTS = 500

# Without a pattern: msgspec 0.22 crashes on one that stands twice in a union. What is no line of text the type refuses.
PayloadText = Annotated[str, Meta(max_length=500)]
PayloadNumber = Annotated[int, Meta(ge=-(10**15), le=10**15)]
Payload = Annotated[
    dict[
        Annotated[str, Meta(max_length=40)],
        bool | PayloadNumber | PayloadText | Annotated[list[PayloadText], Meta(max_length=50)] | None,
    ],
    Meta(
        max_length=50,
        description=(
            "What the type declares: texts, whole numbers, true or false, dates such as `2026-12-24`, lists of texts; "
            "money and quantities as decimal strings. What is left out or null is read as the attribute's default."
        ),
    ),
]


class EventBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """
    Something that a customer did. `type` and `payload` are what your programme declared at the desk. Without a customer
    it earns nothing.
    """

    type: Annotated[
        str,
        Meta(
            min_length=1,
            max_length=60,
            pattern=r"^[a-z0-9._-]*$(?!\n)",
            description="The key of a type that your programme declared.",
            examples=["checkin"],
        ),
    ]
    source: Source
    reference: Reference
    occurred_at: Instant
    customer: Customer = None
    payload: Payload = {}
    shop: Annotated[
        str,
        Meta(max_length=40, pattern=r"^[A-Za-z0-9_-]*$(?!\n)", description="The code of a shop.", examples=["berlin"]),
    ] = ""


class EventsBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Many events; each is answered by itself."""

    events: Annotated[list[EventBody], Meta(min_length=1, max_length=MOST_EVENTS)]


def event_draft(body: EventBody) -> EventDraft:
    """
    The event in UTC.

    :raises Refusal: `event_invalid`, for a time that no calendar knows, or a source that is Laurel's own
    """
    reading = Reading(0)
    if body.source == OURS:
        expected = "the name of your own system"
        reading.faults.append(Fault(f"Got {OURS}, expected {expected}.", pointer="#/source", expected=expected))
    customer_source, customer = customer_of(body.customer)
    payload: dict[str, Any] = dict(body.payload)
    draft = EventDraft(
        type=body.type,
        source=body.source,
        reference=body.reference,
        occurred_at=reading.instant(body.occurred_at, "/occurred_at"),
        payload=payload,
        customer_source=customer_source,
        customer=customer,
        shop_code=body.shop,
    )
    reading.refuse("event_invalid")
    return draft


def each_draft(body: EventsBody) -> list[EventDraft | Refusal]:
    """Every event of a batch, or why it can't be one."""
    found: list[EventDraft | Refusal] = []
    for one in body.events:
        try:
            found.append(event_draft(one))
        except Refusal as refusal:
            found.append(refusal)
    return found
